"""Simulate trials and read off the number that each comparison asks of each of them."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from stromal.calibrate.comparisons import Comparison
from stromal.calibrate.statistics import find_statistic
from stromal.endpoints.derive import derive_outcomes
from stromal.progress import follow_patients
from stromal.simulate.simulate import simulate_patients
from stromal.simulate.trial import Trial

CHUNK = 4000
"""Patients at a time."""

_KEPT = (
    "subject",
    "replicate",
    "arm",
    "endpoint",
    "value",
    "highest",
    "label",
    "day",
    "status",
    "criteria",
)


def derive_trial(trial: Trial, endpoints: Iterable[str] | None = None) -> pl.DataFrame:
    """Simulate a trial and derive the outcomes of its patients by the rules of endpoints.

    Parameters
    ----------
    trial
        Ready to run.
    endpoints
        Those that are asked; all of the protocol by default.

    Returns
    -------
    DataFrame
        `outcomes` with `arm`, patients in order; without those whose integration failed.
    """
    wanted = None if endpoints is None else set(endpoints)
    bound = [each for each in trial.endpoints.values() if wanted is None or each.use.name in wanted]
    total, parts = trial.numbering.total, []
    with follow_patients(total, trial.protocol.study.name, progress=None) as clock:
        for first in range(0, total, CHUNK):
            batch = simulate_patients(trial, first, first + CHUNK, threads=1)
            outcomes = derive_outcomes(batch.patients, bound, reasons=False)
            people = batch.patients.subjects.select("subject", "replicate")
            if "arm" not in outcomes.columns:
                arms = batch.patients.subjects.select("subject", "replicate", "arm")
                outcomes = outcomes.join(arms, on=["subject", "replicate"], maintain_order="left")
            if batch.failures.height:
                gone = batch.failures.select("subject", "replicate")
                outcomes = outcomes.join(
                    gone, on=["subject", "replicate"], how="anti", maintain_order="left"
                )
            parts.append(outcomes.select(_KEPT))
            clock.count(people.height)
    return pl.concat(parts)


def score_trial(trial: Trial, comparisons: Iterable[Comparison]) -> pl.DataFrame:
    """Return the number of each comparison in each simulated trial.

    Parameters
    ----------
    trial
        Ready to run, with all its replicates.
    comparisons
        Those that speak of this trial.

    Returns
    -------
    DataFrame
        `id`, `replicate`, `value`, `n`; a trial that says nothing has no row.
    """
    asked = list(comparisons)
    names = {name for each in asked for name in (each.endpoint, each.among) if name}
    outcomes = derive_trial(trial, names)
    found = [
        find_statistic(outcomes, each).select(
            pl.lit(each.id).alias("id"),
            pl.col("replicate").cast(pl.Int64),
            pl.col("value").cast(pl.Float64),
            pl.col("n").cast(pl.Int64),
        )
        for each in asked
    ]
    return pl.concat(found)
