"""Laboratory values outside what a body can have, and which unit they look like."""

from __future__ import annotations

import math
from typing import Any

import polars as pl

from stromal.errors import Issue, UnknownUnit
from stromal.protocol.protocol import Protocol
from stromal.tables.fold import fold_rows
from stromal.tables.missing_codes import LOUD_CODES, QUIET_CODES
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.analytes import Analyte
from stromal.tables.vocabulary.vocabulary import Vocabulary

# Units that a value is tried in when it is impossible in its own, commonest first.
_LOOKS_LIKE = {
    "g/L": ("g/dL", "mmol/L"),
    "g/dL": ("g/L",),
    "10^9/L": ("/uL", "10^9/L"),
    "10^3/uL": ("/uL",),
    "/uL": ("10^9/L",),
    "mg/dL": ("umol/L", "mg/L"),
    "ng/mL": ("pg/mL",),
    "kg": ("g",),
}


def check_values(patients: Patients, protocol: Protocol) -> tuple[Issue, ...]:
    """Values below zero or outside the range of their analyte, with the unit they look like.

    The range is the one of the subject's species; the vocabulary holds it.
    """
    vocabulary = protocol.vocabulary
    labs = _with_ranges(patients, vocabulary)
    values = labs["value"]

    def say(position: int) -> Issue:
        table, row = patients.place("labs", position)
        lab = labs.row(position, named=True)
        analyte, unit = vocabulary.analytes[lab["analyte"]], lab["unit"]
        number, reported = lab["reported_value"], lab["reported_unit"] or unit
        given = f"{number:.6g} {reported}"
        if reported != unit:
            given += f" ({lab['value']:.6g} {unit})"
        limits = f"{_ends(lab['low'], lab['high'])} {unit}"
        message = f"{analyte.label} is {given}, outside {limits}"
        return Issue(message, table, row, hint=_hint(lab, analyte, number, reported))

    return fold_rows((values < labs["low"]) | (values > labs["high"]), say)


def check_limits(patients: Patients, _protocol: Protocol) -> tuple[Issue, ...]:
    """Limits of normal that are the wrong way round."""
    labs = patients.labs

    def say(position: int) -> Issue:
        table, row = patients.place("labs", position)
        low, high = labs["lower_limit"][position], labs["upper_limit"][position]
        message = f"lower limit {low:g} is above upper limit {high:g}"
        return Issue(message, table, row, "lower_limit", "exchange the two")

    return fold_rows(labs["lower_limit"] > labs["upper_limit"], say)


def _with_ranges(patients: Patients, vocabulary: Vocabulary) -> pl.DataFrame:
    subjects = patients.subjects.select("subject", "species").unique("subject", keep="first")
    labs = patients.labs.select(
        "subject",
        "analyte",
        "value",
        "unit",
        pl.coalesce("reported_value", "value").alias("reported_value"),
        pl.when(pl.col("reported_value").is_not_null()).then("reported_unit"),
    )
    labs = labs.join(subjects, on="subject", how="left", maintain_order="left")
    kinds = labs.select("analyte", "species").unique(maintain_order=True)
    ranges = pl.DataFrame(
        [
            (analyte, species, *vocabulary.analytes[analyte].limits(species or "human"))
            for analyte, species in kinds.iter_rows()
            if analyte in vocabulary.analytes
        ],
        schema={
            **{name: pl.String() for name in ("analyte", "species")},
            **{name: pl.Float64() for name in ("low", "high")},
        },
        orient="row",
    )
    return labs.join(
        ranges, on=("analyte", "species"), how="left", nulls_equal=True, maintain_order="left"
    )


def _hint(lab: dict[str, Any], analyte: Analyte, number: float, reported: str) -> str:
    """Name the unit in which the number would be usual; else a wrong sign or digit."""
    low, high = (end if end is not None else edge for end, edge in _edges(lab))
    for other in _LOOKS_LIKE.get(reported, ()):
        try:
            value = analyte.convert(number, other)
        except UnknownUnit:
            continue
        if other != reported and low <= value <= high:
            return f"this looks like {other}; write the unit in the `unit` column"
    if number in (*LOUD_CODES, *QUIET_CODES):
        return "this may be a code for missing; leave the cell empty where nothing is known"
    if number < 0:
        return "a value cannot be negative; leave the cell empty where it is not known"
    return "check the value and its unit"


def _edges(lab: dict[str, Any]) -> tuple[tuple[float | None, float], ...]:
    return (lab["low"], -math.inf), (lab["high"], math.inf)


def _ends(low: float | None, high: float | None) -> str:
    """Return a range in words; one end may be open."""
    if high is None:
        return f"{low:g} and more"
    return f"up to {high:g}" if low is None else f"{low:g} to {high:g}"
