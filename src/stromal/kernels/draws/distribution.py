"""What a distribution is: a quantile function, so that a patient needs one random number for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from stromal.errors import Issue
from stromal.kernels.arguments import is_finite

Floats = NDArray[np.float64]
Values = NDArray[Any]

LEAST = 2.0**-54
MOST = 1 - 2.0**-53
"""Probabilities lie between these two, as random numbers do: no quantile is infinite."""

FURTHEST = 9.0
"""No random number is as many standard deviations from the mean."""


class Distribution(ABC):
    """How a parameter differs between patients."""

    @abstractmethod
    def quantile(self, probability: Floats) -> Values:
        """Return the values that so much of the population does not exceed."""

    def cumulative(self, value: Floats) -> Floats:
        """Return the share of the population that does not exceed each value.

        Only truncation and mixtures ask for it.
        """
        raise NotImplementedError

    def from_normal(self, normal: Floats) -> Values:
        """Return the values whose quantiles are those of standard normal numbers."""
        return self.quantile(np.clip(ndtr(normal), LEAST, MOST))

    @property
    def has_cumulative(self) -> bool:
        """Tell whether the distribution can be truncated or be part of a mixture."""
        return type(self).cumulative is not Distribution.cumulative

    def check(self) -> list[Issue]:
        """Return what is wrong with the distribution itself."""
        return []


class NormalScale(Distribution):
    """A distribution that is normal on a scale of its own, such as the logarithm.

    Deviations of several levels add on that scale.
    """

    @property
    @abstractmethod
    def spread(self) -> float:
        """Standard deviation on the scale."""

    @abstractmethod
    def at_deviation(self, deviation: Floats) -> Floats:
        """Return the values that lie so far from the middle, on the scale."""

    @abstractmethod
    def deviation_of(self, value: Floats) -> Floats:
        """Return how far values lie from the middle, on the scale."""

    def quantile(self, probability: Floats) -> Floats:
        """Return the middle, moved by a normal deviation."""
        return self.from_normal(ndtri(probability))

    def from_normal(self, normal: Floats) -> Floats:
        """Return the middle, moved by so many standard deviations."""
        return self.at_deviation(self.spread * normal)

    def cumulative(self, value: Floats) -> Floats:
        """Return the share of the population that does not exceed each value."""
        deviation = self.deviation_of(np.asarray(value, np.float64))
        if self.spread == 0:
            return np.asarray(deviation >= 0, np.float64)
        return np.asarray(ndtr(deviation / self.spread))


def check_finite(what: str, given: object, hint: str = "give a finite number") -> Iterator[Issue]:
    """Yield an issue of what is no finite number."""
    if not is_finite(given):
        yield Issue(f"{what} is {given!r}", hint=hint)


def check_positive(what: str, given: object, hint: str) -> Iterator[Issue]:
    """Yield an issue of what is no finite number above 0."""
    if not (is_finite(given) and float(given) > 0):
        yield Issue(f"{what} is {given!r}", hint=hint)


def check_spread(what: str, given: object, hint: str) -> Iterator[Issue]:
    """Yield an issue of what is no finite number from 0 on."""
    if not (is_finite(given) and float(given) >= 0):
        yield Issue(f"{what} is {given!r}", hint=hint)


def check_ends(kind: str, low: object, high: object) -> list[Issue]:
    """Return issues of ends that are not finite, the wrong way round, or too far apart."""
    issues = [
        *check_finite(f"`low` of {kind}", low),
        *check_finite(f"`high` of {kind}", high),
    ]
    if issues or not (is_finite(low) and is_finite(high)):
        return issues
    if float(low) > float(high):
        return [Issue(f"{kind} goes from {low} to {high}", hint="swap its ends")]
    if np.isinf(float(high) - float(low)):
        message = f"{kind} goes from {low} to {high}, too far for a number"
        return [Issue(message, hint="give ends that are nearer to each other")]
    return []


def check_reach(kind: NormalScale) -> Iterator[Issue]:
    """Yield an issue of a distribution that reaches numbers that no double holds."""
    with np.errstate(over="ignore"):
        ends = kind.from_normal(np.array([-FURTHEST, FURTHEST]))
    if not np.isfinite(ends).all():
        message = f"{kind} reaches beyond the largest number"
        yield Issue(message, hint="give a smaller deviation, or another unit")
