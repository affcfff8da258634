"""A few simulated patients whose numbers are kept, so that code which changes them is noticed.

Digests speak of files. A solver, a ward or an endpoint that answers otherwise leaves them as they
are; the same small trials, run again, do not.
"""

from __future__ import annotations

import polars as pl

from stromal.calibrate.comparisons import read_comparisons
from stromal.calibrate.score import score_trial
from stromal.calibrate.trials import prepare

TRIALS = {"itp-18": 6, "car-t-26": 8}
"""Trials that are run again, and the most patients of an arm."""

REPLICATES, SEED = 2, 1

TOLERANCE = 0.02
"""Relative: what another machine may change. A patient who counts otherwise changes more."""


def find_probe() -> pl.DataFrame:
    """Return the numbers of the small trials by the present code.

    Returns
    -------
    DataFrame
        `id` of the target, `replicate`, `value` and `n`.
    """
    parts = []
    for name, largest in TRIALS.items():
        own = [each for each in read_comparisons() if each.trial == name]
        trial = prepare(name, REPLICATES, SEED, largest=largest, uncertain="prior")
        parts.append(score_trial(trial, own))
    return pl.concat(parts)


def list_moved(then: pl.DataFrame, now: pl.DataFrame) -> list[str]:
    """Return the targets whose numbers are not what they were, by id.

    Examples
    --------
    >>> then = pl.DataFrame({"id": ["a", "b"], "replicate": [1, 1], "value": [0.5, 2.0]})
    >>> list_moved(then, then.with_columns(value=pl.Series([0.5, 2.1])))
    ['b']
    """
    joined = then.join(now, on=["id", "replicate"], how="full", suffix="_now", coalesce=True)
    gone = pl.col("value").is_null() | pl.col("value_now").is_null()
    away = (pl.col("value") - pl.col("value_now")).abs()
    moved = gone | (away > TOLERANCE * pl.col("value").abs())
    return joined.filter(moved)["id"].unique().sort().to_list()
