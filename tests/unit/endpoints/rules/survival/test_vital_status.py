"""Alive or dead, at last follow-up or on a day."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.followed import followed

from stromal.endpoints.rules.survival.vital_status import VitalStatusParameters, derive_vital_status


def status(last_day, *deaths, **window):
    patients = followed({"1": last_day}, [("1", day, "death") for day in deaths])
    row = derive_vital_status(patients, VitalStatusParameters(window=window or None)).row(
        0, named=True
    )
    return row["label"], row["value"], row["day"], row["reason"]


@pytest.mark.parametrize(
    ("last_day", "deaths", "expected"),
    [
        (90, [], ("alive", 0, 90, "alive on the last day under observation, day 90")),
        (50, [50], ("dead", 1, 50, "death on day 50")),
        (50, [None], ("dead", 1, None, "death recorded without a day")),
        (None, [], (None, None, None, "no follow-up is recorded")),
    ],
)
def test_at_last_follow_up(last_day, deaths, expected):
    assert status(last_day, *deaths) == expected


@pytest.mark.parametrize(
    ("last_day", "deaths", "label", "on"),
    [
        (100, [], "alive", 100),
        (99, [], None, None),
        (90, [90], "dead", 90),
        (100, [100], "dead", 100),
        (101, [101], "alive", 100),
        (None, [101], "alive", 100),
        (80, [None], None, None),
        (100, [None], None, None),
        (120, [None], "alive", 100),
        (None, [], None, None),
    ],
)
def test_on_day_100(last_day, deaths, label, on):
    found, _, day, _ = status(last_day, *deaths, day=100)
    assert (found, day) == (label, on)


def test_why_nobody_is_called_alive_beyond_follow_up():
    assert status(80, day=100)[3] == (
        "alive on the last day under observation, day 80, not followed until day 100"
    )
    assert status(80, None, day=100)[3] == "death recorded without a day"


def test_a_visit_window_lets_follow_up_end_a_little_earlier():
    assert status(96, day=100, before=5, after=5)[0] == "alive"
    assert status(94, day=100, before=5, after=5)[0] is None
    assert status(103, 103, day=100, before=5, after=5)[0] == "alive"
