"""Areas and means."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.kernels.reducers.examples import draw_track, look_at, make_track

from stromal.kernels.reducers import Area, Mean
from stromal.kernels.reducers.integrals import add_up


def test_mean_of_an_exponential_in_closed_form():
    times = np.linspace(0.0, 8.0, 801)
    track = make_track(times, np.exp(-0.5 * times), -0.5 * np.exp(-0.5 * times))
    assert Mean("x").reduce(track) == pytest.approx([(1 - np.exp(-4)) / 4], rel=1e-10)
    part = Mean("x", window=(2.0, 6.0)).reduce(track)
    assert part == pytest.approx([(np.exp(-1) - np.exp(-3)) / 2], rel=1e-10)


def test_they_are_what_brute_force_finds():
    track = draw_track(5)
    areas, means = Area("x").reduce(track), Mean("x").reduce(track)
    for row in range(len(areas)):
        fine, values = look_at(track, row)
        assert areas[row] == pytest.approx(np.trapezoid(values, fine), abs=1e-8)
        assert means[row] == pytest.approx(areas[row] / 10.0)


def test_a_window_of_no_length_has_no_mean():
    track = draw_track(5)
    assert np.isnan(Mean("x", window=(10.0, 10.0)).reduce(track)).all()
    assert (Area("x", window=(10.0, 10.0)).reduce(track) == 0.0).all()


def test_nothing_adds_up_to_zero():
    assert add_up(np.empty((2, 0))).tolist() == [0.0, 0.0]
