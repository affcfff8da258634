"""What is given as numbers, read into an array; anything else is an issue."""

from __future__ import annotations

from numbers import Integral, Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stromal.errors import InvalidInput, Issue


def read_numbers(given: ArrayLike, what: str) -> NDArray[np.float64]:
    """The numbers as an array of f64, of whatever shape they have.

    Parameters
    ----------
    given
        A number, or numbers in a list or an array.
    what
        How an issue names them.

    Raises
    ------
    InvalidInput
        Words, complex numbers, rows of unequal length.

    Examples
    --------
    >>> read_numbers([1, 2], "times")
    array([1., 2.])
    """
    try:
        if not np.iscomplexobj(given):
            return np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        pass
    hint = "give a number, or a list or an array of numbers"
    raise InvalidInput([Issue(f"{what}: not all of it is numbers", hint=hint)])


def read_number(given: object, what: str) -> float:
    """One number.

    Parameters
    ----------
    given
        What should be one.
    what
        How an issue names it.

    Raises
    ------
    InvalidInput
        Anything else.

    Examples
    --------
    >>> read_number(1, "rtol")
    1.0
    """
    if isinstance(given, Real):
        return float(given)
    raise InvalidInput([Issue(f"{what} is {given!r}, not a number", hint="give one number")])


def check_counts(**counts: int | None) -> None:
    """Whole numbers of at least 1, or none; every other one is an issue.

    Examples
    --------
    >>> check_counts(threads=2, chunk=None)
    """
    given = {name: count for name, count in counts.items() if count is not None}
    words = {
        name: "less than 1" if _is_whole(count) else "not a whole number"
        for name, count in given.items()
        if not _is_whole(count) or count < 1
    }
    issues = [
        Issue(f"{name} is {given[name]}, {why}", hint="give a whole number of at least 1")
        for name, why in words.items()
    ]
    if issues:
        raise InvalidInput(issues)


def _is_whole(number: object) -> bool:
    return isinstance(number, Integral)
