import numpy as np
import pytest

from stromal.estimates.restricted_likelihood import Profile, maximise_restricted


def test_balanced_groups_have_the_variances_of_their_mean_squares():
    random = np.random.default_rng(4)
    member = np.repeat(np.arange(6), 4)
    y = random.normal(size=24) + 2 * random.normal(size=6)[member]
    one = np.ones((24, 1))
    found = maximise_restricted(Profile.of(one, y, one, member))
    means = y.reshape(6, 4).mean(axis=1)
    within = y.reshape(6, 4).var(axis=1, ddof=1).mean()
    assert found.variance == pytest.approx(within, rel=1e-6)
    assert found.between[0, 0] == pytest.approx(means.var(ddof=1) - within / 4, rel=1e-5)
    assert found.coefficients[0] == pytest.approx(y.mean())
    assert found.count_degrees(np.ones(1)) == pytest.approx(5, rel=1e-3)


def test_the_deviance_is_that_of_matrices_written_out():
    random = np.random.default_rng(5)
    member = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2])
    z = np.column_stack([np.ones(9), random.normal(size=9)])
    x, y = np.column_stack([np.ones(9), random.normal(size=9)]), random.normal(size=9)
    theta, variance = np.array([0.7, -0.2, 0.4]), 1.3
    profile = Profile.of(x, y, z, member)
    lower = np.array([[0.7, 0.0], [-0.2, 0.4]])
    v = variance * np.eye(9)
    for patient in range(3):
        own = np.flatnonzero(member == patient)
        v[np.ix_(own, own)] += variance * z[own] @ lower @ lower.T @ z[own].T
    inverse = np.linalg.inv(v)
    inner = x.T @ inverse @ x
    rest = y - x @ np.linalg.solve(inner, x.T @ inverse @ y)
    expected = np.linalg.slogdet(v)[1] + np.linalg.slogdet(inner)[1] + rest @ inverse @ rest
    expected += 7 * np.log(2 * np.pi)
    assert profile.deviance(theta, variance) == pytest.approx(expected)


def test_nothing_left_to_spread_is_no_fit():
    one, member = np.ones((4, 1)), np.array([0, 0, 1, 1])
    found = maximise_restricted(Profile.of(one, np.array([1.0, 1.0, 2.0, 2.0]), one, member))
    assert found.reason
