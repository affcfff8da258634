"""Cubics: their turns and crossings against roots of polynomials."""

from __future__ import annotations

import numpy as np
import pytest

from stromal.kernels.hermite import Cubics


def _random(count: int = 400) -> Cubics:
    draws = np.random.default_rng(1).normal(size=(4, count))
    return Cubics(draws[0], draws[1], 5 * draws[2], 5 * draws[3])


def _coefficients(cubics: Cubics, number: int) -> np.ndarray:
    v0, v1, m0, m1 = (
        float(array[number]) for array in (cubics.v0, cubics.v1, cubics.m0, cubics.m1)
    )
    return np.array([m0 + m1 - 2 * (v1 - v0), 3 * (v1 - v0) - 2 * m0 - m1, m0, v0])


def _roots(coefficients: np.ndarray) -> list[float]:
    found = np.roots(coefficients)
    real = found[np.abs(found.imag) < 1e-9].real
    return sorted(float(root) for root in real if 1e-9 < root < 1 - 1e-9)


def test_ends_are_the_given_values():
    cubics = _random()
    assert np.array_equal(cubics.at(np.zeros(400)), cubics.v0)
    assert cubics.at(np.ones(400)) == pytest.approx(cubics.v1, abs=1e-12)


def test_turns_are_roots_of_the_slope():
    cubics = _random()
    turns = cubics.turns()
    assert (np.diff(turns, axis=1) >= 0).all()
    for number in range(400):
        slope = np.polyder(_coefficients(cubics, number))
        inner = [place for place in turns[number, 1:-1] if place > 0]
        assert inner == pytest.approx(_roots(slope), abs=1e-9)


def test_crossings_are_roots():
    cubics = _random()
    places, _, _ = cubics.crossings(0.25)
    for number in range(400):
        coefficients = _coefficients(cubics, number)
        coefficients[-1] -= 0.25
        found = sorted(place for place in places[number] if not np.isnan(place))
        assert found == pytest.approx(_roots(coefficients), abs=1e-7)


@pytest.mark.parametrize("size", [1e-170, 1e-300, 1e160, 1e300])
def test_turns_and_crossings_do_not_depend_on_size(size):
    cubics = _random()
    scaled = Cubics(*(size * part for part in (cubics.v0, cubics.v1, cubics.m0, cubics.m1)))
    assert scaled.turns() == pytest.approx(cubics.turns(), abs=1e-9)
    places, _, over = cubics.crossings(0.25)
    scaled_places, _, scaled_over = scaled.crossings(0.25 * size)
    assert scaled_places == pytest.approx(places, abs=1e-9, nan_ok=True)
    assert scaled_over / size == pytest.approx(over, abs=1e-12)


def test_a_straight_line_has_no_turns():
    line = Cubics(np.zeros(1), np.ones(1), np.ones(1), np.ones(1))
    assert line.turns().tolist() == [[0.0, 0.0, 0.0, 1.0]]
    assert np.nanmin(line.crossings(0.25)[0]) == pytest.approx(0.25, abs=1e-15)


def test_what_is_not_a_number_crosses_nothing():
    gone = Cubics(np.array([np.nan]), np.ones(1), np.ones(1), np.ones(1))
    assert np.isnan(gone.crossings(0.0)[0]).all()
