"""Parameters of virtual patients, drawn so that patient 17 is the same patient in every chunk.

Each parameter has a counter-based stream of its own (Philox [salmon2011]), keyed by the seed and
the parameter's name; patient n takes the n-th number of it. No draw depends on how many patients
are drawn at once, on their order, or on which other parameters are drawn.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]

BLOCK = 4
"""Numbers that the generator makes for one value of its counter."""


class Distribution(ABC):
    """How a parameter differs between patients."""

    @abstractmethod
    def quantile(self, probability: Floats) -> Floats:
        """Values below which so much of the population lies."""


@dataclass(frozen=True, slots=True)
class LogNormal(Distribution):
    """A positive number: its median, and the standard deviation of its logarithm."""

    median: float
    log_sd: float

    def quantile(self, probability: Floats) -> Floats:
        """Median times e to the power of the normal deviate."""
        return self.median * np.exp(self.log_sd * ndtri(probability))


@dataclass(frozen=True, slots=True)
class Uniform(Distribution):
    """Any number between two, each as likely."""

    low: float
    high: float

    def quantile(self, probability: Floats) -> Floats:
        """A number between the two."""
        return self.low + (self.high - self.low) * probability


def draw_parameters(
    seed: int, first: int, count: int, distributions: Mapping[str, Distribution]
) -> dict[str, Floats]:
    """Parameters of patients `first` up to `first + count`, by name, each (count,).

    Parameters
    ----------
    seed
        A whole number from 0 to 2^64 - 1.
    first, count
        Which patients.
    distributions
        How each parameter is distributed.

    Examples
    --------
    >>> population = {"k": LogNormal(median=0.5, log_sd=0.3)}
    >>> every = draw_parameters(1, 0, 10, population)["k"]
    >>> bool((draw_parameters(1, 7, 3, population)["k"] == every[7:]).all())
    True
    """
    return {
        name: distribution.quantile(_draw_probabilities(seed, name, first, count))
        for name, distribution in distributions.items()
    }


def _draw_probabilities(seed: int, name: str, first: int, count: int) -> Floats:
    """Numbers strictly between 0 and 1."""
    word = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
    stream = np.random.Philox(key=np.array([seed, word], np.uint64), counter=first // BLOCK)
    skipped = first % BLOCK
    raw = stream.random_raw(skipped + count)[skipped:]
    return (np.asarray(raw >> np.uint64(11), np.float64) + 0.5) * 2.0**-53
