"""The grades that values can have, and the one value of each day that counts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stromal.kernels.series.loops import choose_loop

Numbers = NDArray[np.float64]
Codes = NDArray[np.int8]
NO_BOUND, BELOW, AT_MOST, UP, UNREADABLE = range(5)
"""Where the truth lies from a value: at it, below it, at most at it, above it, or not known."""


class Scale(NamedTuple):
    """The cuts of the grades, in each of K spellings of the unit.

    Parameters
    ----------
    cuts
        (K, G): a value below `cuts[k, g - 1]` has grade g at least; NaN where a grade has no cut.
    factors
        (K,): what a value is multiplied by to be compared; NaN where the unit is unknown.
    own
        (K,): whether the number as it was reported is compared, where there is one.
    of_limit
        Grade of a value below its lower limit of normal; 0: none.
    highest
        Highest grade.
    """

    cuts: Numbers
    factors: Numbers
    own: NDArray[np.bool_]
    of_limit: int
    highest: int


class Values(NamedTuple):
    """N values; a column of one element holds for all of them, and NaN is no value.

    Parameters
    ----------
    value, reported, limit
        Values and lower limits in their unit, and the numbers as they were reported.
    bound
        One of `NO_BOUND`, `BELOW`, `AT_MOST`, `UP`, `UNREADABLE`.
    spelling
        Row of the scale.
    """

    value: Numbers
    reported: Numbers
    limit: Numbers
    bound: Codes
    spelling: NDArray[np.int32]


def grade_values(values: Values, scale: Scale) -> tuple[Codes, Codes, NDArray[np.bool_]]:
    """Return the lowest and the highest grade that each value can have.

    Parameters
    ----------
    values
        N values.
    scale
        The cuts.

    Returns
    -------
    tuple
        (N,) lowest, (N,) highest, and (N,) whether a value lies so near to a cut, without being it,
        that rounding decides: its grades are to be found with care.

    Examples
    --------
    >>> cuts = np.array([[np.nan, 75.0, 50.0, 25.0]])
    >>> scale = Scale(cuts, np.ones(1), np.zeros(1, bool), of_limit=1, highest=4)
    >>> nothing, here = np.array([np.nan]), np.zeros(1, np.int32)
    >>> values = Values(np.array([12.0, 90.0]), nothing, nothing, np.zeros(1, np.int8), here)
    >>> [grades.tolist() for grades in grade_values(values, scale)]
    [[4, 0], [4, 1], [False, False]]
    """
    size = values.value.size
    least, most = np.zeros(size, np.int8), np.zeros(size, np.int8)
    near = np.zeros(size, np.bool_)
    choose_loop(_grade, size)(values, scale, least, most, near)
    return least, most, near


def _grade(  # noqa: C901, PLR0912 - a compiled loop in one piece
    values: Values, scale: Scale, least: Codes, most: Codes, near: NDArray[np.bool_]
) -> None:
    # two numbers of 15 digits are the same where they differ by less
    margin = 1e-13
    value, reported, limit, bound, spelling = values
    cuts, factors, own, of_limit, highest = scale
    by_reported, by_limit = min(reported.size - 1, 1), min(limit.size - 1, 1)
    by_bound, by_spelling = min(bound.size - 1, 1), min(spelling.size - 1, 1)
    grades = cuts.shape[1]
    for i in range(value.size):
        k = spelling[i * by_spelling]
        factor = factors[k]
        number = value[i]
        if np.isnan(factor) or np.isnan(number):
            most[i] = highest
            continue
        told = reported[i * by_reported]
        compared = number * factor
        if own[k] and not np.isnan(told):
            compared = told
        where = bound[i * by_bound]
        least_found, most_found = 0, 0
        for step in range(grades + 1):
            # from the highest grade down, and last the limit of normal
            grade = grades - step
            if step < grades:
                cut = cuts[k, grade - 1]
                if np.isnan(cut):
                    continue
            else:
                grade = of_limit
                if grade == 0:
                    break
                cut = limit[i * by_limit] * factor
            surely, maybe = False, True
            if not np.isnan(cut):
                if abs(compared - cut) <= margin * abs(cut) and compared != cut:
                    near[i] = True
                if where == 0:
                    surely = compared < cut
                    maybe = surely
                elif where == 1:
                    surely = compared <= cut
                elif where == 2:
                    surely = compared < cut
                elif where == 3:
                    maybe = compared < cut
            if maybe and most_found == 0:
                most_found = grade
            if surely:
                least_found = grade
                break
        least[i] = least_found
        most[i] = most_found


def pick_worst_of_days(
    series: NDArray[np.uint32], day: Numbers, value: Numbers, least: Codes, most: Codes
) -> NDArray[np.int64]:
    """Return the positions of the values that count: one of each series and whole day.

    It is the one with the highest possible grade, then the highest certain grade, then the lowest
    value, then the earliest; a day's empty value (NaN) counts only where it is alone.

    Parameters
    ----------
    series, day
        (N,) sorted by series and whole day; days [d].
    value
        (N,) values.
    least, most
        (N,) as from `grade_values`.

    Examples
    --------
    >>> series, day = np.zeros(3, np.uint32), np.array([1.0, 1.5, 2.0])
    >>> grades = np.array([2, 3, 0], np.int8)
    >>> pick_worst_of_days(series, day, np.array([60.0, 40.0, 90.0]), grades, grades).tolist()
    [1, 2]
    """
    picked = np.empty(day.size, np.int64)
    found = choose_loop(_pick, day.size)(series, day, value, least, most, picked)
    return picked[:found].copy() if found < day.size else picked


def _pick(
    series: NDArray[np.uint32],
    day: Numbers,
    value: Numbers,
    least: Codes,
    most: Codes,
    picked: NDArray[np.int64],
) -> int:
    found = 0
    size = day.size
    i = 0
    while i < size:
        best = i
        whole = np.floor(day[i])
        j = i + 1
        while j < size and series[j] == series[i] and np.floor(day[j]) == whole:
            empty, other = np.isnan(value[j]), np.isnan(value[best])
            better = False
            if empty != other:
                better = other
            elif most[j] != most[best]:
                better = most[j] > most[best]
            elif least[j] != least[best]:
                better = least[j] > least[best]
            elif not empty and value[j] != value[best]:
                better = value[j] < value[best]
            else:
                better = day[j] < day[best]
            if better:
                best = j
            j += 1
        picked[found] = best
        found += 1
        i = j
    return found
