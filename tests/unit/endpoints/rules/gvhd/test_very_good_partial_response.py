"""Very good partial response: each organ, what is missing, and what came before."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from tests.unit.endpoints.rules.gvhd.staged import bounded, clear, outcome, patient, scored

from stromal.endpoints.rules.gvhd.very_good_partial_response import VeryGoodResponseParameters

RULE = "very_good_partial_response"
YES, NO = "VGPR", "no VGPR"
GOOD = {
    "bullae": "no",
    "eating_or_enteral": "yes",
    "mostly_formed_stools": "yes",
    "overt_bleeding_or_cramps": "no",
    "more_than_occasional_nausea": "no",
}


def judged(surface=10, bilirubin=1.2, before=6.0, events=(), day=28, **changes):
    signs = {item: value for item, value in {**GOOD, **changes}.items() if value}
    rows = scored("vgpr_signs", day, **signs)
    if surface is not None:
        rows += scored("acute_gvhd_signs", day, skin_bsa=surface)
    values = [
        (on, "bilirubin", value, "mg/dL")
        for on, value in ((day, bilirubin), (0, before))
        if value is not None
    ]
    return outcome(patient(rows, events, values), RULE)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (YES, 1, 1)),
        ({"surface": 25}, (NO, 0, 0)),
        ({"surface": 24.9}, (YES, 1, 1)),
        ({"surface": 0, "bullae": None}, (YES, 1, 1)),
        ({"bullae": "yes"}, (NO, 0, 0)),
        ({"surface": None, "bullae": "yes"}, (NO, 0, 0)),
        ({"bilirubin": 2.0}, (NO, 0, 0)),
        ({"bilirubin": 2.4, "before": 10.0}, (YES, 1, 1)),
        ({"bilirubin": 2.5, "before": 10.0}, (NO, 0, 0)),
        ({"bilirubin": 2.4, "before": None}, (None, 0, 1)),
        ({"bilirubin": 1.9, "before": None}, (YES, 1, 1)),
        ({"bilirubin": "<2.4", "before": 8.0}, (None, 0, 1)),
        ({"bilirubin": 2.4, "before": ">10"}, (YES, 1, 1)),
        ({"bilirubin": 2.4, "before": "<9"}, (NO, 0, 0)),
        ({"eating_or_enteral": "no"}, (NO, 0, 0)),
        ({"mostly_formed_stools": None}, (None, 0, 1)),
        ({"mostly_formed_stools": None, "bilirubin": 5.0}, (NO, 0, 0)),
        ({"surface": None}, (None, 0, 1)),
    ],
)
def test_every_organ_must_meet_it(changes, expected):
    assert bounded(judged(**changes)) == expected


def test_reasons_say_what_denies_it_and_what_is_missing():
    assert judged()["reason"] == (
        "erythema on 10 % of body surface, bilirubin 1.2 mg/dL, 6 mg/dL at baseline, "
        "no sign against it"
    )
    assert judged(surface=30, bilirubin=2.1, bullae="yes")["reason"] == (
        "erythema on 30 % of body surface, bullae: yes, bilirubin 2.1 mg/dL, 6 mg/dL at baseline"
    )
    assert judged(bilirubin=None, surface=None)["reason"] == (
        "not assessed from day 25 to day 31: surface with erythema, bilirubin"
    )


def test_death_and_treatment_before_the_assessment_rule_it_out():
    assert judged(events=[(20, "systemic_gvhd_treatment")])["label"] == NO
    died = judged(day=9, events=[(20, "death")])
    assert (died["label"], died["reason"]) == (NO, "died on day 20 before the assessment")
    assert bounded(judged(events=[(None, "systemic_gvhd_treatment")])) == (None, 0, 1)


def test_a_missing_assessment_is_no_outcome_or_no_response():
    assert bounded(judged(day=40)) == (None, 0, 1)
    rows = scored("vgpr_signs", 40, **GOOD)
    row = outcome(patient(rows), RULE, missing="no response")
    assert bounded(row) == (NO, 0, 1)


def test_signs_can_be_taken_as_absent():
    rows = [*scored("acute_gvhd_signs", 28, skin_bsa=10)]
    known = patient(rows, values=[(28, "bilirubin", 1.0, "mg/dL")])
    assert outcome(known, RULE)["label"] is None
    assert outcome(known, RULE, unrecorded_signs="absent")["label"] == YES


def test_who_was_not_involved_has_no_response():
    rows = [*clear(0), *scored("vgpr_signs", 28, **GOOD)]
    row = outcome(patient(rows), RULE)
    assert (row["label"], row["reason"]) == (None, "no organ involved at baseline")


def test_the_assessment_lies_after_the_baseline():
    with pytest.raises(ValidationError, match="not after that of `baseline`"):
        VeryGoodResponseParameters.model_validate({"window": {"day": 0}})
