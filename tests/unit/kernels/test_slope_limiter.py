"""The slope limiter; what reducers make of it stands in `reducers/test_window`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicHermiteSpline

from stromal.kernels.slope_limiter import STEEP, limit_slopes


def _limit(values, slopes):
    times = np.arange(float(len(values)))
    return limit_slopes(*(np.array([row], np.float64) for row in (times, values, slopes)))


def test_true_slopes_are_left_alone():
    assert _limit([0, 1, 0], [0, 0, 0]) is None
    assert _limit([0, 1, 2], [1, 1, 1]) is None


@given(
    rise=st.floats(-10, 10),
    near=st.sampled_from([np.inf, -np.inf, np.nan, 1e6, -1e9]),
    far=st.floats(-10, 10),
)
def test_the_steepest_cubics_stay_between_their_ends(rise, near, far):
    limited = _limit([0.0, rise], [near, far])
    assert limited is not None
    start, end = (float(part[0, 0]) for part in limited)
    spline = CubicHermiteSpline([0.0, 1.0], [0.0, rise], [start, end])
    values = spline(np.linspace(0.0, 1.0, 1001))
    slack = 1e-9 + 1e-12 * STEEP
    assert min(0.0, rise) - slack <= values.min()
    assert values.max() <= max(0.0, rise) + slack


def test_a_slope_is_limited_without_a_step():
    """Slopes just beyond the bound are hardly changed: numbers do not jump there."""
    steep = STEEP * (1.0 + 1e-9)
    limited = _limit([0.0, 1.0, 2.0], [steep, 1.0, 1.0])
    assert limited is not None
    assert limited[0][0, 0] == pytest.approx(steep, rel=1e-6)


def test_a_slope_that_is_missing_becomes_that_of_the_line():
    limited = _limit([0.0, 2.0], [np.nan, 2.0])
    assert limited is not None
    assert limited[0].tolist() == [[2.0]]
