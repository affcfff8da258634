"""Grades of values and the one of each day, against the same by hand, one value at a time."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.kernels.series.many import way

from stromal.kernels.series.grades import (
    AT_MOST,
    BELOW,
    NO_BOUND,
    UNREADABLE,
    UP,
    Scale,
    Values,
    grade_values,
    pick_worst_of_days,
)

__all__ = ["way"]
SCALE = Scale(
    np.array([[np.nan, 75.0, 50.0, 25.0], [np.nan, 75e3, 50e3, 25e3], [np.nan] * 4]),
    np.array([1.0, 1000.0, np.nan]),
    np.array([False, True, False]),
    of_limit=1,
    highest=4,
)


def grades(value, *, bound=NO_BOUND, limit=150.0, reported=np.nan, spelling=0):
    values = Values(
        np.array([value, value]),
        np.array([reported, reported]),
        np.array([limit, limit]),
        np.array([bound] * 2, np.int8),
        np.array([spelling] * 2, np.int32),
    )
    least, most, near = grade_values(values, SCALE)
    return int(least[0]), int(most[0]), bool(near[0])


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"value": 24.9}, (4, 4, False)),
        ({"value": 25.0}, (3, 3, False)),
        ({"value": 149.0}, (1, 1, False)),
        ({"value": 150.0}, (0, 0, False)),
        ({"value": 90.0, "limit": np.nan}, (0, 1, False)),
        ({"value": 60.0, "limit": np.nan}, (2, 2, False)),
        ({"value": np.nan}, (0, 4, False)),
        ({"value": 60.0, "bound": BELOW}, (2, 4, False)),
        ({"value": 25.0, "bound": BELOW}, (4, 4, False)),
        ({"value": 25.0, "bound": AT_MOST}, (3, 4, False)),
        ({"value": 60.0, "bound": UP}, (0, 2, False)),
        ({"value": 60.0, "bound": UNREADABLE}, (0, 4, False)),
        ({"value": 60.0, "spelling": 2}, (0, 4, False)),
        ({"value": 60.0, "spelling": 1, "reported": 24_000.0}, (4, 4, False)),
        ({"value": 24.0, "spelling": 1}, (4, 4, False)),
        ({"value": 25.0 * (1 + 4e-16)}, (3, 3, True)),
    ],
)
def test_a_value_has_the_grades_that_it_can_have(given, expected):
    assert grades(**given) == expected


@pytest.mark.usefixtures("way")
def test_one_for_all_is_the_same_as_each():
    value = np.array([24.0, 60.0, 90.0])
    one = Values(
        value, np.array([np.nan]), np.array([150.0]), np.zeros(1, np.int8), np.zeros(1, np.int32)
    )
    each = Values(
        value,
        np.full(3, np.nan),
        np.full(3, 150.0),
        np.zeros(3, np.int8),
        np.zeros(3, np.int32),
    )
    for ours, theirs in zip(grade_values(one, SCALE), grade_values(each, SCALE), strict=True):
        assert ours.tolist() == theirs.tolist()


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(0, 1.0, 60.0, 2, 2), (0, 1.5, 40.0, 3, 3), (0, 2.0, 90.0, 0, 0)], [1, 2]),
        ([(0, 1.2, np.nan, 0, 4), (0, 1.7, 60.0, 2, 2)], [1]),
        ([(0, 1.7, 60.0, 2, 2), (0, 1.2, np.nan, 0, 4)], [0]),
        ([(0, 1.7, np.nan, 0, 4), (0, 1.2, np.nan, 0, 4)], [1]),
        ([(0, 1.0, 30.0, 3, 3), (0, 1.0, 28.0, 3, 3)], [1]),
        ([(0, 1.0, 60.0, 2, 4), (0, 1.0, 40.0, 3, 4)], [1]),
        ([(0, 1.0, 60.0, 2, 2), (1, 1.0, 40.0, 3, 3)], [0, 1]),
        ([(0, -0.5, 60.0, 2, 2), (0, 0.5, 40.0, 3, 3)], [0, 1]),
    ],
)
def test_the_worst_of_a_day_counts_and_an_empty_value_only_alone(rows, expected):
    series, day, value, least, most = zip(*rows, strict=True)
    picked = pick_worst_of_days(
        np.array(series, np.uint32),
        np.array(day),
        np.array(value),
        np.array(least, np.int8),
        np.array(most, np.int8),
    )
    assert picked.tolist() == expected
