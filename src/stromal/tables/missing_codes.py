"""Numbers that other programs write where nothing is known, and numbers too large for anything."""

from __future__ import annotations

import polars as pl

LARGEST = 1e15
"""No day, weight, laboratory value or dose of cells is as large."""

_BIG = 2e9

# Codes that are whole numbers of ordinary size: (lowest, highest, whose they are).
_WHOLE = (
    (2147483621, 2147483646, "Stata writes a missing whole number"),
    (2147483647, 2147483647, "the largest whole number of many programs is used for missing"),
    (-2147483648, -2147483647, "R and others write a missing whole number"),
    (4294967295, 4294967295, "the largest whole number of many programs is used for missing"),
)
_FRACTION = (
    (8.98e307, 9.1e307, "Stata writes a missing number"),
    (1.701e38, 1.73e38, "Stata writes a missing number"),
    (-1.8e308, -1.7e308, "SPSS writes a missing number"),
    (1.7e308, 1.8e308, "the largest number of many programs is used for missing"),
    (9.9e36, 1.01e37, "some programs write a missing number"),
    (9.2e18, 9.3e18, "the largest whole number of many programs is used for missing"),
    (-9.3e18, -9.2e18, "the smallest whole number of many programs is used for missing"),
)

LOUD_CODES = (
    *(sign * float(digit * count) for digit in "987" for count in (3, 4, 5) for sign in (1, -1)),
    *(997.0, 998.0, 9997.0, 9998.0, 32767.0, -32768.0),
)
"""Ordinary numbers that are often codes for missing; a question where they stand out."""

QUIET_CODES = (99.0, -9.0, -99.0)
"""Numbers that are sometimes codes for missing and mostly are not."""


def is_absurd(numbers: pl.Series) -> pl.Series:
    """Return whether each number is a code for missing, or too large for anything.

    Examples
    --------
    >>> is_absurd(pl.Series([40.0, 2147483621.0, 8.98846567431158e307, 0.0])).to_list()
    [False, True, True, False]
    """
    low, high = numbers.min(), numbers.max()
    ordinary = low is None or (float(str(low)) > -_BIG and float(str(high)) < _BIG)
    absurd = pl.Series([False]).new_from_index(0, numbers.len())
    if ordinary:
        return absurd
    absurd |= (numbers.abs() >= LARGEST).fill_null(value=False)
    for lowest, highest, _ in _WHOLE:
        absurd |= numbers.is_between(lowest, highest).fill_null(value=False)
    return absurd


def name_code(number: float) -> str | None:
    """Return whose code for missing a number is; None where it is nobody's.

    Examples
    --------
    >>> name_code(8.98846567431158e307)
    'Stata writes a missing number'
    """
    for low, high, whose in (*_WHOLE, *_FRACTION):
        if low <= number <= high:
            return whose
    return None
