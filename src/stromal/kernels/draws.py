"""Parameters of virtual patients, drawn so that patient 17 is the same patient in every chunk.

Each parameter has a counter-based stream of its own (Philox [salmon2011]), keyed by the seed and
the parameter's name; patient n takes the n-th number of it. No draw depends on how many patients
are drawn at once, on their order, or on which other parameters are drawn.
"""

from __future__ import annotations

import hashlib
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from stromal.errors import InvalidInput, Issue
from stromal.kernels.arguments import MOST_COUNT, is_finite, is_whole

Floats = NDArray[np.float64]

BLOCK = 4
"""Numbers that the generator makes for one value of its counter."""

MOST_SEED = 2**64 - 1
"""Half of the generator's key; the other half is the parameter's name."""

MOST_PATIENT = 2**63 - 1
"""Patients are counted in 64 bits."""


class Distribution(ABC):
    """How a parameter differs between patients."""

    @abstractmethod
    def quantile(self, probability: Floats) -> Floats:
        """Values below which so much of the population lies."""

    def check(self) -> list[Issue]:
        """What is wrong with the distribution itself."""
        return []


@dataclass(frozen=True, slots=True)
class LogNormal(Distribution):
    """A positive number: its median, and the standard deviation of its logarithm."""

    median: float
    log_sd: float

    def quantile(self, probability: Floats) -> Floats:
        """Median times e to the power of the normal deviate."""
        return float(self.median) * np.exp(float(self.log_sd) * ndtri(probability))

    def check(self) -> list[Issue]:
        """A median that is not positive, a deviation that is negative."""
        issues = []
        if not (is_finite(self.median) and float(self.median) > 0):
            message = f"the median of LogNormal is {self.median!r}"
            issues.append(Issue(message, hint="give a positive number, not its logarithm"))
        if not (is_finite(self.log_sd) and float(self.log_sd) >= 0):
            message = f"the log_sd of LogNormal is {self.log_sd!r}"
            hint = "give the standard deviation of the logarithm, 0 or more"
            issues.append(Issue(message, hint=hint))
        return issues


@dataclass(frozen=True, slots=True)
class Uniform(Distribution):
    """Any number between two, each as likely."""

    low: float
    high: float

    def quantile(self, probability: Floats) -> Floats:
        """A number between the two."""
        low, high = float(self.low), float(self.high)
        return low + (high - low) * probability

    def check(self) -> list[Issue]:
        """Ends that are not finite, the wrong way round, or further apart than a number can say."""
        ends = {"low": self.low, "high": self.high}
        hint = "give a finite number"
        issues = [
            Issue(f"`{name}` of Uniform is {end!r}", hint=hint)
            for name, end in ends.items()
            if not is_finite(end)
        ]
        if issues:
            return issues
        if float(self.low) > float(self.high):
            return [Issue(f"Uniform goes from {self.low} to {self.high}", hint="swap its ends")]
        if math.isinf(float(self.high) - float(self.low)):
            message = f"Uniform goes from {self.low} to {self.high}, too far for a number"
            return [Issue(message, hint="give ends that are nearer to each other")]
        return []


def draw_parameters(
    seed: int, first: int, count: int, distributions: Mapping[str, Distribution]
) -> dict[str, Floats]:
    """Draw parameters of patients `first` up to `first + count`.

    Parameters
    ----------
    seed
        A whole number from 0 to 2^64 - 1.
    first, count
        Which patients: the number of the first, 0 or more, and how many.
    distributions
        How each parameter is distributed.

    Returns
    -------
    dict of arrays
        Values of each parameter by its name, each of the shape (count,).

    Raises
    ------
    InvalidInput
        Every issue of the numbers and of the distributions, before anything is drawn.

    Examples
    --------
    >>> population = {"k": LogNormal(median=0.5, log_sd=0.3)}
    >>> every = draw_parameters(1, 0, 10, population)["k"]
    >>> bool((draw_parameters(1, 7, 3, population)["k"] == every[7:]).all())
    True
    """
    issues = [
        *_check_whole("seed", seed, MOST_SEED),
        *_check_whole("first", first, MOST_PATIENT),
        *_check_whole("count", count, MOST_COUNT),
        *_check_distributions(distributions),
    ]
    if issues:
        raise InvalidInput(issues)
    return {
        name: distribution.quantile(_draw_probabilities(int(seed), name, int(first), int(count)))
        for name, distribution in distributions.items()
    }


def _draw_probabilities(seed: int, name: str, first: int, count: int) -> Floats:
    """Numbers strictly between 0 and 1."""
    word = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
    stream = np.random.Philox(key=np.array([seed, word], np.uint64), counter=first // BLOCK)
    skipped = first % BLOCK
    raw = stream.random_raw(skipped + count)[skipped:]
    return (np.asarray(raw >> np.uint64(11), np.float64) + 0.5) * 2.0**-53


def _check_whole(name: str, given: object, most: int) -> Iterator[Issue]:
    """What is no whole number from 0 to `most`."""
    if not (is_whole(given) and 0 <= int(given) <= most):
        yield Issue(f"{name} is {given!r}", hint=f"give a whole number from 0 to {most:,}")


def _check_distributions(given: object) -> Iterator[Issue]:
    """What is no distribution by the name of a parameter, and what is wrong with each that is."""
    hint = 'give distributions by the names of parameters, such as {"k": LogNormal(0.5, 0.3)}'
    if not isinstance(given, Mapping):
        yield Issue(f"distributions are {given!r}", hint=hint)
        return
    for name, distribution in given.items():
        if not isinstance(name, str):
            yield Issue(f"{name!r} stands where the name of a parameter is meant", hint=hint)
        elif not isinstance(distribution, Distribution):
            message = f"{distribution!r} is no distribution"
            yield Issue(message, column=name, hint="give a LogNormal or a Uniform")
        else:
            yield from (replace(issue, column=name) for issue in distribution.check())
