"""Death without relapse, relapse competing."""

from __future__ import annotations

from tests.unit.endpoints.followed import followed, times

from stromal.endpoints.rules.survival.non_relapse_mortality import (
    NON_RELAPSE_MORTALITY,
    derive_non_relapse_mortality,
)
from stromal.endpoints.rules.survival.time_to_event import RelapseParameters

PATIENTS = followed(
    {"1": 50, "2": 80, "3": 365, "4": 80, "5": 100},
    [
        ("1", 50, "death"),
        ("2", 60, "relapse"),
        ("2", 80, "death"),
        ("4", 80, "death"),
        ("4", 80, "relapse"),
        ("5", 40, "progression"),
        ("5", 100, "death"),
    ],
)


def test_death_after_relapse_is_not_counted():
    rows = derive_non_relapse_mortality(PATIENTS, RelapseParameters())
    assert times(rows) == [(50, 1), (60, 2), (365, 0), (80, 2), (40, 2)]
    assert set(rows["label"]) == set(NON_RELAPSE_MORTALITY.labels)


def test_progression_need_not_count_as_relapse():
    parameters = RelapseParameters(relapse=("relapse",))
    assert times(derive_non_relapse_mortality(PATIENTS, parameters))[4] == (100, 1)


def test_censored_patients_had_neither():
    rows = derive_non_relapse_mortality(PATIENTS, RelapseParameters())
    assert rows["reason"][2] == (
        "no death without relapse or relapse by the last day under observation, day 365"
    )
