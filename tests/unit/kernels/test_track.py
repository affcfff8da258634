"""Tracks: windows, cubics, and times within intervals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import CubicHermiteSpline
from tests.unit.kernels.reducers.examples import draw_track, make_track

from stromal.kernels.track import Track, pick


def test_windows_of_all_and_of_each_are_the_same():
    track = draw_track(0, patients=3)
    after, until = track.times[0, 4], track.times[0, 20]
    shared = track.window(after, until)
    assert shared.times.shape == (3, 17)
    own = track.window(np.full(3, after), np.full(3, until))
    assert np.array_equal(own.values, shared.values)


def test_points_outside_a_window_are_moved_onto_its_ends():
    track = draw_track(0, patients=2)
    times = track.times[0]
    part = track.window(np.array([times[3], times[5]]), np.array([times[8], times[30]]))
    assert part.times[0, 0] == times[3]
    assert (part.times[0, 5:] == times[8]).all()
    assert part.times[1, -1] == times[30]
    assert (np.diff(part.times, axis=1) >= 0.0).all()


def test_cubics_are_those_of_scipy():
    track = draw_track(1, patients=1)
    columns = np.arange(track.times.shape[1] - 1)
    rows = np.zeros_like(columns)
    places = np.full(len(columns), 0.3)
    times = track.times_within(rows, columns, places)
    spline = CubicHermiteSpline(track.times[0], track.values[0], track.slopes[0])
    assert track.cubics(rows, columns).at(places) == pytest.approx(spline(times), abs=1e-13)
    low, high = track.reach()
    assert (low[0] <= spline(times)).all()
    assert (high[0] >= spline(times)).all()


def test_a_jump_happens_at_its_end():
    track = make_track([0, np.nextafter(1.0, 0.0), 1], [0, 0, 3])
    column = np.array([1])
    assert track.times_within(np.array([0]), column, np.array([0.25])).tolist() == [1.0]
    both = track.times_within(np.array([0]), column, np.array([[0.25, np.nan]]))
    assert both[0, 0] == 1.0
    assert np.isnan(both[0, 1])


def test_a_track_is_limited_once():
    track = draw_track(0)
    limited = track.limit_slopes()
    assert limited.limited
    assert limited.slopes is track.slopes
    assert limited.limit_slopes() is limited


def test_a_patient_with_missing_values_is_not_finite():
    track = Track(np.zeros((2, 1)), np.array([[1.0], [np.inf]]), np.zeros((2, 1)))
    assert track.finite().tolist() == [True, False]
    assert pick(track.values, np.array([[0], [0]])).tolist() == [[1.0], [np.inf]]
