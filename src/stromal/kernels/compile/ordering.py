"""Minimum-degree ordering: unknowns are eliminated so that few new entries (fill) arise."""

from __future__ import annotations

from collections.abc import Iterable

Place = tuple[int, int]


def order_pivots(size: int, pattern: Iterable[Place]) -> tuple[int, ...]:
    """Pivots on the diagonal by the rule of Markowitz.

    Next comes the unknown whose elimination can fill the fewest entries: (entries in its row - 1)
    * (entries in its column - 1), among what is left; the lower number decides a tie.

    Parameters
    ----------
    size
        Number of unknowns.
    pattern
        Rows and columns of entries that are not zero; the diagonal is taken to be full.

    Examples
    --------
    An arrow whose point is the first unknown is eliminated from its tips, without fill:

    >>> order_pivots(4, [(0, 1), (0, 2), (0, 3), (1, 0), (2, 0), (3, 0)])
    (1, 2, 0, 3)
    """
    rows = [{i} for i in range(size)]
    columns = [{i} for i in range(size)]
    for row, column in pattern:
        rows[row].add(column)
        columns[column].add(row)
    left = set(range(size))
    order = []
    while left:
        pivot = min(left, key=lambda k: ((len(rows[k]) - 1) * (len(columns[k]) - 1), k))
        left.discard(pivot)
        order.append(pivot)
        below, beside = columns[pivot] - {pivot}, rows[pivot] - {pivot}
        for row in below:
            rows[row] |= beside
            rows[row].discard(pivot)
        for column in beside:
            columns[column] |= below
            columns[column].discard(pivot)
    return tuple(order)
