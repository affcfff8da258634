"""Distributions made of others, or of single values: truncated, mixtures, categories."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stromal.errors import Issue
from stromal.kernels.arguments import is_finite, is_number
from stromal.kernels.draws.distribution import LEAST, MOST, Distribution, Floats, Values

LEAST_SHARE = 1e-6
"""Least share that truncation may leave: probabilities are known to 1e-16, not to less."""

ROUNDING = 1e-9
"""How far a sum of probabilities may be from 1."""

SECANTS = 10
"""Steps of the secant; a smooth distribution function seldom needs more."""

NEAR = 8
"""Last digits by which the secant is expected to be wrong."""

_FLIP = np.int64(2**63 - 1)


@dataclass(frozen=True, slots=True)
class Truncated(Distribution):
    """A distribution between limits: whoever lies beyond is not in the population.

    The number is found by the inverse of the distribution function [devroye1986], not by drawing
    until it fits, so that a patient still needs one random number.
    """

    distribution: Distribution
    low: float = -math.inf
    high: float = math.inf

    def quantile(self, probability: Floats) -> Floats:
        """Return the quantile of what is between the limits."""
        below, above = self._shares()
        inner = np.clip(below + (above - below) * probability, LEAST, MOST)
        # Rounding may step over a limit by the last digit.
        return np.clip(self.distribution.quantile(inner), float(self.low), float(self.high))

    def cumulative(self, value: Floats) -> Floats:
        """Return the share of what is between the limits."""
        below, above = self._shares()
        share = (self.distribution.cumulative(np.asarray(value, np.float64)) - below) / (
            above - below
        )
        inside = np.where(np.asarray(value) >= float(self.low), np.clip(share, 0, 1), 0.0)
        return np.where(np.asarray(value) >= float(self.high), 1.0, inside)

    def check(self) -> list[Issue]:
        """Return issues of the distribution, of the limits, and of what they leave."""
        issues = check_part("Truncated", self.distribution)
        numbers = is_number(self.low) and is_number(self.high)
        if not numbers or math.isnan(float(self.low)) or math.isnan(float(self.high)):
            message = f"Truncated is limited by {self.low!r} and {self.high!r}"
            return [*issues, Issue(message, hint="give numbers; leave out a limit that is none")]
        if float(self.low) > float(self.high):
            message = f"Truncated goes from {self.low} to {self.high}"
            return [*issues, Issue(message, hint="swap its limits")]
        if not issues:
            below, above = self._shares()
            if above - below < LEAST_SHARE:
                message = (
                    f"{self.distribution} has a share of {max(above - below, 0):.2g} "
                    f"from {self.low} to {self.high}"
                )
                hint = "give limits that hold a millionth of the distribution or more"
                issues.append(Issue(message, hint=hint))
        return issues

    def _shares(self) -> tuple[float, float]:
        """Shares of the whole distribution below the lower limit, and up to the upper one."""
        # A value that stands alone on the lower limit belongs to what is kept.
        ends = np.array([np.nextafter(float(self.low), -math.inf), float(self.high)])
        below, above = self.distribution.cumulative(ends)
        return float(below), float(above)


@dataclass(frozen=True, slots=True)
class Mixture(Distribution):
    """Several distributions, each for a share of the population: pairs (share, distribution)."""

    parts: Sequence[tuple[float, Distribution]]

    def quantile(self, probability: Floats) -> Floats:
        """Return the least number whose share reaches the probability.

        The quantiles of the parts bracket it. The secant with Illinois weights [dahlquist2008]
        finds it where the distribution function is smooth, and bisection finds it in any case.
        """
        probability = np.asarray(probability, np.float64)
        ends = [part.quantile(probability) for share, part in self.parts if float(share) > 0]
        least, most = np.minimum.reduce(ends), np.maximum.reduce(ends)
        # Doubles in the order of their bits: at most 64 halvings find the number to the last bit,
        # also where the distribution function has steps.
        low, high = _order(least), _order(most)
        near = _order(self._approach(least, most, probability))
        for step in (-NEAR, NEAR):
            point = np.clip(near + step, low, high)
            short = self.cumulative(_number(point)) < probability
            low, high = np.where(short, point, low), np.where(short, high, point)
        left = np.flatnonzero(low < high)
        while left.size:
            a, b = low[left], high[left]
            middle = (a & b) + ((a ^ b) >> 1)  # the mean, without overflow
            short = self.cumulative(_number(middle)) < probability[left]
            low[left], high[left] = np.where(short, middle + 1, a), np.where(short, b, middle)
            left = left[low[left] < high[left]]
        return _number(low)

    def _approach(self, low: Floats, high: Floats, probability: Floats) -> Floats:
        """Where the secant ends: near the number, unless a step is in its way."""
        below = self.cumulative(low) - probability
        above = self.cumulative(high) - probability
        point, before = low, np.zeros(np.shape(low), np.int8)
        for _ in range(SECANTS):
            with np.errstate(invalid="ignore", divide="ignore"):
                point = high - above * ((high - low) / (above - below))
            # Rounding may lead out of the bracket, and an empty bracket has no secant.
            point = np.where(point >= low, np.minimum(point, high), low)
            rest = self.cumulative(point) - probability
            short = rest < 0
            # An end that stays twice counts half, so that it is left the next time (Illinois).
            side = np.where(short, np.int8(1), np.int8(-1))
            halves = np.where(side == before, 0.5, 1.0)
            below, above = (
                np.where(short, rest, below * halves),
                np.where(short, above * halves, rest),
            )
            before = side
            low, high = np.where(short, point, low), np.where(short, high, point)
        return point

    def cumulative(self, value: Floats) -> Floats:
        """Return the shares of the parts, weighted."""
        total = np.zeros(np.shape(value))
        for share, part in self.parts:
            total += float(share) * part.cumulative(value)
        return total

    def check(self) -> list[Issue]:
        """Return issues of the shares and of every part."""
        hint = "give pairs of share and distribution, such as [(0.2, Fixed(1)), (0.8, Fixed(2))]"
        parts: object = self.parts
        if not isinstance(parts, list | tuple):
            return [Issue(f"the parts of Mixture are {parts!r}", hint=hint)]
        pairs: list[object] = list(parts)
        wrong = [pair for pair in pairs if not (isinstance(pair, tuple | list) and len(pair) == 2)]
        if wrong or not pairs:
            message = f"{wrong[0]!r} is no part of Mixture" if wrong else "Mixture has no parts"
            return [Issue(message, hint=hint)]
        issues = [issue for _, part in self.parts for issue in check_part("Mixture", part)]
        shares = [share for share, _ in self.parts]
        return [*issues, *check_shares("the shares of Mixture", shares)]


@dataclass(frozen=True, slots=True)
class Categorical(Distribution):
    """Single values with their probabilities: numbers, or names such as those of a covariate.

    Numbers are taken in their order, names in the order in which they are given; that order matters
    only where the parameter is correlated with others.
    """

    probabilities: Mapping[float | str, float]

    def quantile(self, probability: Floats) -> Values:
        """Return the first value whose summed probability reaches each one."""
        values, shares = self._ordered()
        places = np.searchsorted(np.cumsum(shares)[:-1], probability, side="left")
        return values[places]

    def cumulative(self, value: Floats) -> Floats:
        """Return the summed probability of all values up to each one."""
        values, shares = self._ordered()
        sums = np.concatenate([[0.0], np.cumsum(shares)])
        sums[-1] = 1.0
        return np.asarray(sums[np.searchsorted(values, value, side="right")])

    @property
    def has_names(self) -> bool:
        """Tell whether its values are names, which no kernel takes."""
        given: object = self.probabilities
        return isinstance(given, Mapping) and all(isinstance(value, str) for value in given)

    @property
    def has_cumulative(self) -> bool:
        """Tell whether its values are numbers."""
        return not self.has_names

    def check(self) -> list[Issue]:
        """Return issues of values that are of two kinds, and of the probabilities."""
        hint = 'give probabilities by value, such as {"female": 0.4, "male": 0.6}'
        given: object = self.probabilities
        if not isinstance(given, Mapping) or not given:
            return [Issue(f"Categorical is of {given!r}", hint=hint)]
        values = list(self.probabilities)
        wrong = [each for each in values if not (isinstance(each, str) or is_finite(each))]
        issues = [Issue(f"{each!r} is no value of Categorical", hint=hint) for each in wrong]
        if not wrong and len({isinstance(each, str) for each in values}) > 1:
            message = "Categorical has numbers and names"
            issues.append(Issue(message, hint="give numbers alone, or names alone"))
        shares = list(self.probabilities.values())
        return [*issues, *check_shares("the probabilities of Categorical", shares)]

    def _ordered(self) -> tuple[Values, Floats]:
        """Values and their probabilities, numbers in ascending order."""
        shares = np.array([float(share) for share in self.probabilities.values()])
        if self.has_names:
            return np.array(list(self.probabilities)), shares
        values = np.array([float(value) for value in self.probabilities])
        order = np.argsort(values, kind="stable")
        return values[order], shares[order]


def check_shares(what: str, shares: Sequence[object]) -> Iterator[Issue]:
    """Yield issues of probabilities that are negative, no numbers, or do not sum to 1."""
    wrong = [share for share in shares if not (is_finite(share) and float(share) >= 0)]
    for share in wrong:
        yield Issue(f"one of {what} is {share!r}", hint="give numbers from 0 to 1")
    if not wrong:
        total = math.fsum(float(share) for share in shares if is_number(share))
        if abs(total - 1) > ROUNDING:
            yield Issue(f"{what} sum to {total:.12g}", hint="give numbers whose sum is 1")


def check_part(whole: str, part: object) -> list[Issue]:
    """Return what is wrong with a distribution within another."""
    if not isinstance(part, Distribution):
        message = f"{part!r} is no distribution, in {whole}"
        return [Issue(message, hint="give one, such as LogNormal(0.5, 0.3)")]
    issues = part.check()
    if not issues and not part.has_cumulative:
        hint = "take a distribution of numbers of one parameter, with a method `cumulative`"
        return [Issue(f"{whole} cannot be made of {type(part).__name__}", hint=hint)]
    return issues


def _order(numbers: Floats) -> NDArray[np.int64]:
    """Whole numbers that are in the same order as the doubles."""
    bits = np.ascontiguousarray(numbers).view(np.int64)
    return np.asarray(bits ^ ((bits >> 63) & _FLIP))


def _number(order: NDArray[np.int64]) -> Floats:
    """The doubles of those whole numbers; the inverse of `_order`."""
    bits = np.ascontiguousarray(order ^ ((order >> 63) & _FLIP))
    return bits.view(np.float64)
