"""Estimates of every simulated trial, and what they say together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from stromal.analyses.kind import Setting
from stromal.analyses.run import gather_estimates, run_analyses
from stromal.estimates.replicates import estimate_replicates
from stromal.simulate.check import list_unmet
from stromal.simulate.trial import Trial
from stromal.study.gather import Part, gather_trials
from stromal.study.read import Study
from stromal.tables.estimates import ESTIMATES
from stromal.tables.patients import Patients
from stromal.tables.predictions import PREDICTIONS
from stromal.tables.statistics import NEVER_AT_RISK, NOT_EVALUABLE

_COUNTED = (NOT_EVALUABLE.name, NEVER_AT_RISK.name)
"""Counts that have a row only where there is somebody to count."""

PREDICTION_FILES = ("estimates.csv", "predictions.csv")


@dataclass(frozen=True, slots=True)
class Predicted:
    """Estimates of every simulated trial, and the table `predictions`."""

    estimates: pl.DataFrame
    predictions: pl.DataFrame


def predict(study: Study, trial: Trial, parts: Iterable[Part]) -> Predicted:
    """Answer every analysis for each simulated trial, and say what the trials say together.

    Parameters
    ----------
    study, trial
        Who asked, and how it was simulated.
    parts
        Patients trial by trial, some at a time: rows of `subjects`, and of `outcomes`. A trial is
        estimated when it is whole, and let go.

    Returns
    -------
    Predicted
        Estimates with origin simulated and their replicate; one row of `predictions` for each
        number that any trial has. Endpoints that read what simulated patients do not have are left
        out: what is left of them would be those who died.
    """
    labels = {item.name: item.labels for item in study.endpoints}
    found = [ESTIMATES.empty()]
    for whole in gather_trials(parts):
        patients = Patients.of(None, subjects=pl.concat(whole.subjects))
        setting = Setting(
            study.protocol, patients, whole.outcomes, labels, "simulated", whole.replicate
        )
        found.append(gather_estimates(run_analyses(study.analyses, setting)))
    unmet = list_unmet_endpoints(study, trial)
    estimates = pl.concat(found).filter(~pl.col("endpoint").is_in(unmet))
    return Predicted(estimates, summarise(estimates, trial))


def list_unmet_endpoints(study: Study, trial: Trial) -> list[str]:
    """Return the endpoints that read what simulated patients do not have."""
    return [
        item.name for item in study.endpoints if list_unmet(item, trial.simulation, trial.model)
    ]


def summarise(estimates: pl.DataFrame, trial: Trial) -> pl.DataFrame:
    """Return the table `predictions` of the estimates of simulated trials."""
    rows = list(_list_rows(estimates, trial))
    return PREDICTIONS.conform(pl.DataFrame(rows, schema=PREDICTIONS.dtypes, orient="row"))


def _list_rows(estimates: pl.DataFrame, trial: Trial) -> Iterator[dict[str, Any]]:
    numbering = trial.numbering
    keys = list(PREDICTIONS.key)
    for key, rows in estimates.group_by(keys, maintain_order=True):
        counted = rows["statistic"][0] in _COUNTED
        own = _with_zeros(rows, numbering.replicates) if counted else rows
        study = (own["replicate"].to_numpy() - 1) // numbering.per_study
        values = own["value"].to_numpy().astype(float)
        found = estimate_replicates(values, study, study // numbering.per_draw)
        yield {
            **dict(zip(keys, key, strict=True)),
            "value": found.value,
            "unit": own["unit"].drop_nulls().first(),
            "low": found.low,
            "high": found.high,
            "level": found.level,
            "error": found.error,
            "sd_patients": found.sd_patients,
            "sd_studies": found.sd_studies,
            "sd_parameters": found.sd_parameters,
            "n": own["n"].mean(),
            "replicates": found.n,
            "without": numbering.replicates - found.n,
            "method": found.method,
            "sources": " ".join(found.sources),
        }


def _with_zeros(own: pl.DataFrame, replicates: int) -> pl.DataFrame:
    """Return the rows of a count with 0 in trials that counted nobody."""
    every = pl.DataFrame({"replicate": range(1, replicates + 1)}, {"replicate": pl.Int64})
    joined = every.join(own, on="replicate", how="left", maintain_order="left")
    return joined.with_columns(
        pl.col("value").fill_null(0.0), pl.col("unit").fill_null(own["unit"][0])
    )
