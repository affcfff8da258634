"""What ends the time in which a response can be credited: death, and additional treatment."""

from __future__ import annotations

import polars as pl

from stromal.tables.patients import Patients
from stromal.tables.windows import Window

UNDATED = "day of additional systemic treatment not recorded"


def find_ends(patients: Patients, after_day: float) -> pl.DataFrame:
    """Find the days of death and of the first additional systemic treatment of GVHD.

    Parameters
    ----------
    patients
        The five tables; `events` is read.
    after_day
        Day [d] of the baseline: treatment counts after it.

    Returns
    -------
    polars.DataFrame
        `subject`, `death_day`, `treatment_day` [d], and `death_undated`, `treatment_undated`, one
        row per patient with either.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"]}),
    ...     events=pl.DataFrame({"subject": ["1"], "day": [9.0], "event": ["death"]}),
    ... )
    >>> find_ends(patients, 0.0).select("death_day", "treatment_day").row(0)
    (9.0, None)
    """
    event, day = pl.col("event"), pl.col("day")
    death, treatment = event == "death", event == "systemic_gvhd_treatment"
    later = treatment & (day > after_day)
    return (
        patients.events.filter(death | treatment)
        .group_by("subject")
        .agg(
            pl.when(death).then(day).min().alias("death_day"),
            (death & day.is_null()).any().alias("death_undated"),
            pl.when(later).then(day).min().alias("treatment_day"),
            (treatment & day.is_null()).any().alias("treatment_undated"),
        )
    )


def mark_before(window: Window) -> list[pl.Expr]:
    """Tell where additional treatment or death came before the assessment.

    Parameters
    ----------
    window
        When the assessment was due. Rows have `has_now` and `now_day` [d], whether and when it was
        done; where it was not, its last day counts.

    Returns
    -------
    list of polars.Expr
        `treated_before`, `died_before`.
    """
    end = pl.lit(window.last)

    def before(name: str) -> pl.Expr:
        day = pl.col(name)
        return pl.when("has_now").then(day < pl.col("now_day")).otherwise(day <= end)

    return [
        before("treatment_day").alias("treated_before"),
        before("death_day").alias("died_before"),
    ]
