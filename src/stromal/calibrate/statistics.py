"""The number that a comparison asks of each simulated trial, from outcomes by endpoint rules."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from stromal.calibrate.comparisons import Comparison
from stromal.estimates.cox import fit_cox
from stromal.tables.outcomes import EVENT

Found = pl.DataFrame
"""One row per replicate: `replicate`, `value`, `n`."""

LEAST = 3
"""Patients below whom a simulated trial says nothing."""


def find_statistic(outcomes: pl.DataFrame, comparison: Comparison) -> Found:
    """Return the number of each simulated trial.

    Parameters
    ----------
    outcomes
        The table `outcomes` of all trials, with the column `arm`.
    comparison
        What is asked. Of each trial the first `n` patients count of whom the endpoint has an
        outcome, as many as were observed, or all.

    Returns
    -------
    DataFrame
        `replicate`, `value` and `n`; trials with too few patients have no row.
    """
    ask = _STATISTICS[comparison.statistic]
    first = ask(_choose(outcomes, comparison, comparison.arms), comparison)
    if comparison.statistic in _OF_TWO:
        other = ask(_choose(outcomes, comparison, (comparison.against,)), comparison)
        joined = first.join(other, on="replicate", suffix="_other")
        return joined.select("replicate", _divide(comparison), pl.col("n"))
    return first


def _choose(outcomes: pl.DataFrame, comparison: Comparison, arms: tuple[str, ...]) -> pl.DataFrame:
    """Return the outcomes that count: of the arms, of those asked for, the first of each trial."""
    valid = pl.col(_VALID.get(comparison.statistic, "label")).is_not_null()
    value = pl.coalesce("value", "highest")
    rows = outcomes.filter(pl.col("endpoint") == comparison.endpoint, pl.col("arm").is_in(arms))
    rows = rows.with_columns(value=value).filter(valid)
    if comparison.statistic == "share_fallen":
        first = outcomes.filter(pl.col("endpoint") == comparison.among).drop_nulls("value")
        first = first.select("replicate", "subject", value_first="value")
        rows = rows.join(first, on=["replicate", "subject"], maintain_order="left")
    elif comparison.among:
        other = (pl.col("endpoint") == comparison.among) & pl.col("label").is_not_null()
        if comparison.labels and comparison.day is not None:
            other &= pl.col("label").is_in(comparison.labels)
        rows = rows.join(outcomes.filter(other), on=["replicate", "subject"], how="semi")
    if comparison.n is not None and comparison.n < 1000:
        per = max(comparison.n // (2 if comparison.statistic in _OF_TWO else 1), LEAST)
        rows = rows.filter(pl.int_range(pl.len()).over("replicate") < per)
    return rows


def _gather(rows: pl.DataFrame, value: pl.Expr) -> Found:
    found = rows.group_by("replicate", maintain_order=True).agg(value=value, n=pl.len())
    return found.filter(pl.col("n") >= LEAST, pl.col("value").is_not_null())


def _share(rows: pl.DataFrame, comparison: Comparison) -> Found:
    return _gather(rows, pl.col("label").is_in(comparison.labels).mean())


def _share_below(rows: pl.DataFrame, comparison: Comparison) -> Found:
    return _gather(rows, (pl.col("value") < comparison.cut).mean())


def _share_from(rows: pl.DataFrame, comparison: Comparison) -> Found:
    """Share at or above the cut; a grade that is open below the cut is below it."""
    return _gather(rows, (pl.col("value") >= comparison.cut).mean())


def _share_fallen(rows: pl.DataFrame, comparison: Comparison) -> Found:
    """Share whose value fell to the cut, as a part of their value of the endpoint `among`."""
    return _gather(rows, (pl.col("value") < comparison.cut * pl.col("value_first")).mean())


def _median(rows: pl.DataFrame, comparison: Comparison) -> Found:
    """Median day of those in whom it came to pass, as series print it; or of values."""
    del comparison
    timed = rows.filter(pl.col("status").is_null() | (pl.col("status") == EVENT))
    number = pl.when(pl.col("status").is_null()).then(pl.col("value")).otherwise(pl.col("day"))
    return _gather(timed, number.median())


def _median_survival(rows: pl.DataFrame, comparison: Comparison) -> Found:
    """Months until half have died; where fewer die, to the end of the trial."""
    del comparison
    return _gather(rows, pl.col("day").median() / MONTH)


def _mean(rows: pl.DataFrame, comparison: Comparison) -> Found:
    del comparison
    return _gather(rows, pl.col("value").mean())


def _event_until(rows: pl.DataFrame, comparison: Comparison) -> Found:
    happened = (pl.col("status") == EVENT) & (pl.col("day") <= comparison.day)
    return _gather(rows, happened.mean())


def _free_until(rows: pl.DataFrame, comparison: Comparison) -> Found:
    return _event_until(rows, comparison).with_columns(value=1 - pl.col("value"))


def _hazard_ratio(rows: pl.DataFrame, comparison: Comparison) -> Found:
    """Ratio of hazards of the two arms by Cox's regression."""
    found = []
    for (replicate,), own in rows.group_by("replicate", maintain_order=True):
        group = own.select(arm=(pl.col("arm") != comparison.against).cast(pl.Float64))
        if group["arm"].n_unique() == 2:
            ratio = fit_cox(own, group, EVENT).effects[0].ratio.value
            found.append((replicate, ratio, own.height))
    types = {"replicate": pl.Int64, "value": pl.Float64, "n": pl.Int64}
    return pl.DataFrame(found, types, orient="row").drop_nulls()


def _divide(comparison: Comparison) -> pl.Expr:
    one, other = pl.col("value"), pl.col("value_other")
    if comparison.statistic == "higher":
        return (one > other).cast(pl.Float64).alias("value")
    if comparison.statistic == "ratio":
        return (one / other).alias("value")
    # half a patient is added to each side, so that a ratio of nobody is a number
    events, others = one * pl.col("n") + 0.5, other * pl.col("n_other") + 0.5
    return (events / (pl.col("n") + 1) / (others / (pl.col("n_other") + 1))).alias("value")


MONTH = 365.25 / 12

_OF_TWO = ("ratio", "higher", "risk_ratio_from", "risk_ratio_until")
_VALID = {
    "share_below": "value",
    "share_fallen": "value",
    "risk_ratio_from": "value",
    "mean": "value",
    "event_until": "day",
    "free_until": "day",
    "risk_ratio_until": "day",
    "hazard_ratio": "day",
    "median": "day",
    "median_value": "value",
    "median_survival": "day",
    "ratio": "day",
    "higher": "day",
}
_STATISTICS: dict[str, Callable[[pl.DataFrame, Comparison], Found]] = {
    "share": _share,
    "share_below": _share_below,
    "share_fallen": _share_fallen,
    "median": _median,
    "median_value": _median,
    "median_survival": _median_survival,
    "mean": _mean,
    "event_until": _event_until,
    "free_until": _free_until,
    "hazard_ratio": _hazard_ratio,
    "ratio": _median,
    "higher": _median,
    "risk_ratio_from": _share_from,
    "risk_ratio_until": _event_until,
}
STATISTICS = tuple(_STATISTICS)
