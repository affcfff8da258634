"""Laboratory values outside what a body can have, and which unit they look like."""

from __future__ import annotations

import polars as pl

from stromal.errors import Issue, UnknownUnit
from stromal.protocol.protocol import Protocol
from stromal.tables.fold import fold_rows
from stromal.tables.missing_codes import LOUD_CODES, QUIET_CODES
from stromal.tables.patients import Patients
from stromal.units import ANALYTES, analyte_range, convert

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


def check_values(patients: Patients, _protocol: Protocol) -> tuple[Issue, ...]:
    """Values below zero or outside the range of their analyte, with the unit they look like.

    The range is the one of the subject's species; `units.ANALYTES` holds it.
    """
    labs = _with_ranges(patients)
    values = labs["value"]

    def say(position: int) -> Issue:
        table, row = patients.place("labs", position)
        lab = labs.row(position, named=True)
        analyte, unit = ANALYTES[lab["analyte"]], lab["unit"]
        number, reported = lab["reported_value"], lab["reported_unit"] or unit
        given = f"{number:.6g} {reported}"
        if reported != unit:
            given += f" ({lab['value']:.6g} {unit})"
        limits = f"{lab['low']:g} to {lab['high']:g} {unit}"
        message = f"{analyte.label} is {given}, outside {limits}"
        return Issue(message, table, row, hint=_hint(lab, number, reported))

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


def _with_ranges(patients: Patients) -> pl.DataFrame:
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
            (analyte, species, *analyte_range(analyte, species or "human"))
            for analyte, species in kinds.iter_rows()
            if analyte in ANALYTES
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


def _hint(lab: dict[str, object], number: float, reported: str) -> str:
    """What the value looks like: a unit in which it would be usual, else a wrong sign or digit."""
    analyte, unit = str(lab["analyte"]), str(lab["unit"])
    low, high = float(str(lab["low"])), float(str(lab["high"]))
    for other in _LOOKS_LIKE.get(reported, ()):
        try:
            value = convert(number, other, unit, analyte)
        except UnknownUnit:
            continue
        if other != reported and low <= value <= high:
            return f"this looks like {other}; write the unit in the `unit` column"
    if number in (*LOUD_CODES, *QUIET_CODES):
        return "this may be a code for missing; leave the cell empty where nothing is known"
    if number < 0:
        return "a value cannot be negative; leave the cell empty where it is not known"
    return "check the value and its unit"
