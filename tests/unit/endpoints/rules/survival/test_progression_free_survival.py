"""Progression-free survival."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from tests.unit.endpoints.followed import followed, times

from stromal.endpoints.rules.survival.progression_free_survival import (
    derive_progression_free_survival,
)
from stromal.endpoints.rules.survival.time_to_event import RelapseParameters

PATIENTS = followed(
    {"1": 200, "2": 200, "3": 200, "4": 200},
    [
        ("1", 200, "death"),
        ("1", 110, "relapse"),
        ("2", 90, "progression"),
        ("3", 150, "death"),
    ],
)


def test_relapse_progression_and_death_end_it():
    rows = derive_progression_free_survival(PATIENTS, RelapseParameters())
    assert times(rows) == [(110, 1), (90, 1), (150, 1), (200, 0)]
    assert rows["reason"].to_list()[:3] == [
        "relapse on day 110",
        "progression on day 90",
        "death on day 150",
    ]


def test_a_protocol_can_leave_progression_out():
    parameters = RelapseParameters(relapse=("relapse",))
    assert times(derive_progression_free_survival(PATIENTS, parameters))[1] == (200, 0)


def test_relapse_must_be_named():
    with pytest.raises(ValidationError):
        RelapseParameters(relapse=())


def test_relapse_of_unknown_day_is_unknown_even_with_a_death():
    patients = followed({"1": 90}, [("1", None, "relapse"), ("1", 90, "death")])
    rows = derive_progression_free_survival(patients, RelapseParameters())
    assert times(rows) == [(None, None)]
    assert rows["reason"][0] == "relapse recorded without a day"
