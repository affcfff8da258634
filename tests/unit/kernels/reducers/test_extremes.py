"""When an output is smallest and largest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.kernels.reducers.examples import draw_track, look_at, make_track

from stromal.kernels.reducers import Maximum, Minimum, TimeOfMaximum, TimeOfMinimum
from stromal.kernels.reducers.extremes import time_of_smallest


@given(seed=st.integers(0, 10_000))
def test_they_are_where_brute_force_finds_them(seed):
    track = draw_track(seed, patients=2)
    low, high = TimeOfMinimum("x").reduce(track), TimeOfMaximum("x").reduce(track)
    lowest, highest = Minimum("x").reduce(track), Maximum("x").reduce(track)
    for row in range(2):
        fine, values = look_at(track, row)
        step = fine[1]
        # Where two dips are nearly as deep, the finer look may choose the other one.
        assert values[round(low[row] / step)] == pytest.approx(values.min(), abs=1e-8)
        assert values[round(high[row] / step)] == pytest.approx(values.max(), abs=1e-8)
        assert lowest[row] <= values.min() + 1e-12
        assert highest[row] >= values.max() - 1e-12


def test_closed_form():
    times = np.linspace(0.0, 4.0, 401)
    track = make_track(times, (times - np.pi / 2) ** 2, 2 * (times - np.pi / 2))
    assert TimeOfMinimum("x").reduce(track) == pytest.approx([np.pi / 2], abs=1e-9)
    assert TimeOfMaximum("x").reduce(track).tolist() == [4.0]


def test_the_first_of_equal_ones():
    wave = make_track([0, 1, 2, 3, 4], [1, 0, 1, 0, 1])
    assert TimeOfMinimum("x").reduce(wave).tolist() == [1.0]
    assert TimeOfMaximum("x").reduce(wave).tolist() == [0.0]
    flat = make_track([0, 1, 2], [3, 3, 3])
    assert TimeOfMinimum("x", window=(1.0, None)).reduce(flat).tolist() == [1.0]
    dips = make_track([0, 2, 4], [1, 1, 1], [-1, 0, 0])
    twice = make_track([0, 2, 4, 6], [1, 1, 1, 1], [-1, 1, -1, 1])
    assert time_of_smallest(twice).tolist() == [1.0]
    assert time_of_smallest(dips)[0] == pytest.approx(2 / 3)


def test_the_last_value_before_a_change_is_at_its_time():
    before = np.nextafter(7.0, 0.0)
    track = make_track([0, before, 7, 9], [3, 1, 4, 2], [-2 / 7, -2 / 7, -1, -1])
    assert TimeOfMinimum("x").reduce(track).tolist() == [7.0]
    assert TimeOfMaximum("x").reduce(track).tolist() == [7.0]


def test_a_failed_patient_has_no_time():
    track = draw_track(1, patients=2)
    track.values[1, -1] = np.nan
    assert np.isnan(TimeOfMinimum("x").reduce(track)).tolist() == [False, True]


def test_names():
    assert TimeOfMinimum("ANC").name == "time_of_minimum(ANC)"
    assert TimeOfMaximum("ANC", label="peak day").columns == ("peak day",)
