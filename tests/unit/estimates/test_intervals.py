import numpy as np
import pytest

from stromal.estimates.intervals import estimate_loglog_interval


def test_interval_is_symmetric_on_its_scale():
    p = np.array([0.3, 0.9])
    low, high = estimate_loglog_interval(p, np.array([0.1, 0.02]), 0.9)
    scale = [np.log(-np.log(x)) for x in (low, p, high)]
    assert scale[0] - scale[1] == pytest.approx(scale[1] - scale[2])


def test_certain_probabilities_have_no_interval():
    low, high = estimate_loglog_interval(np.array([0.0, 1.0]), np.array([0.1, 0.0]))
    assert np.isnan([low, high]).all()


def test_a_higher_level_is_wider():
    p, error = np.array([0.4]), np.array([0.2])
    narrow, wide = (estimate_loglog_interval(p, error, level) for level in (0.8, 0.99))
    assert wide[0] < narrow[0] < narrow[1] < wide[1]
