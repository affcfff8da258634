"""Platelet engraftment: transfusions, both cuts, and who has no time."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.followed import followed

from stromal.endpoints.rules.engraftment.platelet_engraftment import (
    PLATELET_ENGRAFTMENT,
    PlateletEngraftmentParameters,
    derive_platelet_engraftment,
)

# The first worked example of the CIBMTR forms manual, day 0 to 10.
MANUAL = list(enumerate([10, 35, 30, 25, 10, 15, 19, 23, 25, 40, 50]))


def outcome(counts, transfused=(), events=(), **parameters):
    happened = [("1", day, "transfusion_platelets") for day in transfused]
    patients = followed(
        {"1": 100},
        [*happened, *(("1", day, event) for event, day in events)],
        [("1", day, value) for day, value in counts],
        "platelets",
    )
    rows = derive_platelet_engraftment(patients, PlateletEngraftmentParameters(**parameters))
    return rows.row(0, named=True)


@pytest.mark.parametrize(
    ("transfused", "expected"), [([0], (7, 1)), ([0, 8], (10, 0)), ([], (1, 1)), ([-6], (1, 1))]
)
def test_the_example_of_the_manual(transfused, expected):
    row = outcome(MANUAL, transfused)
    assert (row["value"], row["status"]) == expected


def test_a_transfusion_before_the_graft_counts_too():
    assert outcome(MANUAL, [-6])["value"] == 1
    assert outcome(MANUAL, [-5])["value"] == 7


def test_the_higher_cut():
    counts = [*MANUAL, (11, 56), (12, 65)]
    assert outcome(counts, [0], cut=50)["value"] == 10


def test_never_below_and_never_transfused_is_not_applicable():
    high = [(1, 90), (2, 80), (3, 85), (8, 70), (9, 75), (10, 80)]
    row = outcome(high)
    assert row["status"] is None
    assert row["reason"] == (
        "not applicable: platelets never below 20 x 10^9/L and never transfused"
    )
    assert outcome(high, [1])["value"] == 8


def test_a_transfusion_without_a_day_leaves_the_time_unknown():
    row = outcome(MANUAL, [0, None])
    assert (row["value"], row["status"]) == (None, None)
    assert row["reason"] == "platelet transfusion recorded without a day"


def test_the_transfusion_free_days_are_a_parameter():
    assert outcome(MANUAL, [0], transfusion_free_days=1)["value"] == 1


def test_death_competes():
    row = outcome(MANUAL[:6], [0], [("death", 30)])
    assert (row["value"], row["status"]) == (30, 2)


def test_reported_recovery_ignores_counts():
    row = outcome(MANUAL, [0], [("platelet_recovery", 22)], source="reported")
    assert (row["value"], row["status"]) == (22, 1)


def test_the_manual_names_no_nadir_of_platelets():
    assert PlateletEngraftmentParameters().counted_from == "first_below"
    counts = [(1, 15), (2, 25), (3, 24), (4, 22), (8, 9), (12, 30), (13, 30), (14, 30)]
    assert outcome(counts)["value"] == 2
    assert outcome(counts, counted_from="nadir")["value"] == 12


def test_needs_are_platelets():
    (need,) = PLATELET_ENGRAFTMENT.needs(PlateletEngraftmentParameters())
    assert need.names == ("platelets",)
