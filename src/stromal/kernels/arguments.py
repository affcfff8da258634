"""What a call is given, read as numbers, counts, truth values and names; all else is an issue."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from decimal import Decimal
from numbers import Integral, Real
from typing import Any, SupportsFloat, SupportsInt, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stromal.errors import InvalidInput, Issue

MOST_COUNT = 2**31 - 1
"""Steps are counted in 32 bits."""


def read_numbers(given: ArrayLike, what: str) -> NDArray[np.float64]:
    """The numbers as an array of f64, of whatever shape they have.

    Parameters
    ----------
    given
        A number, or numbers in a list or an array; None becomes NaN, and so does what is masked.
    what
        How an issue names them.

    Raises
    ------
    InvalidInput
        Words, truth values, dates, complex numbers, rows of unequal length.

    Examples
    --------
    >>> read_numbers([1, 2], "times")
    array([1., 2.])
    """
    if _is_plain(given):
        return np.asarray(given, np.float64)
    try:
        given = _with_masks(given)
        array = np.asarray(given)
        kind = "b" if _holds_truths(given) else array.dtype.kind
        masked = np.ma.getmaskarray(given) if np.ma.isMaskedArray(given) else None
        objects = () if kind != "O" else array[~masked] if masked is not None else array.flat
        if kind in "iufO" and all(each is None or is_number(each) for each in objects):
            if masked is not None:
                array = np.where(masked, np.nan, array)
            return array.astype(np.float64, copy=False)
    except (TypeError, ValueError, OverflowError):
        pass
    hint = "give a number, or a list or an array of numbers"
    raise InvalidInput([Issue(f"{what}: not all of it is numbers", hint=hint)])


def _is_plain(given: object) -> bool:
    """Whether it is a number or an array of f64 already, without a mask."""
    kind = type(given)
    return kind is float or (
        isinstance(given, np.ndarray) and kind is np.ndarray and given.dtype == np.float64
    )


def read_truths(given: ArrayLike, what: str) -> NDArray[np.float64]:
    """Truth values as an array of 1 and 0, of whatever shape they have.

    Parameters
    ----------
    given
        True or False, 1 or 0, or lists or arrays of them.
    what
        How an issue names them.

    Raises
    ------
    InvalidInput
        Anything else.

    Examples
    --------
    >>> read_truths([True, False], "steady_state")
    array([1., 0.])
    """
    try:
        array = np.asarray(given)
        if array.dtype.kind in "biuf" and ((array == 0) | (array == 1)).all():
            return array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        pass
    hint = "give True or False, or one of them for each patient"
    raise InvalidInput([Issue(f"{what}: not all of it is true or false", hint=hint)])


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
    if is_number(given):
        return float(given)
    raise InvalidInput([Issue(f"{what} is {given!r}, not a number", hint="give one number")])


def read_patients(given: ArrayLike | None, patients: int, what: str) -> NDArray[np.int64] | None:
    """Numbers of patients, from 0; None where every patient is meant.

    Parameters
    ----------
    given
        Numbers, one of which may stand there twice, or a truth value for each patient.
    patients
        How many there are.
    what
        How an issue names it.

    Raises
    ------
    InvalidInput
        Patients who are not there; truth values for more or fewer of them; anything else.

    Examples
    --------
    >>> read_patients([2, 0], 3, "dose"), read_patients([True, False, True], 3, "dose")
    (array([2, 0]), array([0, 2]))
    """
    if given is None:
        return None
    hint = f"give a list of numbers from 0 to {patients - 1}, or a truth value for each patient"
    chosen = _find_truths(given)
    if chosen is None:
        return _read_places(given, patients, what, hint)
    if chosen.shape != (patients,):
        message = f"{what}: patients are truth values of shape {chosen.shape}, for {patients}"
        raise InvalidInput([Issue(message, hint=hint)])
    return np.flatnonzero(chosen)


def _find_truths(given: ArrayLike) -> NDArray[np.bool_] | None:
    """An array of True and False; None where something else is given."""
    try:
        array = np.asarray(given)
        masked = np.ma.is_masked(_with_masks(given))
    except (TypeError, ValueError, OverflowError):
        return None
    return array if array.dtype.kind == "b" and not masked else None


def _read_places(given: ArrayLike, patients: int, what: str, hint: str) -> NDArray[np.int64]:
    """Numbers of patients who are there, (n,)."""
    try:
        numbers = read_numbers(given, what)
    except InvalidInput:
        numbers = np.zeros(())
    if numbers.ndim != 1:
        raise InvalidInput([Issue(f"{what}: patients are not a list of numbers", hint=hint)])
    there = (numbers >= 0) & (numbers < patients) & (numbers == np.floor(numbers))
    if not there.all():
        message = f"{what}: there is no patient {numbers[~there][0]:.12g}"
        raise InvalidInput([Issue(message, hint=hint)])
    return numbers.astype(np.int64)


def _with_masks(given: ArrayLike) -> ArrayLike:
    """A list of masked arrays as one; anything else as it is."""
    if isinstance(given, list | tuple) and any(np.ma.isMaskedArray(each) for each in given):
        return np.ma.array(given)
    return given


def _holds_truths(given: ArrayLike) -> bool:
    """Whether True or False stands in a list among numbers, which NumPy would take for 1 or 0."""
    if not isinstance(given, list | tuple):
        return False
    kinds = set(map(type, given))
    if any(issubclass(kind, list | tuple) for kind in kinds):
        return any(map(_holds_truths, given))
    return any(issubclass(kind, bool | np.bool_) for kind in kinds)


def read_names(given: object, argument: str) -> tuple[str, ...]:
    """A list of names.

    One name where a list is meant is refused: its letters would be taken as names.

    Examples
    --------
    >>> read_names(["ANC", "CRP"], "outputs")
    ('ANC', 'CRP')
    >>> read_names("ANC", "outputs")
    Traceback (most recent call last):
    stromal.errors.InvalidInput: outputs: `ANC` is no list of names.
    hint: write ["ANC"]
    """
    if isinstance(given, str):
        issue = Issue(f"`{given}` is no list of names", column=argument, hint=f'write ["{given}"]')
        raise InvalidInput([issue])
    names = tuple(given) if is_listed(given) else (given,)
    wrong = [name for name in names if not isinstance(name, str)]
    if wrong:
        message = f"{wrong[0]!r} stands where a name is meant"
        raise InvalidInput([Issue(message, column=argument, hint='give names, such as ["ANC"]')])
    return names


def is_listed(given: object) -> TypeGuard[Iterable[Any]]:
    """Whether something can be gone through; an array of no dimension cannot.

    Examples
    --------
    >>> is_listed([1]), is_listed(np.array(1)), is_listed(1)
    (True, False, False)
    """
    return isinstance(given, Iterable) and not (isinstance(given, np.ndarray) and given.ndim == 0)


def check_counts(most: int = MOST_COUNT, **counts: int) -> None:
    """Whole numbers from 1 to `most`; every other one is an issue.

    Examples
    --------
    >>> check_counts(threads=2, max_steps=1000)
    """
    issues = [
        Issue(f"{name} is {count!r}, {why}", hint=f"give a whole number from 1 to {most:,}")
        for name, count in counts.items()
        if (why := _why_no_count(count, most))
    ]
    if issues:
        raise InvalidInput(issues)


def check_truths(**truths: object) -> None:
    """True or False each; everything else is an issue.

    Examples
    --------
    >>> check_truths(keep=True)
    """
    issues = [
        Issue(f"{name} is {truth!r}", hint="give True or False")
        for name, truth in truths.items()
        if not isinstance(truth, bool | np.bool_)
    ]
    if issues:
        raise InvalidInput(issues)


def is_one_of(given: object, words: Collection[str]) -> bool:
    """Whether something is one of some words.

    Examples
    --------
    >>> is_one_of("up", ("up", "down")), is_one_of(["up"], ("up", "down"))
    (True, False)
    """
    return isinstance(given, str) and given in words


def is_number(given: object) -> TypeGuard[SupportsFloat]:
    """Whether something is a real number that an f64 can hold; True and False are none.

    Examples
    --------
    >>> is_number(3), is_number("3"), is_number(True), is_number(10**400)
    (True, False, False, False)
    """
    if isinstance(given, bool) or not isinstance(given, Real | Decimal):
        return False
    try:
        float(given)
    except (OverflowError, ValueError):  # a signalling NaN of Decimal
        return False
    return True


def is_finite(given: object) -> TypeGuard[SupportsFloat]:
    """Whether something is a finite real number; True and False are none.

    Examples
    --------
    >>> is_finite(3), is_finite(float("inf"))
    (True, False)
    """
    return is_number(given) and math.isfinite(given)


def is_whole(given: object) -> TypeGuard[SupportsInt]:
    """Whether something is a whole number; True and False are none.

    Examples
    --------
    >>> is_whole(3), is_whole(3.0), is_whole(True)
    (True, False, False)
    """
    return not isinstance(given, bool) and isinstance(given, Integral)


def _why_no_count(count: object, most: int) -> str | None:
    """Why something is no whole number from 1 to `most`; None where it is one."""
    if not is_whole(count):
        return "not a whole number"
    if int(count) < 1:
        return "less than 1"
    return "too many" if int(count) > most else None
