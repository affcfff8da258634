"""When blood counts had recovered, for rules on what comes after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import polars as pl

from stromal.endpoints.records.recovery import RecoveryRule, derive_recovery
from stromal.endpoints.rules.engraftment.engraftment import default, default_nadir
from stromal.tables.patients import Patients

Source = Literal["counts", "reported"]
REPORTED: Mapping[str, str] = {
    "neutrophils": "neutrophil_recovery",
    "platelets": "platelet_recovery",
}
"""The event by which a centre reports the recovery of each lineage."""


def find_recovered(patients: Patients, source: Source, *lineages: str) -> pl.DataFrame:
    """Find the day by which all of several lineages had recovered.

    Recovery is that of engraftment: the first of three successive counts at or above the cut, or
    the day that the centre reported. Counts that never fell below the cut had recovered by day 0;
    those that first fell after the days of the nadir may have.
    [cibmtr_manual]

    Parameters
    ----------
    patients
        The five tables.
    source
        Read counts, or the events of reported recovery.
    lineages
        `neutrophils`, `platelets`, or both.

    Returns
    -------
    polars.DataFrame
        One row per patient: `recovered` [d], the day by which they surely had, `recovered_maybe`
        [d], the earliest possible one (null: they had not), `recorded`, whether anything is on
        record of every lineage.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"]}),
    ...     events=pl.DataFrame({"subject": ["1"], "day": [17.0], "event": "neutrophil_recovery"}),
    ... )
    >>> find_recovered(patients, "reported", "neutrophils").row(0)
    ('1', 17.0, 17.0, True)
    """
    rows = patients.subjects.select(pl.col("subject").unique(maintain_order=True))
    for lineage in lineages:
        found = (
            _reported(patients, lineage) if source == "reported" else _counted(patients, lineage)
        )
        named = found.select("subject", pl.exclude("subject").name.suffix(f"_{lineage}"))
        rows = rows.join(named, on="subject", how="left", maintain_order="left")

    def last(name: str) -> pl.Expr:
        days = [pl.col(f"{name}_{lineage}") for lineage in lineages]
        every = pl.all_horizontal(day.is_not_null() for day in days)
        return pl.when(every).then(pl.max_horizontal(days)).alias(name)

    known = (pl.col(f"recorded_{lineage}").fill_null(value=False) for lineage in lineages)
    return rows.select(
        "subject",
        last("recovered"),
        last("recovered_maybe"),
        pl.all_horizontal(known).alias("recorded"),
    )


def _reported(patients: Patients, lineage: str) -> pl.DataFrame:
    """Recovery as reported; an event without a day leaves the day open."""
    day = pl.col("day")
    found = patients.events.filter(pl.col("event") == REPORTED[lineage]).group_by("subject")
    rows = found.agg(
        day.filter(day >= 0).min().alias("recovered"), day.is_null().any().alias("undated")
    )
    maybe = pl.when("undated").then(pl.lit(0.0)).otherwise("recovered")
    told = rows.select("subject", "recovered", maybe.alias("recovered_maybe"))
    return (
        patients.subjects.select(pl.col("subject").unique())
        .join(told, on="subject", how="left")
        .with_columns(pl.lit(value=True).alias("recorded"))
    )


def _counted(patients: Patients, lineage: str) -> pl.DataFrame:
    """Recovery as the counts show it."""
    free = default(lineage, "transfusion_free_days") if lineage == "platelets" else 0.0
    rule = RecoveryRule(
        lineage,
        float(default(lineage, "cut")),
        int(default("values")),
        default(lineage, "counted_from"),
        default_nadir(),
        float(free),
        empty_nadirs=True,
    )
    given = patients.events.filter(pl.col("event") == "transfusion_platelets")
    transfusions = given if lineage == "platelets" else None
    found = derive_recovery(patients, rule, transfusions)
    never, unsure = ~pl.col("below"), pl.col("below").is_null()
    # a first fall that comes late may be the end of a recovery that nobody saw begin; one before it
    # that only may have been leaves that open
    late = pl.col("first_low") > default_nadir()
    start = pl.lit(0.0)
    return found.select(
        "subject",
        pl.when(never).then(start).otherwise("latest").alias("recovered"),
        pl.when(never | unsure | late).then(start).otherwise("earliest").alias("recovered_maybe"),
        pl.col("last_count").is_not_null().alias("recorded"),
    )
