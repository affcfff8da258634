"""Engraftment of any line: reported or counted, what competes, who cannot be judged."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.followed import followed, times

from stromal.endpoints.records.recovery import RecoveryRule, derive_recovery
from stromal.endpoints.rules.engraftment.engraftment import (
    EngraftmentParameters,
    derive_counted_engraftment,
    derive_engraftment,
    engraftment_needs,
)

PATIENTS = followed(
    {"1": 90, "2": 90, "3": 90, "4": 90, "5": 90},
    [
        ("1", 15, "platelet_recovery"),
        ("1", 40, "death"),
        ("2", 12, "second_transplant"),
        ("2", 30, "platelet_recovery"),
        ("3", 20, "graft_failure"),
        ("3", 50, "death"),
        ("4", None, "platelet_recovery"),
    ],
)


def test_reported_recovery_with_death_and_second_transplant_competing():
    parameters = EngraftmentParameters(source="reported")
    rows = derive_engraftment(PATIENTS, parameters, "platelet_recovery")
    assert times(rows) == [(15, 1), (12, 2), (50, 2), (None, None), (90, 0)]
    assert rows["label"].to_list() == [
        "platelet recovery",
        "death or second transplant without platelet recovery",
        "death or second transplant without platelet recovery",
        None,
        "censored",
    ]
    assert rows["reason"][3] == "platelet recovery recorded without a day"


def test_graft_failure_can_compete_too():
    competing = ("death", "second_transplant", "graft_failure")
    parameters = EngraftmentParameters(source="reported", competing=competing)
    rows = derive_engraftment(PATIENTS, parameters, "platelet_recovery")
    assert times(rows)[2] == (20, 2)


def test_nothing_need_compete():
    parameters = EngraftmentParameters(source="reported", competing=())
    rows = derive_engraftment(PATIENTS, parameters, "platelet_recovery")
    assert times(rows)[1] == (30, 1)


def counted(counts, events=(), last_days=None, **parameters):
    """Neutrophil recovery of the patients of these counts: subject, day, count."""
    last = last_days or {subject: 90 for subject, *_ in counts}
    patients = followed(last, events, counts)
    p = EngraftmentParameters(**parameters)
    recovery = derive_recovery(patients, RecoveryRule("neutrophils", 0.5, p.values, p.counted_from))
    words = ("neutrophils", "never below 0.5")
    return derive_counted_engraftment(patients, p, "neutrophil_recovery", recovery, words)


RISE = [("1", 9, 0.3), ("1", 10, 0.6), ("1", 11, 0.6), ("1", 12, 0.6)]


def test_counted_recovery_and_reasons_of_the_unjudged():
    rows = counted([*RISE, ("2", 9, 0.6)], last_days={"1": 90, "2": 90, "3": 90})
    assert times(rows) == [(10, 1), (None, None), (None, None)]
    assert rows["reason"].to_list()[1:] == [
        "not applicable: neutrophils never below 0.5",
        "no count of neutrophils from day 0 on",
    ]


def test_recovery_goes_before_a_second_transplant_on_its_day():
    assert times(counted(RISE, [("1", 10, "second_transplant")])) == [(10, 1)]


def test_a_gap_before_recovery_is_told():
    row = counted([("1", 9, 0.3), ("1", 22, 0.6), ("1", 23, 1.0), ("1", 25, 1.0)])
    row = row.row(0, named=True)
    assert (row["value"], row["lowest"], row["highest"]) == (22, 10, 22)
    assert row["reason"] == (
        "neutrophil recovery on day 22; no count between day 9 and day 22, so it may have been "
        "earlier, from day 10 on"
    )


OPEN = [("1", 9, 0.3), ("1", 10, 0.6), ("1", 11, None), ("1", 12, 0.6), ("1", 13, 1), ("1", 14, 1)]


def test_recovery_that_bounds_and_empty_values_leave_open_has_no_day():
    row = counted(OPEN).row(0, named=True)
    assert (row["value"], row["status"]) == (None, None)
    assert (row["lowest"], row["highest"]) == (10, 12)
    assert row["reason"] == (
        "cannot judge their recovery: the count of neutrophils on day 11 is missing, or a bound "
        "that does not decide; between day 10 and day 12, if at all"
    )


@pytest.mark.parametrize(
    ("events", "parameters", "expected"),
    [
        ([("1", 9.5, "death")], {}, (9.5, 2)),
        ([("1", 11, "death")], {}, (None, None)),
        ([], {"until_day": 9.5}, (9.5, 0)),
        ([("1", 9.5, "relapse")], {"censor_events": ["relapse"]}, (9.5, 0)),
    ],
)
def test_what_ends_observation_first_leaves_nothing_open(events, parameters, expected):
    rows = counted(OPEN, events, **parameters)
    assert times(rows) == [expected]


def test_observation_ends_with_the_last_count():
    row = counted([("1", 9, 0.3), ("1", 20, 0.6)]).row(0, named=True)
    assert (row["value"], row["day"], row["status"]) == (20, 20, 0)
    assert row["reason"] == (
        "no neutrophil recovery or death or second transplant without neutrophil recovery by the "
        "last count, day 20; the rise from day 20 is not confirmed"
    )


def test_a_death_long_after_the_last_count_says_so():
    died = [("1", 40, "death")]
    row = counted([("1", 9, 0.3)], died).row(0, named=True)
    assert (row["value"], row["status"]) == (40, 2)
    assert row["reason"] == "death on day 40; no count after day 9"
    assert counted([("1", 38, 0.3)], died)["reason"].item() == "death on day 40"


@pytest.mark.parametrize(
    ("source", "table", "first"), [("counts", "labs", "x"), ("reported", "events", "x_recovery")]
)
def test_needs_follow_the_source(source, table, first):
    (need,) = engraftment_needs(EngraftmentParameters(source=source), "x", "x_recovery")
    assert (need.table, need.names[0]) == (table, first)
