"""Events that records leave open: signs that nobody staged, and organs without a stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from stromal.endpoints.records.numbered import empty_rows
from stromal.endpoints.records.occurrences import name_event
from stromal.endpoints.records.stages import (
    ORGAN_LABELS,
    StageParameters,
    derive_recorded_stages,
    find_minima,
    find_shown_rules,
)
from stromal.endpoints.records.words import number_text
from stromal.tables.patients import Patients

OPEN: dict[str, pl.DataType] = {
    "subject": pl.String(),
    "from_day": pl.Float64(),
    "excluded": pl.String(),
}


def find_open_events(
    patients: Patients, names: Iterable[str], parameters: StageParameters
) -> pl.DataFrame:
    """Find patients in whom an event may have happened that neither stages nor `events` tell.

    Recorded stages leave an event open where the cell of an organ is empty that could show it, and
    where signs were recorded and no stage was. Stages derived from signs leave it open where the
    signs of an organ do not settle a stage. A patient whose event was recorded has no row.

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
        `subject`, `from_day` [d], the first day on which the event may have happened (null where
        that is not recorded), `excluded`, why it cannot be told.

    Examples
    --------
    >>> stages = pl.DataFrame({"day": [30.0], "value": [None], "item": ["liver"]})
    >>> stages = stages.with_columns(subject=pl.lit("1"), scale=pl.lit("acute_gvhd_stage"))
    >>> patients = Patients.of(assessments=stages)
    >>> find_open_events(patients, ["acute_gvhd_grade_3_4"], StageParameters()).row(0)
    ('1', 30.0, 'liver not staged on day 30: grade III-IV acute GVHD is possible')
    """
    rules = find_shown_rules(patients, names, parameters)
    if not rules:
        return empty_rows(patients.subjects, OPEN)
    found = pl.concat([_find(patients, name, rule, parameters) for name, rule in rules.items()])
    return found.sort("from_day", nulls_last=False, maintain_order=True).unique(
        "subject", keep="first", maintain_order=True
    )


def _find(
    patients: Patients, name: str, rule: Mapping[str, Any], parameters: StageParameters
) -> pl.DataFrame:
    """Patients in whom one event is open, each with the first day on which it is."""
    minima = find_minima(rule["system"], rule["from_grade"])
    if parameters.stages == "derived":
        unsettled = parameters.read_unsettled(patients)
        rows = unsettled.filter(pl.col("most") >= pl.col("item").replace_strict(minima, default=9))
        open_ = rows.select("subject", "day", "item")
    else:
        open_ = pl.concat([_empty_stages(patients, minima), _unstaged_signs(patients)])
    recorded = patients.events.filter(pl.col("event") == name)
    event = name_event("event")
    place = pl.when(pl.col("day").is_null()).then(pl.lit(" on a day that was not recorded"))
    when = place.otherwise(pl.lit(" on day ") + number_text("day"))
    organ = pl.col("item").replace_strict(dict(ORGAN_LABELS), default=None)
    return (
        open_.filter(pl.col("day").is_null() | (pl.col("day") >= 0))
        .join(recorded.select("subject"), on="subject", how="anti")
        .sort("day", nulls_last=False, maintain_order=True)
        .unique("subject", keep="first", maintain_order=True)
        .with_columns(event=pl.lit(name))
        .select(
            "subject",
            pl.col("day").alias("from_day"),
            pl.when(organ.is_not_null())
            .then(pl.concat_str(organ, pl.lit(" not staged"), when))
            .otherwise(pl.concat_str(pl.lit("signs"), when, pl.lit(" were not staged")))
            .add(pl.concat_str(pl.lit(": "), event, pl.lit(" is possible")))
            .alias("excluded"),
        )
    )


def _empty_stages(patients: Patients, minima: Mapping[str, int]) -> pl.DataFrame:
    """Organs that were listed on a day and have no stage, though one could show the event."""
    empty = patients.assessments.filter(
        pl.col("scale") == "acute_gvhd_stage",
        pl.col("value").is_null(),
        pl.col("item").is_in(list(minima)),
    )
    return empty.select("subject", "day", "item")


def _unstaged_signs(patients: Patients) -> pl.DataFrame:
    """Signs of patients in whom nobody recorded a stage."""
    signs = patients.assessments.filter(
        pl.col("scale") == "acute_gvhd_signs",
        pl.col("value").is_not_null() & ~pl.col("value").is_in(["no", "0", "0.0"]),
    )
    staged = derive_recorded_stages(patients)
    return signs.join(staged, on="subject", how="anti").select(
        "subject", "day", pl.lit(None, pl.String).alias("item")
    )
