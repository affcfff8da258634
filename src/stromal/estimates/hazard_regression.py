"""Patients of a regression on hazards, made ready: times, covariates, strata and clusters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from stromal.estimates.design_matrix import DesignMatrix, build_design, is_known
from stromal.estimates.intervals import FloatArray
from stromal.estimates.times import IntArray, Times, read_times


@dataclass(frozen=True, slots=True)
class Question:
    """Who stands in a regression, with what: shapes (patients,), the design (patients, terms).

    `values` are the covariates of those at risk, `happened` is 1 where the event came; `stratum`
    and `cluster` are numbers, None where there are none. `left_out` counts patients with an
    outcome and without a covariate, a stratum or a cluster.
    """

    times: Times
    design: DesignMatrix
    values: FloatArray
    happened: IntArray
    stratum: IntArray | None
    cluster: IntArray | None
    left_out: int


def ask_hazards(
    outcomes: pl.DataFrame,
    covariates: pl.DataFrame,
    event: int | None = None,
    *,
    strata: pl.Series | None = None,
    clusters: pl.Series | None = None,
    references: Mapping[str, str] | None = None,
) -> Question:
    """Leave out patients who cannot be used, and number strata and clusters.

    Parameters
    ----------
    outcomes, covariates, event, strata, clusters, references
        As for `fit_cox`.

    Examples
    --------
    >>> outcomes = pl.DataFrame({"day": [4.0, 3.0, 9.0], "status": [1, 0, None]})
    >>> question = ask_hazards(outcomes, pl.DataFrame({"age": [60, 40, 50]}))
    >>> question.times.n, question.left_out
    (2, 0)
    """
    judged = outcomes["status"].is_not_null() & outcomes["day"].cast(pl.Float64).is_finite()
    judged = judged.fill_null(value=False)
    said = (column for column in (strata, clusters) if column is not None)
    known = is_known((*covariates.iter_columns(), *said), judged)
    used = covariates
    if not known.all():
        outcomes, used = outcomes.filter(known), covariates.filter(known)
    times = read_times(outcomes)
    if times.kept.size < used.height:
        used = used[times.kept]
    design = build_design(used, references)
    status = times.status
    happened = (status > 0 if event is None else status == event).astype(np.int64)
    return Question(
        times,
        design,
        design.values,
        happened,
        _number(strata, known, times.kept),
        _number(clusters, known, times.kept),
        int(judged.sum()) - int(known.sum()),
    )


def _number(column: pl.Series | None, known: pl.Series, kept: IntArray) -> IntArray | None:
    """Return numbers for the levels of a column, in their order; None without a column."""
    if column is None:
        return None
    held = column.filter(known).gather(kept)
    return (held.rank("dense").cast(pl.Int64) - 1).to_numpy().astype(np.int64)
