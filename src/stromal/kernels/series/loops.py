"""Loops over records: read as Python where they are few, as machine code where they are many."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, TypeVar

FEW = 2000
"""Records up to which a loop is not compiled: to load what compiles takes longer than they do."""

Loop = TypeVar("Loop", bound=Callable[..., Any])


def choose_loop(loop: Loop, records: int) -> Loop:
    """Return the loop to run over so many records: as it is written, or compiled.

    Both do the same arithmetic, so that nothing depends on which it was.

    Parameters
    ----------
    loop
        A function of arrays and numbers that names nothing outside itself.
    records
        How many records it runs over.

    Examples
    --------
    >>> def count(numbers):
    ...     return len(numbers)
    >>> choose_loop(count, 10) is count
    True
    """
    if records <= FEW:
        return loop
    made: Loop = _compile(loop)
    return made


@cache
def _compile(loop: Callable[..., Any]) -> Any:  # noqa: ANN401 - what numba makes has no type
    # numba takes long to import, and few records never need it
    return import_module("stromal.kernels.solvers.compiled").compiled(loop)
