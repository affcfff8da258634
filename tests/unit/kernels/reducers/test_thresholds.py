"""Times on one side of a threshold, and crossings: what `test_window` does not look at."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.kernels.reducers.examples import draw_track, find_runs, look_at, make_track

from stromal.kernels.reducers import FirstCrossing, TimeAbove, TimeBelow
from stromal.kernels.reducers.thresholds import find_candidates

TOUCHING = [0.2697867137638703, 0.4185675215358243], [0.254411140725744, 0.8738850626417036]


def test_they_are_what_brute_force_finds():
    track = draw_track(3)
    below = TimeBelow("x", 0.2).reduce(track)
    above = TimeAbove("x", 0.2).reduce(track)
    up = FirstCrossing("x", 0.2, "up").reduce(track)
    for row in range(len(below)):
        fine, values = look_at(track, row)
        assert below[row] == pytest.approx(10.0 * (values < 0.2).mean(), abs=2e-4)
        assert above[row] == pytest.approx(10.0 - below[row])
        starts = [t for t in find_runs(fine, values >= 0.2)[0] if t > 0.0]
        assert up[row] == pytest.approx(starts[0] if starts else np.nan, abs=1e-4, nan_ok=True)


def test_a_threshold_that_is_met_at_a_point_of_the_grid_is_crossed():
    """The cubic's own value there may be less than the threshold by its last bit."""
    values, slopes = TOUCHING
    track = make_track([0, 1, 2], [*values, values[1]], [*slopes, 0.0])
    assert FirstCrossing("x", values[1]).reduce(track) == pytest.approx([1.0], abs=1e-12)


def test_intervals_that_cannot_cross_are_left_out():
    rows, columns = find_candidates(make_track([0, 1, 2, 3], [0, 0, 1, 1]), 0.5)
    assert (rows.tolist(), columns.tolist()) == ([0], [1])
