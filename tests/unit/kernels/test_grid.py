"""Times at which a run is read."""

from __future__ import annotations

import numpy as np

from stromal.kernels.grid import just_before, make_grid, own_points, own_times
from stromal.kernels.reducers import Minimum, ValueAt

ASKED = np.array([0.0, 1.0, 1.0, 4.0])


def test_without_reducers_only_what_is_asked_for():
    grid = make_grid(ASKED, 0.0, 4, (), np.array([2.5]), whole=False)
    assert grid.times.tolist() == [0.0, 1.0, 4.0]
    assert grid.asked.tolist() == [0, 1, 1, 2]


def test_values_at_days_need_those_days_only():
    grid = make_grid(ASKED, 0.0, 4, [ValueAt("x", (3.0,))], np.array([2.5]), whole=False)
    assert grid.times.tolist() == [0.0, 1.0, 3.0, 4.0]


def test_changes_stand_twice():
    grid = make_grid(ASKED, 0.0, 4, (), np.array([2.5, np.nan, 0.0, 9.0]), whole=True)
    before = float(just_before(np.array([2.5]))[0])
    assert grid.times.tolist() == [0.0, 1.0, 2.0, before, 2.5, 3.0, 4.0]
    assert grid.shared.tolist() == [True, True, True, False, False, True, True]


def test_patients_read_their_own_changes():
    changes = np.array([[2.5, np.nan], [0.5, 3.0]])
    grid = make_grid(np.array([0.0, 4.0]), 0.0, 2, (), changes.ravel(), whole=True)
    points = grid.times[own_points(grid, changes)]
    before = just_before(np.array([0.5, 2.5, 3.0]))
    assert points[0].tolist() == [0.0, 2.0, before[1], 2.5, 4.0, 4.0, 4.0]
    assert points[1].tolist() == [0.0, before[0], 0.5, 2.0, before[2], 3.0, 4.0]


def test_patients_read_their_own_days():
    own = np.array([[2.5], [np.nan]])
    none = np.empty((2, 0))
    grid = make_grid(ASKED, 0.0, 2, (), none.ravel(), whole=False, own=own)
    assert grid.times.tolist() == [0.0, 1.0, 2.5, 4.0]
    points = grid.times[own_points(grid, none, own)]
    assert points.tolist() == [[0.0, 1.0, 2.5, 4.0], [0.0, 1.0, 4.0, 4.0]]
    reducers = [Minimum("x", window=([2.5, np.nan], None)), ValueAt("x", (3.0,))]
    assert np.array_equal(own_times(reducers, 2), own, equal_nan=True)
    assert own_times([], 2).shape == (2, 0)
