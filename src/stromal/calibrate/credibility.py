"""The credibility of a model: every target beside what simulated trials of its size say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from stromal.calibrate.comparisons import DIRECTION, Comparison, read_comparisons
from stromal.calibrate.forecast import Floats, judge_forecast
from stromal.calibrate.pooled import forecast_pooled
from stromal.calibrate.score import score_trial
from stromal.calibrate.trials import list_trials, prepare

REPLICATES = 60
"""Simulated trials for each target."""

COLUMNS: Mapping[str, type[pl.DataType]] = {
    "parameters": pl.String,
    "id": pl.String,
    "role": pl.String,
    "kind": pl.String,
    "verdict": pl.String,
    "trials": pl.Int64,
    "n": pl.Float64,
    "middle": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "interval_score": pl.Float64,
    "crps": pl.Float64,
    "pooled_low": pl.Float64,
    "pooled_high": pl.Float64,
    "pooled_interval_score": pl.Float64,
    "pooled_crps": pl.Float64,
}
"""Columns of the stored results."""

HIT, MISS, NOT_COMPARED = "hit", "miss", "not compared"


def score_all_trials(
    parameters: str,
    replicates: int = REPLICATES,
    seed: int = 1,
    **changes: Any,  # noqa: ANN401 - keys of a table
) -> pl.DataFrame:
    """Simulate every trial and return the number of each comparison in each replicate."""
    comparisons = read_comparisons()
    parts = []
    for name in list_trials():
        own = [each for each in comparisons if each.trial == name]
        trial = prepare(name, replicates, seed, **changes)
        parts.append(score_trial(trial, own))
    return pl.concat(parts).with_columns(parameters=pl.lit(parameters))


def judge_targets(scores: pl.DataFrame, parameters: str) -> pl.DataFrame:
    """Compare every target with the trials that were simulated for it.

    Parameters
    ----------
    scores
        `id`, `replicate`, `value` and `n` of every simulated trial.
    parameters
        Which parameters the trials had: `prior` or `posterior`.

    Returns
    -------
    DataFrame
        One row per target with the columns of `COLUMNS`. A number is a hit where the central 90 %
        of simulated trials holds it; a direction where most simulated trials have it; a printed
        range where it holds the middle of the simulated trials.
    """
    comparisons = read_comparisons()
    drawn = {
        str(key[0]): rows for key, rows in scores.group_by("id", maintain_order=True) if rows.height
    }
    rows = [
        {"parameters": parameters, **_judge(each, drawn.get(each.id), comparisons)}
        for each in comparisons
    ]
    return pl.DataFrame(rows, schema=COLUMNS)


def _judge(
    comparison: Comparison, rows: pl.DataFrame | None, all_of_them: tuple[Comparison, ...]
) -> dict[str, object]:
    kind = find_kind(comparison)
    told: dict[str, object] = {"id": comparison.id, "role": comparison.role, "kind": kind}
    if rows is None or not comparison.trial:
        return told | {"verdict": NOT_COMPARED}
    values = rows["value"].to_numpy().astype(np.float64)
    told |= {"trials": rows.height, "n": rows["n"].mean()}
    if kind == "direction":
        share = float(values.mean())
        return told | {"middle": share, "verdict": HIT if share > 0.5 else MISS}
    if comparison.value is None:
        low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
        inside = (comparison.low or -np.inf) <= middle <= (comparison.high or np.inf)
        told |= {"low": low, "middle": middle, "high": high}
        return told | {"verdict": HIT if inside else MISS}
    return told | dict(_score(comparison, values, all_of_them))


def find_kind(comparison: Comparison) -> str:
    """Return which of the kinds a target is of: share, days, ratio, range, direction or level."""
    if comparison.statistic == DIRECTION:
        return "direction"
    if comparison.observed_as in ("hazard ratio", "risk ratio"):
        return "ratio"
    if comparison.value is None:
        return "range"
    return {"proportion": "share", "median": "days"}.get(comparison.observed_as, "level")


def take_logs(kind: str, values: Floats) -> Floats:
    """Return logarithms of numbers of a kind: of days with half a day more, so that none have one.

    A ratio or a level that is not positive has none, and gives NaN.

    Examples
    --------
    >>> take_logs("days", np.array([0.5])).tolist(), take_logs("ratio", np.array([1.0])).tolist()
    ([0.0], [0.0])
    """
    known = values + 0.5 if kind == "days" else np.where(values > 0, values, np.nan)
    return np.asarray(np.log(known), np.float64)


def _score(
    comparison: Comparison, values: Floats, all_of_them: tuple[Comparison, ...]
) -> Iterator[tuple[str, object]]:
    observed = float(comparison.value or 0.0)
    kind = find_kind(comparison)
    found = asdict(judge_forecast(values, observed))
    if kind in ("ratio", "days", "level"):
        # scores of days and ratios are those of logarithms, so that long and short count alike
        logs, own = take_logs(kind, values), take_logs(kind, np.array([observed]))
        if np.isfinite(logs).all() and np.isfinite(own).all():
            scores = asdict(judge_forecast(logs, float(own[0])))
            found |= {name: scores[name] for name in ("interval_score", "crps")}
    yield "verdict", HIT if found.pop("holds") else MISS
    yield from found.items()
    pooled = forecast_pooled(comparison, all_of_them)
    if pooled is not None:
        other = judge_forecast(pooled, observed)
        yield "pooled_low", other.low
        yield "pooled_high", other.high
        yield "pooled_interval_score", other.interval_score
        yield "pooled_crps", other.crps
