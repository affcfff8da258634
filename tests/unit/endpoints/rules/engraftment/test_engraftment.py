"""Engraftment of any line: reported or counted, what competes, who cannot be judged."""

from __future__ import annotations

import polars as pl
import pytest
from tests.unit.endpoints.followed import followed, times

from stromal.endpoints.rules.engraftment.engraftment import (
    EngraftmentParameters,
    derive_engraftment,
    engraftment_needs,
    exclude_unjudged,
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
    rows = derive_engraftment(PATIENTS, parameters, "platelet_recovery", None)
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
    rows = derive_engraftment(PATIENTS, parameters, "platelet_recovery", None)
    assert times(rows)[2] == (20, 2)


def test_nothing_need_compete():
    parameters = EngraftmentParameters(source="reported", competing=())
    rows = derive_engraftment(PATIENTS, parameters, "platelet_recovery", None)
    assert times(rows)[1] == (30, 1)


def test_counted_recovery_and_reasons_of_the_unjudged():
    recovery = pl.DataFrame(
        {"subject": ["1", "2"], "recovery_day": [11.0, None], "below": [True, False]}
    )
    unjudged = exclude_unjudged(PATIENTS, recovery, "platelets", "never below 20")
    rows = derive_engraftment(
        PATIENTS, EngraftmentParameters(), "platelet_recovery", recovery, unjudged
    )
    assert times(rows)[:2] == [(11, 1), (None, None)]
    assert rows["reason"].to_list()[1:3] == [
        "not applicable: platelets never below 20",
        "no count of platelets from day 0 on",
    ]


def test_recovery_goes_before_a_second_transplant_on_its_day():
    recovery = pl.DataFrame({"subject": ["2"], "recovery_day": [12.0], "below": [True]})
    rows = derive_engraftment(
        PATIENTS, EngraftmentParameters(), "platelet_recovery", recovery, None
    )
    assert times(rows)[1] == (12, 1)


@pytest.mark.parametrize(
    ("source", "table", "first"), [("counts", "labs", "x"), ("reported", "events", "x_recovery")]
)
def test_needs_follow_the_source(source, table, first):
    (need,) = engraftment_needs(EngraftmentParameters(source=source), "x", "x_recovery")
    assert (need.table, need.names[0]) == (table, first)
