"""How far a window of days was watched: what nobody saw may have happened."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.records.follow_up import derive_follow_up
from stromal.endpoints.records.occurrences import read_conventions
from stromal.tables.patients import Patients


def watch_window(patients: Patients, to_day: float | None) -> pl.DataFrame:
    """Tell of every patient whether follow-up reaches the end of a window.

    Death ends a window: nothing happens after it.

    Parameters
    ----------
    patients
        The five tables.
    to_day
        Last day [d] of the window; None: the end of follow-up.

    Returns
    -------
    polars.DataFrame
        One row per subject, in order: `last_day` [d] of follow-up (null where nothing is recorded),
        `died` (a death is recorded), `unseen` (follow-up ends before the window does, and the
        patient did not die).

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1", "2"], "last_day": [20.0, 9.0]}),
    ...     events=pl.DataFrame({"subject": ["2"], "day": [9.0], "event": ["death"]}),
    ... )
    >>> watch_window(patients, 28).rows()
    [('1', 20.0, False, True), ('2', 9.0, True, False)]
    """
    deaths = patients.events.filter(pl.col("event").is_in(read_conventions()["death"]))
    died = deaths.select("subject", pl.lit(value=True).alias("died")).unique()
    end = pl.lit(to_day, pl.Float64).floor()
    short = (pl.col("last_day").floor() < end).fill_null(value=False)
    return (
        derive_follow_up(patients)
        .select("subject", "last_day")
        .join(died, on="subject", how="left", maintain_order="left")
        .with_columns(pl.col("died").fill_null(value=False))
        .with_columns((short & ~pl.col("died")).alias("unseen"))
    )
