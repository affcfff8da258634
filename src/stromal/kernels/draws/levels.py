"""Levels: what patients share who have the same number, such as that of a lot or a site."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from stromal.errors import InvalidInput, Issue
from stromal.kernels.arguments import read_numbers
from stromal.kernels.draws.distribution import (
    Distribution,
    Floats,
    NormalScale,
    Values,
    check_spread,
)
from stromal.kernels.draws.uniforms import Wholes, draw_uniforms_at
from stromal.likeness import find_similar

Numbering = ArrayLike | Callable[[NDArray[np.int64]], ArrayLike]
"""Number of a level for each patient from 0 on, or a function of patients' numbers."""

MOST_PATIENT = 2**63 - 1
"""Patients are counted in 64 bits."""

MOST_NUMBER = 2**53
"""Whole numbers up to here are exact in every kind of array."""


@dataclass(frozen=True, slots=True)
class By(Distribution):
    """A distribution that is drawn once for each number of a level: all of a lot are alike."""

    level: str
    distribution: Distribution

    def quantile(self, probability: Floats) -> Values:
        """Return the quantile of the distribution."""
        return self.distribution.quantile(probability)

    def check(self) -> list[Issue]:
        """Return issues of the level's name and of the distribution."""
        issues = list(_check_level(self.level))
        own: object = self.distribution
        if not isinstance(own, Distribution):
            message = f"{own!r} is no distribution, in By"
            return [*issues, Issue(message, hint="give one, such as LogNormal(0.5, 0.3)")]
        if isinstance(own, By | Levels):
            message = f"By cannot be made of {type(own).__name__}"
            return [*issues, Issue(message, hint="give several levels to Levels")]
        return [*issues, *own.check()]


@dataclass(frozen=True, slots=True)
class Levels(Distribution):
    """A distribution of patients whose middle is moved by what they share.

    `spreads` has the standard deviation of each level, on the scale of the distribution: of the
    logarithm for `LogNormal`, of the logit for `LogitNormal`, of the number for `Normal`. The
    deviations of all levels and of the patient add on that scale, and are independent.
    """

    distribution: NormalScale
    spreads: Mapping[str, float]

    def quantile(self, probability: Floats) -> Floats:
        """Return the quantile of all patients of all levels."""
        own = self.distribution
        spread = np.sqrt(own.spread**2 + sum(float(each) ** 2 for each in self.spreads.values()))
        return own.at_deviation(np.asarray(spread * ndtri(probability)))

    def check(self) -> list[Issue]:
        """Return issues of the distribution and of the deviation of each level."""
        issues: list[Issue] = []
        own: object = self.distribution
        if not isinstance(own, NormalScale):
            name = type(own).__name__
            message = f"deviations of levels cannot be added to {name}"
            hint = "give a Normal, LogNormal or LogitNormal, or draw all of it once with By"
            issues.append(Issue(message, hint=hint))
        else:
            issues += own.check()
        spreads: object = self.spreads
        hint = 'give standard deviations by level, such as {"lot": 0.2}'
        if not isinstance(spreads, Mapping) or not spreads:
            return [*issues, Issue(f"the spreads of Levels are {spreads!r}", hint=hint)]
        for level, spread in spreads.items():
            issues += _check_level(level)
            issues += check_spread(f"the spread of level {level!r}", spread, hint)
        return issues


def find_levels(distribution: Distribution) -> tuple[str, ...]:
    """Return names of the levels that a distribution needs numbers of."""
    named: tuple[object, ...] = ()
    if isinstance(distribution, By):
        named = (distribution.level,)
    elif isinstance(distribution, Levels):
        spreads: object = distribution.spreads
        named = tuple(spreads) if isinstance(spreads, Mapping) else ()
    # What is no name is an issue of the distribution itself.
    return tuple(each for each in named if isinstance(each, str))


def name_stream(parameter: str, level: str) -> str:
    """Return the name of the random numbers of a parameter at a level."""
    return f"{parameter}\0{level}"


@dataclass(frozen=True, slots=True)
class Members:
    """Which numbers of a level occur, ascending (K,), and the place of each patient's (N,)."""

    numbers: Wholes
    places: NDArray[np.int64]

    def draw(self, seed: int, parameter: str, level: str) -> Floats:
        """Return a random number for each number of the level, (K,)."""
        return draw_uniforms_at(seed, name_stream(parameter, level), self.numbers)


def read_members(level: str, given: Numbering, first: int, count: int) -> Members:
    """Read the numbers of a level for patients `first` up to `first + count`.

    Raises
    ------
    InvalidInput
        Too few numbers, gaps, anything but whole numbers from 0 to 2^53.
    """
    what = f"numbers of the level `{level}`"
    if callable(given):
        if first + count > MOST_PATIENT:
            message = f"{what} are asked for up to patient {first + count - 1:,}"
            raise InvalidInput([Issue(message, hint=f"draw patients below {MOST_PATIENT:,}")])
        values = given(np.arange(first, first + count, dtype=np.int64))
        numbers = _read_wholes(values, what)
        if len(numbers) != count:
            message = f"{what} are {len(numbers)}, for {count} patients"
            raise InvalidInput([Issue(message, hint="give a number for each patient")])
    else:
        # Only the part is read: a list of all patients is given again for every chunk.
        own = slice(first, first + count)
        numbers = (
            _read_wholes(given[own], what) if _is_row(given) else _read_wholes(given, what)[own]
        )
        if len(numbers) < count:
            end = first + count - 1
            message = f"{what} are too few: patients from {first} to {end} are drawn"
            hint = "give a list with the number of each patient from 0 on, or a function"
            raise InvalidInput([Issue(message, hint=hint)])
    return _find_members(level, numbers, np.arange(first, first + count))


def read_members_at(level: str, given: Numbering, patients: Wholes) -> Members:
    """Read the numbers of a level for some patients, by their numbers (N,).

    Raises
    ------
    InvalidInput
        As `read_members`; `given` has to be a function of patients' numbers.
    """
    if not callable(given):
        message = f"numbers of the level `{level}` are a list, and patients are drawn by number"
        raise InvalidInput([Issue(message, hint="give a function of patients' numbers")])
    what = f"numbers of the level `{level}`"
    numbers = _read_wholes(given(patients), what)
    if len(numbers) != len(patients):
        message = f"{what} are {len(numbers)}, for {len(patients)} patients"
        raise InvalidInput([Issue(message, hint="give a number for each patient")])
    return _find_members(level, numbers, patients)


def _find_members(level: str, numbers: NDArray[Any], patients: Wholes) -> Members:
    """Return which numbers occur; InvalidInput where one is no whole number."""
    fit = (numbers >= 0) & (numbers <= MOST_NUMBER) & (numbers == np.floor(numbers))
    if not fit.all():
        place = int(np.argmin(fit))
        message = f"the number of patient {patients[place]} at the level `{level}` is "
        message += "missing" if np.isnan(numbers[place]) else f"{numbers[place]:.12g}"
        hint = f"give whole numbers from 0 to {MOST_NUMBER:,}"
        raise InvalidInput([Issue(message, hint=hint)])
    distinct, places = np.unique(numbers.astype(np.int64), return_inverse=True)
    return Members(distinct, places)


def check_numberings(distributions: Mapping[str, Distribution], levels: object) -> Iterator[Issue]:
    """Yield issues of levels that a distribution needs and that have no numbers."""
    hint = 'give numbers by level, such as levels={"lot": [0, 0, 1]}, or a function of patients'
    if levels is not None and not isinstance(levels, Mapping):
        yield Issue(f"levels are {levels!r}", hint=hint)
        return
    known = [name for name in levels or () if isinstance(name, str)]
    for name, distribution in distributions.items():
        for level in find_levels(distribution):
            if level not in known:
                near = find_similar(level, known)
                told = f"did you mean `{near}`?" if near else hint
                message = f"the level `{level}` has no numbers"
                yield Issue(message, column=name, hint=told)


def _check_level(name: object) -> Iterator[Issue]:
    if not isinstance(name, str) or not name:
        message = f"{name!r} stands where the name of a level is meant"
        yield Issue(message, hint='give its name, such as By("lot", LogNormal(0.5, 0.3))')


def _is_row(given: object) -> TypeGuard[Sequence[Any] | pl.Series | NDArray[Any]]:
    """Tell whether a slice of something is the numbers of some patients."""
    if isinstance(given, np.ndarray):
        return given.ndim == 1
    return isinstance(given, Sequence | pl.Series)


def _read_wholes(values: ArrayLike, what: str) -> NDArray[Any]:
    """A list of numbers; those that NumPy holds as whole are not rounded to f64."""
    whole = isinstance(values, np.ndarray) and values.dtype.kind in "iu"
    numbers: NDArray[Any]
    if whole and not np.ma.isMaskedArray(values):
        numbers = np.asarray(values)
    else:
        numbers = read_numbers(values, what)
    if numbers.ndim != 1:
        hint = "give a list with the number of each patient from 0 on, or a function"
        raise InvalidInput([Issue(f"{what} have the shape {numbers.shape}", hint=hint)])
    return numbers
