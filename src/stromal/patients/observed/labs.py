"""`labs` as read: every value in the internal unit of its analyte, or null with an issue."""

from __future__ import annotations

import re

import polars as pl

from stromal.errors import Issue, UnknownUnit
from stromal.likeness import find_nearest
from stromal.patients.observed.words import list_choices
from stromal.tables.fold import fold_rows, fold_values
from stromal.tables.patients import TableFile
from stromal.units import ANALYTES, UNITS, conversion_factor, find_unit

_NUMBERS = ("value", "lower_limit", "upper_limit")

# Names that laboratories print; they are suggested, never read.
_OTHER_NAMES = {
    "hb": "haemoglobin",
    "hgb": "haemoglobin",
    "plt": "platelets",
    "thrombocytes": "platelets",
    "wbc": "leukocytes",
    "white_cells": "leukocytes",
    "anc": "neutrophils",
    "alc": "lymphocytes",
    "tbil": "bilirubin",
    "crea": "creatinine",
    "temp": "temperature",
    "weight": "body_weight",
}


def read_labs(frame: pl.DataFrame, file: TableFile) -> tuple[pl.DataFrame, tuple[Issue, ...]]:
    """Return values and limits in the analyte's unit; `reported_value` and `_unit` are as written.

    Values are rounded to 15 significant digits, at which the house compares numbers.

    Examples
    --------
    >>> from stromal.tables.labs import LABS
    >>> frame = LABS.conform(pl.DataFrame(
    ...     {"analyte": ["platelets", "Hb"], "value": [49000.0, 9.0], "unit": ["/uL", "g/dL"]}
    ... ))
    >>> read, issues = read_labs(frame, TableFile("labs.csv", 2))
    >>> read.select("value", "unit", "reported_value", "reported_unit").rows()
    [(49.0, '10^9/L', 49000.0, '/uL'), (None, None, 9.0, 'g/dL')]
    >>> print(issues[0])
    labs.csv row 3 column analyte: `Hb` is not an analyte.
    hint: is `haemoglobin` meant?
    """
    kinds = frame.select("analyte", "unit").unique(maintain_order=True)
    judged = frame.select("analyte", "unit").join(
        pl.DataFrame(
            [(*row, *_judge(*row)) for row in kinds.iter_rows()],
            schema={
                "analyte": pl.String(),
                "unit": pl.String(),
                "internal": pl.String(),
                "reported": pl.String(),
                "times": pl.Float64(),
                "over": pl.Float64(),
                "wrong": pl.String(),
            },
            orient="row",
        ),
        on=("analyte", "unit"),
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    issues = _describe(frame, judged, file)
    times, over = judged["times"], judged["over"]
    changed = times != over
    read = frame.with_columns(
        *(
            pl.when(changed)
            .then((pl.col(name) * times / over).round_sig_figs(15))
            .when(over.is_not_null())
            .then(pl.col(name))
            .alias(name)
            for name in _NUMBERS
        ),
        judged["internal"].alias("unit"),
        frame["value"].alias("reported_value"),
        judged["reported"].alias("reported_unit"),
    )
    return read, issues


_Verdict = tuple[str | None, str | None, float | None, float | None, str | None]


def _judge(analyte: str | None, unit: str | None) -> _Verdict:
    """Internal unit, reported unit, factor as a fraction; or which column is wrong."""
    if analyte is None:
        return None, unit, None, None, None
    if analyte not in ANALYTES:
        return None, unit, None, None, "analyte"
    if unit is None:
        return None, None, None, None, "missing"
    internal = ANALYTES[analyte].unit
    try:
        factor = conversion_factor(unit, internal, analyte)
    except UnknownUnit:
        return None, unit, None, None, "unit"
    return (
        internal,
        find_unit(unit, analyte).name,
        float(factor.numerator),
        float(factor.denominator),
        None,
    )


def _describe(frame: pl.DataFrame, judged: pl.DataFrame, file: TableFile) -> tuple[Issue, ...]:
    analytes, units, wrong = judged["analyte"], judged["unit"], judged["wrong"]

    def say_analyte(text: str, position: int) -> Issue:
        near = _OTHER_NAMES.get(text.lower()) or find_nearest(text, tuple(ANALYTES))
        hint = f"is `{near}` meant?" if near else list_choices(text, tuple(ANALYTES))
        place = (file.name, file.row(position), "analyte")
        return Issue(f"`{text[:60]}` is not an analyte", *place, hint)

    def say_unit(_text: str, position: int) -> Issue:
        analyte, unit = analytes[position], units[position]
        message = f"`{unit[:40]}` is not a unit of {analyte}"
        return Issue(message, file.name, file.row(position), "unit", _unit_hint(analyte, unit))

    def say_missing(position: int) -> Issue:
        analyte, value = analytes[position], frame["value"][position]
        number = "a limit" if value is None else f"{value:.15g}"
        hint = f"write the unit of the report, such as `{ANALYTES[analyte].unit}`"
        message = f"{analyte} is {number} without a unit"
        return Issue(message, file.name, file.row(position), "unit", hint)

    pairs = analytes.fill_null("") + " " + units.fill_null("")
    filled = frame.select(pl.any_horizontal(pl.col(_NUMBERS).is_not_null())).to_series()
    return (
        *fold_values(wrong == "analyte", analytes, say_analyte),
        *fold_values(wrong == "unit", pairs, say_unit),
        *fold_rows((wrong == "missing") & filled, say_missing),
    )


def _unit_hint(analyte: str, unit: str) -> str:
    """List units that fit; never one that is like the text, which may be ten times another."""
    fitting = tuple(dict.fromkeys(u.name for u in UNITS.values() if _fits(analyte, u.name)))
    listed = list_choices(unit, fitting)
    if re.fullmatch(r"mil(es)?\W.*", unit.strip(), re.IGNORECASE):
        return f"`mil` is a million in English and a thousand in Spanish; {listed}"
    try:
        given = find_unit(unit, analyte)
    except UnknownUnit:
        return listed
    if given.name == "g/L" and _fits(analyte, "10^9/L"):
        return f"`{unit}` is grams per litre; giga per litre is `G/L`, or {listed}"
    return f"`{unit}` measures {given.dimension}; {listed}"


def _fits(analyte: str, unit: str) -> bool:
    try:
        conversion_factor(unit, ANALYTES[analyte].unit, analyte)
    except UnknownUnit:
        return False
    return True
