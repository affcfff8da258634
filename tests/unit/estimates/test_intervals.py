import math

import numpy as np
import pytest

from stromal.estimates.intervals import estimate_curve_interval


def test_interval_is_symmetric_on_its_scale():
    p = np.array([0.3, 0.9])
    low, high = estimate_curve_interval(p, np.array([0.1, 0.02]), 0.9)
    scale = [np.log(-np.log(x)) for x in (low, p, high)]
    assert scale[0] - scale[1] == pytest.approx(scale[1] - scale[2])


def test_certain_probabilities_have_no_interval():
    low, high = estimate_curve_interval(np.array([0.0, 1.0]), np.array([0.1, 0.0]))
    assert np.isnan([low, high]).all()


def test_a_higher_level_is_wider():
    p, error = np.array([0.4]), np.array([0.2])
    narrow, wide = (estimate_curve_interval(p, error, level) for level in (0.8, 0.99))
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


@pytest.mark.parametrize(("interval", "low", "high"), [("log", 0.4, 1.0), ("plain", 0.0, 1.0)])
def test_intervals_are_cut_off_at_0_and_1(interval, low, high):
    z = 1.959963984540054
    found = estimate_curve_interval(
        np.array([0.8]), np.array([math.log(2) / z if interval == "log" else 2.0]), 0.95, interval
    )
    assert [bound[0] for bound in found] == pytest.approx([low, high])
