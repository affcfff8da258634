"""What is given as numbers, read into an array; anything else is an issue."""

from __future__ import annotations

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
