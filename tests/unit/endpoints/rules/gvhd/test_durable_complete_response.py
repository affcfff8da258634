"""Durable complete response: how long, from when, and what incomplete records leave open."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.rules.gvhd.staged import bounded, clear, organs, outcome, patient, scored

RULE = "durable_complete_response"
YES, NO = "durable CR", "no durable CR"


def response(days, events=(), **parameters):
    """Skin stage 2 on day 0; on other days complete where true."""
    rows = [row for day, cr in days.items() for row in clear(day, skin=0 if cr else 2)]
    return outcome(patient([*clear(0, skin=2), *rows], events), RULE, **parameters)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ({14: True, 28: True, 42: True}, (YES, 1, 1)),
        ({14: True, 28: True, 41: True, 50: False}, (NO, 0, 0)),
        ({14: True, 28: False, 42: True, 60: True}, (NO, 0, 1)),
        ({14: True, 28: False, 42: True, 70: True}, (YES, 1, 1)),
        ({14: False, 28: False}, (NO, 0, 0)),
        ({101: True, 140: True}, (NO, 0, 0)),
        ({100: True, 128: True}, (YES, 1, 1)),
    ],
)
def test_the_response_lasts_from_its_first_to_its_last_assessment(days, expected):
    assert bounded(response(days)) == expected


def test_reasons_name_days():
    assert response({14: True, 42: True})["reason"] == (
        "complete response from day 14 to day 42, 28 days"
    )
    assert response({14: True, 28: False, 42: True, 60: True})["reason"] == (
        "complete response from day 42 to day 60, 18 days, under 28, "
        "still going on at the last assessment"
    )
    assert response({14: True, 42: True})["day"] == 14
    assert response({14: False})["reason"] == "no complete response that began by day 100"


def test_additional_treatment_and_death_end_it():
    treated = response({14: True, 28: True, 42: True}, [(28, "systemic_gvhd_treatment")])
    assert bounded(treated) == (NO, 0, 0)
    died = response({14: True, 28: True}, [(35, "death")])
    assert bounded(died) == (NO, 0, 0)
    undated = response({14: True, 42: True}, [(None, "systemic_gvhd_treatment")])
    assert bounded(undated) == (None, 0, 1)


def test_an_incomplete_assessment_leaves_the_response_open():
    rows = [*clear(0, skin=2), *clear(14), *organs(28, skin=0, liver=0), *clear(42)]
    row = outcome(patient(rows), RULE)
    assert bounded(row) == (None, 0, 1)
    assert row["reason"] == (
        "complete response from day 14 to day 14, 0 days, under 28; incomplete assessments or gaps "
        "leave one from day 14 to day 42 possible"
    )
    involved = [*clear(0, skin=2), *clear(14), *organs(28, skin=1), *clear(41), *clear(50, skin=1)]
    assert bounded(outcome(patient(involved), RULE)) == (NO, 0, 0)


def test_a_long_gap_leaves_it_open_where_a_limit_is_given():
    assert response({14: True, 42: True})["value"] == 1
    assert bounded(response({14: True, 42: True}, max_gap=14)) == (None, 0, 1)


def test_who_was_not_assessed_or_not_involved_has_no_answer():
    assert bounded(outcome(patient(clear(0, skin=2)), RULE)) == (None, 0, 1)
    died = outcome(patient(clear(0, skin=2), [(9, "death")]), RULE)
    assert bounded(died) == (NO, 0, 0)
    assert died["reason"] == "died on day 9, never assessed after baseline"
    late = outcome(patient(clear(0, skin=2), [(200, "death")]), RULE)
    assert bounded(late) == (None, 0, 1)
    none = outcome(patient([*clear(0), *clear(14), *clear(60)]), RULE)
    assert (none["label"], none["reason"]) == (None, "no organ involved at baseline")


def test_the_investigator_can_judge():
    rows = [
        (day, "investigator", "acute_gvhd_response", value)
        for day, value in ((14, "CR"), (28, "CR"), (42, "CR"), (56, "PR"))
    ]
    assert outcome(patient(rows), RULE, assessed_by="investigator")["label"] == YES
    both = [*rows, *scored("investigator", 28, acute_gvhd_response="PR")]
    assert outcome(patient(both), RULE, assessed_by="investigator")["label"] == NO
