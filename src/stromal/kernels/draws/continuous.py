"""Distributions of one piece: a number of their own for every probability."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, betaincinv, expit, logit

from stromal.errors import InvalidInput, Issue
from stromal.kernels.arguments import is_finite
from stromal.kernels.draws.distribution import (
    Distribution,
    Floats,
    NormalScale,
    check_ends,
    check_finite,
    check_positive,
    check_reach,
    check_spread,
)


@dataclass(frozen=True, slots=True)
class Fixed(Distribution):
    """The same number in every patient."""

    value: float

    def quantile(self, probability: Floats) -> Floats:
        """Return the number, for every probability."""
        return np.full(np.shape(probability), float(self.value))

    def cumulative(self, value: Floats) -> Floats:
        """Return 0 below the number, 1 from it on."""
        return np.asarray(np.asarray(value) >= float(self.value), np.float64)

    def check(self) -> list[Issue]:
        """Return an issue where it is no finite number."""
        return [*check_finite("the value of Fixed", self.value)]


@dataclass(frozen=True, slots=True)
class Uniform(Distribution):
    """Any number between two, each as likely."""

    low: float
    high: float

    def quantile(self, probability: Floats) -> Floats:
        """Return the number that lies so far between the two."""
        low, high = float(self.low), float(self.high)
        return low + (high - low) * probability

    def cumulative(self, value: Floats) -> Floats:
        """Return how far between the two a number lies."""
        low, high = float(self.low), float(self.high)
        if low == high:
            return np.asarray(np.asarray(value) >= low, np.float64)
        return np.asarray(np.clip((value - low) / (high - low), 0, 1))

    def check(self) -> list[Issue]:
        """Return issues of ends: not finite, the wrong way round, or too far apart."""
        return check_ends("Uniform", self.low, self.high)


@dataclass(frozen=True, slots=True)
class Normal(NormalScale):
    """A number of either sign: its mean and its standard deviation."""

    mean: float
    sd: float

    @property
    def spread(self) -> float:
        """Standard deviation."""
        return float(self.sd)

    def at_deviation(self, deviation: Floats) -> Floats:
        """Return mean plus deviation."""
        return float(self.mean) + deviation

    def deviation_of(self, value: Floats) -> Floats:
        """Return value less mean."""
        return value - float(self.mean)

    def check(self) -> list[Issue]:
        """Return issues of a mean that is not finite, a deviation that is negative."""
        hint = "give the standard deviation, 0 or more"
        issues = [
            *check_finite("the mean of Normal", self.mean),
            *check_spread("the sd of Normal", self.sd, hint),
        ]
        return issues or list(check_reach(self))


@dataclass(frozen=True, slots=True)
class LogNormal(NormalScale):
    """A positive number: its median, and the standard deviation of its logarithm."""

    median: float
    log_sd: float

    @classmethod
    def by_mean(cls, mean: float, cv: float) -> LogNormal:
        """Return the distribution with a mean and a coefficient of variation.

        Parameters
        ----------
        mean
            Mean of the number itself, above 0; the median is lower.
        cv
            Standard deviation of the number itself, divided by the mean.

        Examples
        --------
        >>> LogNormal.by_mean(2.0, 0.5)
        LogNormal(median=1.7888543819998317, log_sd=0.47238072707743883)
        """
        issues = [
            *check_positive("the mean of LogNormal", mean, "give a positive number"),
            *check_spread("the cv of LogNormal", cv, "give standard deviation by mean, 0 or more"),
        ]
        if issues:
            raise InvalidInput(issues)
        square = float(cv) ** 2
        return cls(float(mean) / math.sqrt(1 + square), math.sqrt(math.log1p(square)))

    @property
    def spread(self) -> float:
        """Standard deviation of the logarithm."""
        return float(self.log_sd)

    def at_deviation(self, deviation: Floats) -> Floats:
        """Return the median times e to the power of the deviation."""
        return np.asarray(float(self.median) * np.exp(deviation))

    def deviation_of(self, value: Floats) -> Floats:
        """Return the logarithm of value by median."""
        positive = np.maximum(value, 0.0)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(positive) - math.log(float(self.median)))

    def check(self) -> list[Issue]:
        """Return issues of a median that is not positive, a deviation that is negative."""
        hint = "give the standard deviation of the logarithm, 0 or more"
        issues = [
            *check_positive(
                "the median of LogNormal",
                self.median,
                "give a positive number, not its logarithm",
            ),
            *check_spread("the log_sd of LogNormal", self.log_sd, hint),
        ]
        return issues or list(check_reach(self))


@dataclass(frozen=True, slots=True)
class LogitNormal(NormalScale):
    """A number between two ends, 0 and 1 if none are given: a share, or a bioavailability.

    `logit_sd` is the standard deviation of ln(s / (1 - s)), s being how far the number lies between
    the ends.
    """

    median: float
    logit_sd: float
    low: float = 0.0
    high: float = 1.0

    @property
    def spread(self) -> float:
        """Standard deviation of the logit."""
        return float(self.logit_sd)

    def at_deviation(self, deviation: Floats) -> Floats:
        """Return the number whose logit differs so much from that of the median."""
        low, high = float(self.low), float(self.high)
        middle = logit((float(self.median) - low) / (high - low))
        return np.asarray(low + (high - low) * expit(middle + deviation))

    def deviation_of(self, value: Floats) -> Floats:
        """Return the logit of value less that of the median."""
        low, high = float(self.low), float(self.high)
        middle = logit((float(self.median) - low) / (high - low))
        return np.asarray(logit(np.clip((value - low) / (high - low), 0, 1)) - middle)

    def check(self) -> list[Issue]:
        """Return issues of ends, of a median outside them, of a deviation that is negative."""
        hint = "give the standard deviation of the logit, 0 or more"
        issues = [
            *check_ends("LogitNormal", self.low, self.high),
            *check_spread("the logit_sd of LogitNormal", self.logit_sd, hint),
        ]
        median, low, high = self.median, self.low, self.high
        if not is_finite(median):
            return [*issues, *check_finite("the median of LogitNormal", median)]
        ends_fit = is_finite(low) and is_finite(high) and float(low) <= float(high)
        if ends_fit and not float(low) < float(median) < float(high):
            message = f"the median of LogitNormal is {median!r}, not between {low} and {high}"
            issues.append(Issue(message, hint="give a number between the ends, not its logit"))
        return issues


@dataclass(frozen=True, slots=True)
class Beta(Distribution):
    """A share between 0 and 1, by the two shapes of the beta distribution."""

    alpha: float
    beta: float

    @classmethod
    def by_mean(cls, mean: float, n: float) -> Beta:
        """Return the distribution with a mean, as certain as a share seen in n patients.

        Parameters
        ----------
        mean
            Between 0 and 1.
        n
            Sum of the shapes, above 0: the variance is mean (1 - mean) / (n + 1).

        Examples
        --------
        >>> Beta.by_mean(0.25, 20)
        Beta(alpha=5.0, beta=15.0)
        """
        issues = [*check_positive("the n of Beta", n, "give the sum of the shapes, above 0")]
        if not (is_finite(mean) and 0 < float(mean) < 1):
            hint = "give a number between 0 and 1"
            issues.insert(0, Issue(f"the mean of Beta is {mean!r}", hint=hint))
        if issues:
            raise InvalidInput(issues)
        return cls(float(mean) * float(n), (1 - float(mean)) * float(n))

    def quantile(self, probability: Floats) -> Floats:
        """Return the inverse of the regularised incomplete beta function."""
        return np.asarray(betaincinv(float(self.alpha), float(self.beta), probability))

    def cumulative(self, value: Floats) -> Floats:
        """Return the regularised incomplete beta function."""
        share = np.clip(value, 0.0, 1.0)
        return np.asarray(betainc(float(self.alpha), float(self.beta), share))

    def check(self) -> list[Issue]:
        """Return issues of shapes that are not positive."""
        hint = "give a positive number, or mean and n with Beta.by_mean"
        return [
            *check_positive("the alpha of Beta", self.alpha, hint),
            *check_positive("the beta of Beta", self.beta, hint),
        ]
