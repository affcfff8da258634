"""Cubics between the points of a grid: where they turn, where they cross a value.

A cubic is given by its values and slopes at both ends, the slopes already multiplied by the length
of the interval; places within an interval run from 0 to 1. Arrays hold one cubic per entry.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Halvings of [0, 1] until neighbouring places differ in their last bit.
HALVINGS = 54


@dataclass(frozen=True, slots=True)
class Cubics:
    """Cubics by their ends: values `v0`, `v1` and slopes times length `m0`, `m1`, each (K,).

    Examples
    --------
    >>> one = np.ones(1)
    >>> float(Cubics(0 * one, one, one, one).at(0.5 * one)[0])
    0.5
    """

    v0: Floats
    v1: Floats
    m0: Floats
    m1: Floats

    def at(self, place: Floats) -> Floats:
        """Values at places, (K,) or (K, P)."""
        v0, v1, m0, m1 = self._columns(place.ndim)
        rise = v1 - v0
        cubic = m0 + m1 - 2.0 * rise
        square = 3.0 * rise - 2.0 * m0 - m1
        return v0 + place * (m0 + place * (square + place * cubic))

    def turns(self) -> Floats:
        """Places where pieces that rise or fall throughout begin and end: (K, 4), 0 to 1, sorted.

        A cubic has at most two turns; where it has fewer, places are repeated.
        """
        rise = self.v1 - self.v0
        a = 3.0 * (self.m0 + self.m1 - 2.0 * rise)
        b = 3.0 * rise - 2.0 * self.m0 - self.m1
        first, second = _solve_quadratic(a, b, self.m0)
        inner = np.sort(np.stack([_inside(first), _inside(second)], axis=1), axis=1)
        ends = np.zeros((len(rise), 1))
        return np.concatenate([ends, inner, ends + 1.0], axis=1)

    def crossings(self, threshold: float) -> tuple[Floats, Floats, Floats]:
        """Where each piece between turns crosses a threshold.

        Returns
        -------
        tuple
            `places` (K, 3), NaN where a piece does not cross; `turns` (K, 4), the places where
            pieces begin and end; `over` (K, 4), the values there less the threshold.
        """
        turns = self.turns()
        over = self.at(turns) - threshold
        # At its end a cubic is the next one's start to the last bit, or a crossing there is lost.
        over[:, -1] = self.v1 - threshold
        left, right = turns[:, :-1].copy(), turns[:, 1:].copy()
        starts_below = over[:, :-1] < 0
        crosses = starts_below != (over[:, 1:] < 0)
        for _ in range(HALVINGS):
            middle = 0.5 * (left + right)
            still = (self.at(middle) - threshold < 0) == starts_below
            left, right = np.where(still, middle, left), np.where(still, right, middle)
        return np.where(crosses, right, np.nan), turns, over

    def _columns(self, dimensions: int) -> tuple[Floats, Floats, Floats, Floats]:
        if dimensions == 1:
            return self.v0, self.v1, self.m0, self.m1
        return self.v0[:, None], self.v1[:, None], self.m0[:, None], self.m1[:, None]


def _inside(place: Floats) -> Floats:
    """Places within the interval as they are; the others, and missing ones, at its start."""
    return np.where((place > 0.0) & (place < 1.0), place, 0.0)


def _solve_quadratic(a: Floats, b: Floats, c: Floats) -> tuple[Floats, Floats]:
    """Roots of a x^2 + 2 b x + c without cancellation; NaN or infinite where there is none."""
    a, b, c = _scale(a, b, c)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        root = np.sqrt(b * b - a * c)
        q = -(b + np.copysign(root, b))
        return q / a, c / q


def _scale(*coefficients: Floats) -> tuple[Floats, ...]:
    """Coefficients over a power of two near their largest, so that their products are numbers."""
    largest = np.max(np.abs(coefficients), axis=0)
    _, exponent = np.frexp(largest)
    return tuple(np.ldexp(each, -exponent) for each in coefficients)
