"""Proper scores against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from stromal.calibrate.forecast import judge_forecast

DRAWN = norm.ppf((np.arange(2000) + 0.5) / 2000)


@pytest.mark.parametrize("observed", [0.0, 1.0, -3.0])
def test_crps_of_a_normal_is_the_closed_form(observed: float):
    closed = observed * (2 * norm.cdf(observed) - 1) + 2 * norm.pdf(observed) - 1 / np.sqrt(np.pi)
    assert judge_forecast(DRAWN, observed).crps == pytest.approx(closed, abs=2e-3)


def test_a_miss_costs_twenty_times_its_distance():
    held, missed = judge_forecast(DRAWN, 0.0), judge_forecast(DRAWN, 3.0)
    assert held.holds
    assert not missed.holds
    assert held.interval_score == pytest.approx(2 * norm.ppf(0.95), abs=1e-2)
    further = missed.interval_score - held.interval_score
    assert further == pytest.approx(20 * (3 - norm.ppf(0.95)), abs=0.05)


def test_one_number_alone_is_scored_by_its_distance():
    assert judge_forecast(np.array([2.0]), 5.0).crps == 3.0
