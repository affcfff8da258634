"""Issues that repeat over many rows: the first rows one by one, the others counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import polars as pl

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


def fold_rows(wrong: pl.Series, say: Callable[[int], Issue]) -> tuple[Issue, ...]:
    """Issues of the rows where `wrong` is true; `say` makes one from a row's position (0 first).

    Examples
    --------
    >>> wrong = pl.Series([False, True, None])
    >>> for issue in fold_rows(wrong, lambda at: Issue("dose is negative", "doses.csv", at + 2)):
    ...     print(issue)
    doses.csv row 3: dose is negative.
    """
    positions = wrong.fill_null(value=False).arg_true()
    issues = [say(position) for position in positions.head(SHOWN).to_list()]
    return fold_issues(issues, positions.len())


def fold_values(
    wrong: pl.Series, texts: pl.Series, say: Callable[[str, int], Issue]
) -> tuple[Issue, ...]:
    """One issue for each text among the rows where `wrong` is true, at its first row, and a count.

    Examples
    --------
    >>> texts = pl.Series(["Hb", "platelets", "Hb", "Hb"])
    >>> def say(text, position):
    ...     return Issue(f"`{text}` is not an analyte", "labs.csv", position + 2)
    >>> for issue in fold_values(texts != "platelets", texts, say):
    ...     print(issue)
    labs.csv row 2: `Hb` is not an analyte.
    labs.csv: and 2 more rows like this.
    """
    kinds = (
        pl.DataFrame({"wrong": wrong.fill_null(value=False), "text": texts})
        .with_row_index("position")
        .filter(pl.col("wrong"))
        .group_by("text")
        .agg(pl.col("position").first(), pl.len().alias("count"))
        .sort("position")
    )
    issues: list[Issue] = []
    for text, position, count in kinds.head(SHOWN).iter_rows():
        issues += fold_issues([say(text or "", position)], count)
    if kinds.height > SHOWN:
        left = f"{kinds.height - SHOWN:,}".replace(",", " ")
        issues.append(replace(issues[-1], message=f"and {left} more values", row=None, hint=None))
    return tuple(issues)
