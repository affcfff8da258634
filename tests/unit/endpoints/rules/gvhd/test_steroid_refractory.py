"""Steroid-refractory acute GVHD: days, doses, changes, and the trial's own definition."""

from __future__ import annotations

import polars as pl
import pytest
from tests.unit.endpoints.rules.gvhd.staged import bounded, clear, organs, outcome, patient, scored

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.rules.gvhd.steroid_refractory import find_courses
from stromal.tables.patients import Patients

RULE = "steroid_refractory_acute_gvhd"
YES, NO = "refractory", "not refractory"


def course(*later, doses=((0, {"prednisone": 2}),), start=0, **parameters):
    """Skin stage 3 and liver stage 1 when steroids begin; later stages by day."""
    rows = [row for day, drugs in doses for row in scored("steroids", day, **drugs)]
    rows += clear(start, skin=3, liver=1)
    rows += [row for day, stages in later for row in stages_on(day, stages)]
    return outcome(patient(rows), RULE, **parameters)


def stages_on(day, stages):
    return clear(day, **{"skin": 3, "liver": 1, **stages})


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ([(2, {"skin": 4})], (None, 0, 1)),
        ([(3, {"skin": 4})], (YES, 1, 1)),
        ([(3, {"lower_gi": 1})], (YES, 1, 1)),
        ([(6, {})], (NO, 0, 0)),
        ([(7, {})], (YES, 1, 1)),
        ([(7, {"skin": 2})], (NO, 0, 0)),
        ([(7, {"skin": 2, "liver": 2})], (YES, 1, 1)),
        ([(28, {"skin": 1})], (NO, 0, 0)),
        ([(29, {"skin": 1})], (YES, 1, 1)),
        ([(29, {"skin": 0, "liver": 0})], (NO, 0, 0)),
    ],
)
def test_worse_not_better_and_not_resolved_each_have_their_day(later, expected):
    assert bounded(course(*later)) == expected


def test_reasons_and_days_are_those_of_the_first_condition_met():
    row = course((14, {"skin": 4}), doses=((10, {"prednisone": 2.5}),), start=9)
    assert (row["day"], row["reason"]) == (14, "day 4 of steroids: worse (skin 3 to 4)")
    assert course((5, {}))["reason"] == (
        "no condition met by the last assessment, day 5 of steroids"
    )


def test_the_dose_must_be_reached_and_kept():
    low = course((7, {}), doses=((0, {"prednisone": 1}),))
    assert (low["label"], low["reason"]) == (
        NO,
        "steroids never reached 2 mg/kg of prednisone a day, or what equals it: at most 1",
    )
    assert course((7, {}), doses=((0, {"methylprednisolone": 1.6}),))["label"] == YES
    tapered = ((0, {"prednisone": 2}), (5, {"prednisone": 1}))
    assert course((7, {}), doses=tapered)["label"] == NO
    assert course((5, {"skin": 4}), doses=tapered)["label"] == YES
    assert course((29, {"skin": 1}), doses=tapered)["label"] == YES


def test_later_assessments_can_be_left_out():
    assert course((5, {}), (29, {"skin": 1}), until_days=28)["label"] == NO


def test_organs_that_were_not_staged_leave_it_open():
    rows = [*scored("steroids", 0, prednisone=2), *clear(0, skin=3, liver=1)]
    missing = outcome(patient([*rows, *organs(7, skin=3)]), RULE)
    assert bounded(missing) == (None, 0, 1)
    assert missing["reason"] == (
        "day 7 of steroids: possibly worse (no organ changed), not every organ was staged"
    )
    worse = outcome(patient([*rows, *organs(7, skin=4)]), RULE)
    assert worse["label"] == YES


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (clear(0, skin=3), "no dose of steroids recorded"),
        (scored("steroids", 4, prednisone=2), "no organ assessed by day 4, the start of steroids"),
        (
            [*scored("steroids", 4, prednisone=2), *clear(1, skin=2)],
            "no organ assessed after day 4, the start of steroids",
        ),
    ],
)
def test_what_is_missing_is_said(rows, reason):
    row = outcome(patient(rows), RULE)
    assert (row["label"], row["reason"]) == (None, reason)


@pytest.mark.parametrize(
    ("day", "stages", "expected"),
    [
        (2, {}, None),
        (3, {}, YES),
        (14, {"skin": 4}, YES),
        (15, {}, NO),
        (7, {"skin": 2}, NO),
    ],
)
def test_the_trial_asks_for_less_steroid_and_for_two_weeks(day, stages, expected):
    doses = ((0, {"methylprednisolone": 1}),)
    row = course((day, stages), doses=doses, definition="nct00366145")
    assert row["label"] == expected


def test_the_trial_asks_for_grade_b():
    rows = [*scored("steroids", 0, prednisone=2), *clear(0, skin=1), *clear(4, skin=1)]
    assert outcome(patient(rows), RULE, definition="nct00366145")["label"] == NO
    rows = [*scored("steroids", 0, prednisone=2), *clear(0, skin=2), *clear(4, skin=2)]
    assert outcome(patient(rows), RULE, definition="nct00366145")["label"] == YES


def test_drugs_of_one_day_are_added():
    doses = pl.DataFrame(
        {"day": [0.0, 0.0], "value": ["1", "0.8"], "item": ["prednisone", "methylprednisolone"]}
    ).with_columns(subject=pl.lit("1"), scale=pl.lit("steroids"))
    rules = read_criteria("steroid_refractory_2018").rules
    assert find_courses(Patients.of(assessments=doses), rules)["most"].item() == 2.0


def staged_at(base, now, day=7, **parameters):
    """Only the organs that are given, at the start and on a day of steroids."""
    rows = [*scored("steroids", 0, prednisone=2), *organs(0, **base), *organs(day, **now)]
    return outcome(patient(rows), RULE, **parameters)


@pytest.mark.parametrize(
    ("base", "now", "expected"),
    [
        ({"skin": 2, "liver": 4}, {"skin": 1}, (NO, 0, 0)),
        ({"skin": 2, "liver": 3}, {"skin": 1}, (None, 0, 1)),
        ({"skin": 2, "liver": 0}, {"skin": 2}, (YES, 1, 1)),
        ({"skin": 2, "liver": 1}, {"skin": 2}, (None, 0, 1)),
        ({"skin": 2}, {"skin": 2, "liver": 4}, (YES, 1, 1)),
        ({"skin": 2}, {"skin": 2, "liver": 3}, (None, 0, 1)),
        ({"skin": 2}, {"skin": 2, "liver": 0}, (YES, 1, 1)),
    ],
)
def test_an_organ_left_out_leaves_open_only_what_its_stage_allows(base, now, expected):
    assert bounded(staged_at(base, now)) == expected


@pytest.mark.parametrize("definition", ["ebmt_nih_cibmtr_2018", "nct00366145"])
def test_who_has_no_organ_involved_has_nothing_that_could_be_refractory(definition):
    free = {"skin": 0, "liver": 0, "upper_gi": 0, "lower_gi": 0}
    row = staged_at(free, free, definition=definition)
    assert bounded(row) == (None, None, None)
    assert row["reason"] == "no organ involved on day 0, the start of steroids"
