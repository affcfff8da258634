"""Sparse LU of a matrix whose pattern is known: which entry is computed from which, in order.

The symbolic half of a sparse direct solver: pivots in minimum-degree order (`ordering`), then the
fill, then each entry as a formula of entries before it. All is done once when a model is compiled,
so that the code has no index and no branch, and zeros cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stromal.kernels.compile.ordering import Place, order_pivots


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the factors, computed from the matrix and entries before it.

    value = (matrix[row, column] - sum of values[left] * values[right]), then times values[pivot]
    below the diagonal, then inverted on the diagonal.
    """

    slot: int
    row: int
    column: int
    products: tuple[tuple[int, int], ...]
    pivot: int | None


@dataclass(frozen=True, slots=True)
class Solve:
    """One unknown: x[row] minus sum of values[slot] * x[column], times values[pivot] if given."""

    row: int
    terms: tuple[tuple[int, int], ...]
    pivot: int | None


@dataclass(frozen=True, slots=True)
class Factorisation:
    """How a sparse matrix is factorised and solved with, without pivoting.

    The matrices here are d*I - J with d = 1/(h*gamma): for small steps the diagonal dominates and
    no pivoting is needed. A step so long that it fails anyway gives an error estimate that is large
    or not a number, and the step is repeated smaller.

    Parameters
    ----------
    order
        Unknowns in the order of elimination.
    entries
        Entries of the factors in the order in which they are computed.
    forward, backward
        The two substitutions, in order.
    """

    order: tuple[int, ...]
    entries: tuple[Entry, ...]
    forward: tuple[Solve, ...]
    backward: tuple[Solve, ...]


def plan_factorisation(size: int, pattern: Iterable[Place]) -> Factorisation:
    """Plan the factorisation of a matrix of that pattern, the diagonal included.

    Examples
    --------
    >>> plan = plan_factorisation(2, [(0, 1), (1, 0)])
    >>> plan.order, len(plan.entries)
    ((0, 1), 4)
    >>> plan.entries[-1]
    Entry(slot=3, row=1, column=1, products=((2, 1),), pivot=None)
    """
    pattern = set(pattern) | {(i, i) for i in range(size)}
    order = order_pivots(size, pattern)
    rank = {unknown: place for place, unknown in enumerate(order)}
    filled = _fill(order, rank, pattern)
    slots: dict[Place, int] = {}
    entries = []
    for pivot in order:
        # Row and column of one pivot at a time (Crout's order): every entry is a finished sum when
        # it is stored, and so can be shared and simplified like any other expression.
        later = [unknown for unknown in order if rank[unknown] > rank[pivot]]
        upper = [pivot, *(column for column in later if (pivot, column) in filled)]
        lower = [row for row in later if (row, pivot) in filled]
        places = [(pivot, column) for column in upper] + [(row, pivot) for row in lower]
        for row, column in places:
            products = tuple(
                (slots[row, k], slots[k, column])
                for k in order[: rank[pivot]]
                if (row, k) in slots and (k, column) in slots
            )
            below = slots[pivot, pivot] if rank[row] > rank[column] else None
            slots[row, column] = len(slots)
            entries.append(Entry(slots[row, column], row, column, products, below))
    forward = tuple(
        Solve(row, tuple((slots[row, k], k) for k in order[: rank[row]] if (row, k) in slots), None)
        for row in order
    )
    backward = tuple(
        Solve(
            row,
            tuple((slots[row, k], k) for k in order[rank[row] + 1 :] if (row, k) in slots),
            slots[row, row],
        )
        for row in reversed(order)
    )
    return Factorisation(order, tuple(entries), forward, backward)


def _fill(order: Iterable[int], rank: dict[int, int], pattern: set[Place]) -> set[Place]:
    """The pattern with the entries that elimination adds."""
    filled = set(pattern)
    # Eliminating an unknown couples everything below it with everything beside it. That holds for
    # any numbers: an entry that happens to cancel is kept, for it will not for other patients.
    for pivot in order:
        below = [i for i, j in filled if j == pivot and rank[i] > rank[pivot]]
        beside = [j for i, j in filled if i == pivot and rank[j] > rank[pivot]]
        filled |= {(row, column) for row in below for column in beside}
    return filled
