import numpy as np
import pytest

from stromal.evidence.pool.heterogeneity import describe_heterogeneity, estimate_tau2

METHODS = ("DL", "REML", "PM")


@pytest.mark.parametrize("method", METHODS)
def test_equal_variances_have_a_closed_form(method):
    # with equal variances all three are the sample variance less the common one
    y, v = np.array([0.3, -1.0, 2.0, 0.7, 1.9]), np.full(5, 0.2)
    found = estimate_tau2(y, v, np.ones((5, 1)), method)
    assert found == pytest.approx(np.var(y, ddof=1) - 0.2, rel=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_effects_closer_than_chance_give_zero(method):
    y = np.array([0.1, 0.11, 0.09])
    assert estimate_tau2(y, np.ones(3), np.ones((3, 1)), method) == 0.0


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [1e-8, 1e8])
def test_estimates_follow_the_scale(method, scale):
    y, v = np.array([0.3, -1.0, 2.0, 0.7]), np.array([0.1, 0.3, 0.2, 0.05])
    ones = np.ones((4, 1))
    plain = estimate_tau2(y, v, ones, method)
    scaled = estimate_tau2(y * scale, v * scale**2, ones, method)
    assert scaled == pytest.approx(plain * scale**2, rel=1e-8)


def test_one_study_says_nothing_of_differences():
    found = describe_heterogeneity(np.array([1.0]), np.array([0.1]), np.ones((1, 1)), 0.0)
    assert (found.low, found.high, found.p, found.i2) == (None, None, None, None)


def test_the_interval_is_missing_where_effects_are_too_close():
    y = np.array([0.1, 0.1001, 0.1002])
    found = describe_heterogeneity(y, np.ones(3), np.ones((3, 1)), 0.0)
    assert (found.low, found.high) == (None, None)


def test_many_studies_need_no_square_of_memory():
    # 60,000 x 60,000 numbers would be 29 GB
    rng = np.random.default_rng(5)
    variances = rng.uniform(0.05, 0.5, 60_000)
    values = rng.normal(0.3, np.sqrt(variances + 0.2))
    moderators = np.column_stack([np.ones(60_000), rng.normal(size=60_000)])
    assert estimate_tau2(values, variances, moderators) == pytest.approx(0.2, abs=0.01)
