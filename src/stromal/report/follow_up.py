"""Median follow-up, from the curve of an endpoint."""

from __future__ import annotations

import polars as pl


def find_median_follow_up(table: pl.DataFrame) -> float | None:
    """Median follow-up [d] by the reverse Kaplan-Meier method.

    Being censored is the event, and an event ends the time of waiting for it: the day by which
    half of the patients would have left observation if none had had an event. On a day with both,
    patients with an event leave first.

    Parameters
    ----------
    table
        Rows of a curve: `day` [d], `at_risk` [1] just before the day, `events` [1] and `censored`
        [1] on it.

    Returns
    -------
    float or None
        The day; None where fewer than half would have left.

    Examples
    --------
    >>> table = pl.DataFrame(
    ...     {"day": [0.0, 5.0, 8.0, 9.0], "at_risk": [3, 3, 2, 1], "events": [0, 1, 0, 0],
    ...      "censored": [0, 0, 1, 1]}
    ... )
    >>> find_median_follow_up(table)
    8.0
    """
    staying = 1.0
    for row in table.sort("day").iter_rows(named=True):
        left = row["at_risk"] - row["events"]
        if left > 0:
            staying *= 1 - row["censored"] / left
        # A hair for binary fractions.
        if row["censored"] and staying <= 0.5 + 1e-12:
            return float(row["day"])
    return None
