"""The pancytopenia that goes with graft failure: platelets and haemoglobin about a day."""

from __future__ import annotations

from typing import Any

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.records.labs import derive_daily_values, is_below, write_bound
from stromal.endpoints.records.words import amount_text, number_text
from stromal.tables.events import EVENT_NAMES
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.analytes import ANALYTES
from stromal.tables.windows import Window, find_nearest

CRITERIA = "graft_failure_astct_2021"


def judge_pancytopenia(patients: Patients, limits: pl.DataFrame) -> pl.DataFrame:
    """Judge whether platelets and haemoglobin are low about the limit of each patient, too.

    A lineage is low where its value nearest to the limit is below the cut, or where it was
    transfused in the days before the limit.

    Parameters
    ----------
    patients
        The five tables; `labs` and `events` are read.
    limits
        `subject` and `limit` [d].

    Returns
    -------
    polars.DataFrame
        `subject`, `pancytopenia` (null where a lineage is not known and the other is not high
        enough to deny it), `pancytopenia_words`.
    """
    rules: dict[str, Any] = read_criteria(CRITERIA).rules["pancytopenia"]
    days = float(rules["days"])
    rows = limits.unique("subject", maintain_order=True)
    for analyte, rule in rules["lineages"].items():
        found = _find_low(patients, limits, analyte, rule, days)
        rows = rows.join(found, on="subject", how="left", maintain_order="left")
    low = [pl.col(f"low_{analyte}") for analyte in rules["lineages"]]
    every = pl.all_horizontal(low)
    words = [pl.col(f"words_{analyte}") for analyte in rules["lineages"]]
    verdict = (
        pl.when(every.is_null())
        .then(pl.lit("; pancytopenia not judged: "))
        .when(every)
        .then(pl.lit("; with pancytopenia: "))
        .otherwise(pl.lit("; without pancytopenia: "))
    )
    return rows.select(
        "subject",
        every.alias("pancytopenia"),
        pl.concat_str(verdict, pl.concat_str(words, separator=", ")).alias("pancytopenia_words"),
    )


def _find_low(
    patients: Patients, limits: pl.DataFrame, analyte: str, rule: dict[str, Any], days: float
) -> pl.DataFrame:
    """Tell whether one lineage is low about the limit: `low_` and `words_`."""
    label = ANALYTES[analyte].label
    from_limit = (pl.col("day") - pl.col("limit")).alias("day")
    # the window cuts before the worst of a day is taken
    labs = patients.labs.filter(pl.col("analyte") == analyte).join(limits, on="subject")
    inside = labs.filter(from_limit.is_between(-days, days))
    near = derive_daily_values(inside, analyte).with_columns(from_limit, pl.col("day").alias("on"))
    nearest = find_nearest(near, Window(day=0, before=days, after=days)).select(
        "subject",
        is_below(pl.lit(float(rule["below"])), pl.col("value"), pl.col("bound")).alias("below"),
        pl.format(
            f"{label} {{}}{{}} on day {{}}",
            write_bound(pl.col("bound")),
            amount_text("value", "unit"),
            number_text("on"),
        ).alias("measured"),
    )
    given = (
        patients.events.filter(pl.col("event") == rule["transfusion"])
        .join(limits, on="subject")
        .filter(from_limit.is_between(-days, 0))
        .group_by("subject")
        .agg(pl.col("day").max().alias("given"))
    )
    transfused = pl.format(f"{EVENT_NAMES[rule['transfusion']]} on day {{}}", number_text("given"))
    return (
        limits.select("subject")
        .unique(maintain_order=True)
        .join(nearest, on="subject", how="left", maintain_order="left")
        .join(given, on="subject", how="left", maintain_order="left")
        .select(
            "subject",
            (pl.col("below") | pl.col("given").is_not_null()).alias(f"low_{analyte}"),
            pl.coalesce(transfused, "measured", pl.lit(f"no {label}")).alias(f"words_{analyte}"),
        )
    )
