"""Overall survival."""

from __future__ import annotations

from tests.unit.endpoints.followed import followed, times

from stromal.endpoints.rules.survival.overall_survival import (
    OVERALL_SURVIVAL,
    OverallSurvivalParameters,
    derive_overall_survival,
)

PATIENTS = followed(
    {"1": 50, "2": 400, "3": 300, "4": 20},
    [("1", 50, "death"), ("2", 90, "relapse"), ("3", None, "death"), ("4", 0, "death")],
)


def test_death_of_any_cause_is_the_event_and_relapse_is_not():
    rows = derive_overall_survival(PATIENTS, OverallSurvivalParameters())
    assert times(rows) == [(50, 1), (400, 0), (None, None), (0.5, 1)]
    assert rows["label"].to_list() == ["death", "censored", None, "death"]


def test_a_death_without_a_day_says_so():
    rows = derive_overall_survival(PATIENTS, OverallSurvivalParameters())
    assert rows["reason"][2] == "death recorded without a day"


def test_observation_can_be_closed():
    rows = derive_overall_survival(PATIENTS, OverallSurvivalParameters(until_day=30))
    assert times(rows) == [(30, 0), (30, 0), (None, None), (0.5, 1)]


def test_needs_name_death():
    (need,) = OVERALL_SURVIVAL.needs(OverallSurvivalParameters())
    assert need.table == "events"
    assert "death" in need.names
