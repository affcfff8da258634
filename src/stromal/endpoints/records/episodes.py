"""Episodes: maximal runs of assessments that show something, with the recovery that ends them."""

from __future__ import annotations

import numpy as np
import polars as pl

from stromal.kernels.series.runs import Recovery, Runs, find_runs


def derive_episodes(
    assessments: pl.DataFrame,
    series: str = "subject",
    recovery_assessments: int | None = None,
    recovery_days: float | None = None,
) -> pl.DataFrame:
    """Return the episodes of every series, in order.

    An episode starts on its first affected day, day 0 at the earliest, and ends on the first later
    day that is not affected. One without such a day is open and ends on the last assessment. One
    that ended by day 0 is left out.

    Parameters
    ----------
    assessments
        `day` [d] and `affected` (never null), sorted by series and day.
    series
        Column that names the series.
    recovery_assessments
        Assessments in a row that make a recovery; None, with `recovery_days`: one is enough.
    recovery_days
        Days [d] that make a recovery; where both are given either is enough.

    Returns
    -------
    polars.DataFrame
        One row per episode: the series, `start` [d], `end` [d], `open`; `before` and `last` [d],
        the assessment before the episode (null where there is none) and the last one in it. Days
        without assessments leave open when it began after the one and ended after the other.

    Examples
    --------
    >>> seen = {0: False, 3: True, 10: True, 14: False, 30: True}
    >>> assessments = pl.DataFrame(
    ...     {"subject": "1", "day": list(seen), "affected": list(seen.values())}
    ... )
    >>> derive_episodes(assessments).select("start", "end", "open", "before", "last").rows()
    [(3.0, 14.0, False, 0.0, 10.0), (30.0, 30.0, True, 14.0, 30.0)]
    """
    names = assessments[series]
    codes = names.rle_id() if names.len() else pl.Series([], dtype=pl.UInt32)
    runs = find_runs(
        codes.to_numpy(),
        assessments["day"].cast(pl.Float64).to_numpy(),
        assessments["affected"].to_numpy(),
        Recovery(recovery_assessments, recovery_days),
    )
    first = names.gather(codes.arg_unique())
    episodes = frame_episodes(runs, "_code")
    return episodes.select(first.gather(episodes["_code"]).alias(series), pl.exclude("_code"))


def frame_episodes(runs: Runs, series: str = "number") -> pl.DataFrame:
    """Return runs as episodes: none begins before day 0, and one that ended by then is none.

    Parameters
    ----------
    runs
        As from `find_runs`.
    series
        Name of the column that names the series.

    Examples
    --------
    >>> day, shows = np.array([-3.0, 2.0]), np.array([True, False])
    >>> frame_episodes(find_runs(np.zeros(2, np.uint32), day, shows)).row(0)
    (0, 0.0, 2.0, False, None, -3.0)
    """
    kept = keep_episodes(runs)
    return pl.DataFrame(
        {
            series: kept.series,
            "start": kept.start,
            "end": kept.end,
            "open": kept.open,
            "before": kept.before,
            "last": kept.last,
        }
    ).with_columns(pl.col("before").fill_nan(None))


def keep_episodes(runs: Runs) -> Runs:
    """Return the runs that are episodes: none begins before day 0, and one over by then is none.

    Examples
    --------
    >>> day, shows = np.array([-3.0, 2.0]), np.array([True, False])
    >>> keep_episodes(find_runs(np.zeros(2, np.uint32), day, shows)).start
    array([0.])
    """
    kept = runs.end > 0
    return Runs(
        runs.series[kept],
        np.maximum(runs.start[kept], 0.0),
        runs.end[kept],
        runs.last[kept],
        runs.before[kept],
        runs.open[kept],
    )
