"""Reducers against closed forms, and their error as the grid gets finer."""

from __future__ import annotations

import numpy as np
import pytest

from stromal.kernels.reducers import (
    Area,
    FirstCrossing,
    Maximum,
    Minimum,
    Reducer,
    TimeAbove,
    TimeBelow,
    Track,
    ValueAt,
)

PHASES = np.array([0.1, 0.7, 2.0])


def cosine(intervals: int, end: float = 6.0) -> Track:
    """cos(t + phase) for three phases."""
    times = np.tile(np.linspace(0.0, end, intervals + 1), (3, 1))
    return Track(times, np.cos(times + PHASES[:, None]), -np.sin(times + PHASES[:, None]))


def _truth(name: str) -> np.ndarray:
    """What each reducer gives for cos(t + phase), t from 0 to 6, threshold 0.5."""
    fine = np.linspace(0.0, 6.0, 2_000_001)
    third = np.pi / 3
    if name == "minimum":
        return np.full(3, -1.0)
    if name == "maximum":
        top = [np.cos(fine + phase).max() for phase in PHASES]
        return np.array(top)
    if name == "area":
        return np.sin(6.0 + PHASES) - np.sin(PHASES)
    if name == "below":
        # cos < 1/2 on (pi/3, 5 pi/3) and (7 pi/3, 11 pi/3) of t + phase
        spans = [(third, 5 * third), (7 * third, 11 * third)]
        return np.array(
            [
                sum(max(0.0, min(6.0 + phase, b) - max(phase, a)) for a, b in spans)
                for phase in PHASES
            ]
        )
    return 5 * third - PHASES


CASES: list[tuple[str, Reducer]] = [
    ("minimum", Minimum("c")),
    ("maximum", Maximum("c")),
    ("area", Area("c")),
    ("below", TimeBelow("c", 0.5)),
    ("up", FirstCrossing("c", 0.5, "up")),
]


@pytest.mark.parametrize(("name", "reducer"), CASES, ids=[name for name, _ in CASES])
def test_closed_form(name, reducer):
    assert reducer.reduce(cosine(600)) == pytest.approx(_truth(name), abs=1e-9)


@pytest.mark.parametrize(("name", "reducer"), CASES, ids=[name for name, _ in CASES])
def test_error_falls_with_the_fourth_power_of_the_interval(name, reducer):
    errors = [np.abs(reducer.reduce(cosine(n)) - _truth(name)).max() for n in (12, 24, 48)]
    assert errors[0] < 1e-2
    assert errors[0] > 8 * errors[1] > 64 * errors[2]


def test_error_is_within_the_bound_that_is_documented():
    length = 6.0 / 24
    error = np.abs(Minimum("c").reduce(cosine(24)) + 1.0).max()
    assert error <= length**4 / 384


def test_times_above_and_below_are_the_whole():
    track = cosine(50)
    both = TimeBelow("c", 0.3).reduce(track) + TimeAbove("c", 0.3).reduce(track)
    assert both == pytest.approx(np.full(3, 6.0), abs=1e-12)


def test_direction_of_a_crossing():
    track = cosine(600)
    down = FirstCrossing("c", 0.5, "down").reduce(track)
    assert down[:2] == pytest.approx(np.pi / 3 - PHASES[:2], abs=1e-9)
    either = FirstCrossing("c", 0.5, "either").reduce(track)
    assert np.array_equal(either, np.fmin(down, FirstCrossing("c", 0.5).reduce(track)))


def test_no_crossing_is_missing():
    assert np.isnan(FirstCrossing("c", 2.0).reduce(cosine(20))).all()


def test_start_above_is_no_crossing():
    line = Track(np.array([[0.0, 1.0]]), np.array([[1.0, 2.0]]), np.array([[1.0, 1.0]]))
    assert np.isnan(FirstCrossing("x", 1.0).reduce(line)).all()


def test_window():
    times = np.unique(np.concatenate([np.linspace(0.0, 6.0, 601), [1.234, 2.345]]))
    times = np.tile(times, (3, 1))
    angle = times + PHASES[:, None]
    track = Track(times, np.cos(angle), -np.sin(angle))
    area = Area("c", after=1.234, until=2.345).reduce(track)
    assert area == pytest.approx(np.sin(2.345 + PHASES) - np.sin(1.234 + PHASES), abs=1e-10)
    assert FirstCrossing("c", 0.5, after=6.0).points == (6.0,)


def test_a_jump_counts_at_its_instant():
    before = np.nextafter(1.0, 0.0)
    track = Track(
        np.array([[0.0, before, 1.0, 2.0]]),
        np.array([[0.0, 0.0, 3.0, 3.0]]),
        np.zeros((1, 4)),
    )
    assert FirstCrossing("x", 1.0).reduce(track).tolist() == [1.0]
    assert TimeBelow("x", 1.0).reduce(track) == pytest.approx([1.0])
    assert Area("x").reduce(track) == pytest.approx([3.0])
    assert Minimum("x").reduce(track).tolist() == [0.0]
    assert ValueAt("x", (1.0,)).reduce(track).tolist() == [3.0]


def test_value_before_a_jump_is_seen():
    before = np.nextafter(1.0, 0.0)
    track = Track(
        np.array([[0.0, before, 1.0, 2.0]]),
        np.array([[3.0, 1.0, 3.0, 1.0]]),
        np.full((1, 4), -2.0),
    )
    assert Minimum("x", until=1.0).reduce(track).tolist() == [1.0]


@pytest.mark.parametrize(("name", "reducer"), CASES, ids=[name for name, _ in CASES])
def test_repeated_last_points_change_nothing(name, reducer):
    track = cosine(37)
    padded = Track(
        *(
            np.concatenate([part, np.repeat(part[:, -1:], 5, axis=1)], axis=1)
            for part in (track.times, track.values, track.slopes)
        )
    )
    assert np.array_equal(reducer.reduce(track), reducer.reduce(padded)), name


@pytest.mark.parametrize(("name", "reducer"), CASES, ids=[name for name, _ in CASES])
def test_rows_do_not_depend_on_each_other(name, reducer):
    track = cosine(37)
    together = reducer.reduce(track)
    for row in range(3):
        alone = Track(*(part[row : row + 1] for part in (track.times, track.values, track.slopes)))
        assert reducer.reduce(alone)[0] == together[row], name


@pytest.mark.parametrize(("name", "reducer"), CASES, ids=[name for name, _ in CASES])
def test_a_failed_patient_has_no_value(name, reducer):
    track = cosine(37)
    track.values[1, 20:] = np.nan
    found = reducer.reduce(track)
    assert np.isnan(found).tolist() == [False, True, False], name


def test_values_of_a_failed_patient_up_to_its_failure():
    track = cosine(6)
    track.values[1, 3:] = np.nan
    found = ValueAt("c", (1.0, 5.0)).reduce(track)
    assert found[1, 0] == np.cos(1.7)
    assert np.isnan(found[1, 1])


def test_names():
    assert FirstCrossing("ANC", 0.5).name == "first_crossing_up_0.5(ANC)"
    assert FirstCrossing("ANC", 0.5, label="engraftment").columns == ("engraftment",)
    assert ValueAt("ANC", (14.0, 28.0)).columns == ("value_at(ANC)[14]", "value_at(ANC)[28]")


@pytest.mark.parametrize(
    ("reducer", "words"),
    [
        (FirstCrossing("cells", 0.8, "Up"), "direction of FirstCrossing is 'Up'"),
        (TimeBelow("cells", np.nan), "threshold of TimeBelow is nan"),
        (TimeBelow("cells", "x"), "threshold of TimeBelow is 'x'"),
        (Minimum("cells", after=2.0, until=1.0), "the window ends before it begins"),
        (Minimum("cells", label="status"), "`status` is a column of every table"),
        (ValueAt("cells", (1.0000001, 1.0000002)), "do not make columns of their own"),
        (ValueAt("cells", ()), "do not make columns of their own"),
    ],
)
def test_a_reducer_that_makes_no_sense_says_so(reducer, words):
    (issue,) = reducer.check()
    assert words in issue.message
    assert issue.hint


def test_reducers_that_make_sense_have_no_issue():
    for reducer in (Minimum("a", after=1.0), FirstCrossing("a", 1, "down"), ValueAt("a", (1.0,))):
        assert reducer.check() == []
