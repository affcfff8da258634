"""Issues that repeat over many rows: the first rows one by one, the others counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stromal.errors import Issue

SHOWN = 20


def fold_issues(issues: Sequence[Issue], total: int) -> tuple[Issue, ...]:
    """The first `SHOWN` issues of one kind, and one more that counts the others.

    Parameters
    ----------
    issues
        Issues of one kind, in the order of their rows; those beyond `SHOWN` need not be there.
    total
        How many rows there are of this kind.

    Examples
    --------
    >>> rows = [Issue("`abc` is not a number", "labs.csv", row) for row in range(2, 30)]
    >>> print(fold_issues(rows, total=12_360)[-1])
    labs.csv: and 12 340 more rows like this.
    """
    shown = tuple(issues[:SHOWN])
    left = total - len(shown)
    if left <= 0 or not shown:
        return shown
    rows = "row" if left == 1 else "rows"
    count = f"{left:,}".replace(",", " ")
    rest = replace(shown[-1], message=f"and {count} more {rows} like this", row=None, hint=None)
    return (*shown, rest)
