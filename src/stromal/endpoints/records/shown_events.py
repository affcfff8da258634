"""Events that organ stages show as well: one fact in two tables, read as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from stromal.endpoints.records.numbered import empty_rows
from stromal.endpoints.records.stages import StageParameters, find_minima, find_shown_rules
from stromal.endpoints.records.words import number_text
from stromal.tables.patients import Patients

SHOWN: dict[str, pl.DataType] = {
    "subject": pl.String(),
    "day": pl.Float64(),
    "event": pl.String(),
    "note": pl.String(),
}


def derive_shown_events(
    patients: Patients, names: Iterable[str], parameters: StageParameters
) -> pl.DataFrame:
    """Derive events of patients with organ stages: the first day that stage or event gives.

    A patient without stages is judged by the recorded event alone and has no row. Where stages and
    event contradict each other, the earlier day counts and the note says so; a recorded event that
    no stage on record reaches still counts.

    Parameters
    ----------
    patients
        `assessments` with organ stages or signs, and `events`.
    names
        Names of events; those that stages cannot show are left out.
    parameters
        Where organ stages come from.

    Returns
    -------
    polars.DataFrame
        `subject`, `day` [d] (null where no record has a day), `event`, `note` (words that follow
        the reason).

    Examples
    --------
    >>> stages = pl.DataFrame({"day": [30.0, 40.0], "value": ["1", "2"]})
    >>> stages = stages.with_columns(
    ...     subject=pl.lit("1"), scale=pl.lit("acute_gvhd_stage"), item=pl.lit("liver")
    ... )
    >>> patients = Patients.of(assessments=stages)
    >>> derive_shown_events(patients, ["acute_gvhd_grade_3_4"], StageParameters()).row(0)
    ('1', 40.0, 'acute_gvhd_grade_3_4', ', by organ stages')
    """
    rules = find_shown_rules(patients, names, parameters)
    if not rules:
        return empty_rows(patients.subjects, SHOWN)
    stages = parameters.read_stages(patients)
    return pl.concat([_shown(patients, stages, name, rule) for name, rule in rules.items()])


def _shown(
    patients: Patients, stages: pl.DataFrame, name: str, rule: Mapping[str, Any]
) -> pl.DataFrame:
    minima = find_minima(rule["system"], rule["from_grade"])
    least = pl.col("item").replace_strict(minima, default=None, return_dtype=pl.Int8)
    reached = _first_days(stages.filter(pl.col("stage") >= least), "reached")
    recorded = _first_days(patients.events.filter(pl.col("event") == name), "recorded")
    rows = (
        stages.select(pl.col("subject").unique())
        .join(reached, on="subject", how="left")
        .join(recorded, on="subject", how="left")
        .filter(pl.any_horizontal(pl.col("is_reached", "is_recorded").is_not_null()))
    )
    return rows.select(
        "subject",
        pl.min_horizontal("reached", "recorded").alias("day"),
        pl.lit(name).alias("event"),
        _note().alias("note"),
    )


def _first_days(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """First day from day 0 on, null where no record has a day; days before are history."""
    kept = rows.filter(pl.col("day").is_null() | (pl.col("day") >= 0))
    return kept.group_by("subject").agg(
        pl.col("day").min().alias(name), pl.lit(value=True).alias(f"is_{name}")
    )


def _note() -> pl.Expr:
    """Say which record gives the day, and whether the other contradicts it."""
    reached, recorded = pl.col("reached"), pl.col("recorded")
    by_stages = ", by organ stages"
    return (
        pl.when(pl.col("is_recorded").is_null())
        .then(pl.lit(by_stages))
        .when(pl.col("is_reached").is_null())
        .then(pl.lit("; no organ stage on record reaches it"))
        .when(reached < recorded)
        .then(pl.format(f"{by_stages}; recorded as an event on day {{}}", number_text(recorded)))
        .when(reached > recorded)
        .then(pl.format("; organ stages reach it on day {}", number_text(reached)))
        .when(recorded.is_null() & reached.is_not_null())
        .then(pl.lit(f"{by_stages}; recorded as an event without a day"))
    )
