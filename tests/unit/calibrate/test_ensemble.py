"""The smoother against the closed form of a linear model with normal noise."""

from __future__ import annotations

import numpy as np
import pytest

from stromal.calibrate.ensemble import update_ensemble

MAP = np.array([[1.0, 0.5, 0.0], [0.0, 1.0, 0.0]])
NOISE = np.array([[0.3, 0.1], [0.1, 0.4]])
OBSERVED = np.array([1.0, -0.5])


def closed_form() -> tuple[np.ndarray, np.ndarray]:
    precision = np.eye(3) + MAP.T @ np.linalg.inv(NOISE) @ MAP
    covariance = np.linalg.inv(precision)
    return covariance @ MAP.T @ np.linalg.inv(NOISE) @ OBSERVED, covariance


@pytest.mark.parametrize("noisy", [False, True])
def test_it_is_exact_where_all_is_linear_and_normal(noisy: bool):
    generator = np.random.default_rng(7)
    members = generator.normal(size=(20_000, 3))
    for _ in range(4):
        predicted = members @ MAP.T
        if noisy:
            predicted += generator.multivariate_normal(np.zeros(2), NOISE, size=len(members))
        members = update_ensemble(
            members, predicted, OBSERVED, NOISE, 4.0, generator, noisy=noisy, least_correlation=0.0
        )
    mean, covariance = closed_form()
    assert members.mean(axis=0) == pytest.approx(mean, abs=0.03)
    assert np.cov(members.T) == pytest.approx(covariance, abs=0.03)


def test_what_the_data_say_nothing_of_stays_as_wide_as_it_was():
    generator = np.random.default_rng(8)
    members = generator.normal(size=(100, 3))
    predicted = members @ MAP.T
    moved = update_ensemble(members, predicted, OBSERVED, NOISE, 1.0, generator, noisy=False)
    assert moved[:, 2] == pytest.approx(members[:, 2])
    assert moved[:, 0].std() < members[:, 0].std()
