"""What every distribution does: one quantile function, its inverse, and words on what is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from stromal.kernels.draws import (
    Beta,
    Categorical,
    Distribution,
    Fixed,
    LogitNormal,
    LogNormal,
    Mixture,
    Normal,
    Truncated,
    Uniform,
)
from stromal.kernels.draws.distribution import check_ends, check_finite, check_positive, check_reach

P = (np.arange(2000) + 0.5) / 2000
CONTINUOUS = [
    Normal(-1.0, 2.0),
    LogNormal(2.0, 0.4),
    LogitNormal(0.3, 0.8),
    LogitNormal(4.0, 1.5, low=-1.0, high=5.0),
    Uniform(-1.0, 3.0),
    Beta(2.0, 0.7),
    Truncated(Normal(0.0, 1.0), low=0.5),
    Truncated(LogNormal(2.0, 0.4), 1.5, 2.5),
    Mixture([(0.3, LogNormal(1.0, 0.2)), (0.7, Normal(5.0, 1.0))]),
]
STEPPED = [
    Fixed(3.0),
    Normal(2.0, 0.0),
    Uniform(2.0, 2.0),
    Categorical({8: 0.25, 2: 0.75}),
    Truncated(Categorical({1: 0.2, 2: 0.3, 3: 0.5}), 2, 3),
    Mixture([(0.5, Fixed(1.0)), (0.5, Uniform(0.0, 4.0))]),
]


@pytest.mark.parametrize("distribution", CONTINUOUS, ids=str)
def test_cumulative_is_the_inverse_of_quantile(distribution):
    assert distribution.cumulative(distribution.quantile(P)) == pytest.approx(P, abs=1e-12)


@pytest.mark.parametrize("distribution", STEPPED, ids=str)
def test_quantile_is_the_least_value_that_reaches_the_probability(distribution):
    values = distribution.quantile(P)
    assert (distribution.cumulative(values) >= P - 1e-12).all()
    assert (distribution.cumulative(np.nextafter(values, -np.inf)) < P + 1e-12).all()


@pytest.mark.parametrize("distribution", CONTINUOUS + STEPPED, ids=str)
def test_quantiles_ascend_and_follow_normal_numbers(distribution):
    assert distribution.check() == []
    assert (np.diff(distribution.quantile(P)) >= 0).all()
    normals = ndtri(P)
    assert distribution.from_normal(normals) == pytest.approx(
        distribution.quantile(np.asarray(ndtr(normals))), rel=1e-9
    )


@pytest.mark.parametrize("distribution", CONTINUOUS + STEPPED, ids=str)
def test_the_part_that_is_asked_for_has_the_same_bits(distribution):
    every = distribution.quantile(P)
    for part in (slice(0, 1), slice(3, 10), slice(17, 1500)):
        assert np.array_equal(distribution.quantile(P[part].copy()), every[part])


@pytest.mark.parametrize("distribution", [Uniform(0.0, 1.0), Normal(0.0, 1.0), Beta(0.2, 0.2)])
def test_no_draw_is_infinite(distribution):
    assert np.isfinite(distribution.from_normal(np.array([-37.0, -9.0, 9.0]))).all()


def test_a_distribution_of_ones_own_may_have_no_cumulative():
    class Always(Distribution):
        def quantile(self, probability):
            return 0.0 * probability + 4.0

    assert not Always().has_cumulative
    with pytest.raises(NotImplementedError):
        Always().cumulative(np.zeros(1))


def test_words_on_numbers():
    assert [issue.message for issue in check_finite("x", np.inf)] == ["x is inf"]
    assert [issue.message for issue in check_positive("x", 0, "more")] == ["x is 0"]
    assert not list(check_reach(LogNormal(1e-12, 3.0)))
    assert [issue.hint for issue in check_ends("U", 2, 1)] == ["swap its ends"]
