"""`labs` as read: every value in the internal unit of its analyte, or null with an issue."""

from __future__ import annotations

import re

import polars as pl

from stromal.errors import Issue, UnknownUnit
from stromal.likeness import find_nearest
from stromal.patients.observed.words import how_to_declare, list_choices
from stromal.tables.fold import fold_rows, fold_values
from stromal.tables.patients import TableFile
from stromal.tables.vocabulary.analytes import Analyte
from stromal.tables.vocabulary.units import UNITS
from stromal.tables.vocabulary.vocabulary import SHARED, Vocabulary

_NUMBERS = ("value", "lower_limit", "upper_limit")


def read_labs(
    frame: pl.DataFrame, file: TableFile, vocabulary: Vocabulary = SHARED
) -> tuple[pl.DataFrame, tuple[Issue, ...]]:
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
            [(*row, *_judge(vocabulary, *row)) for row in kinds.iter_rows()],
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
    issues = _describe(frame, judged, file, vocabulary)
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


def _judge(vocabulary: Vocabulary, analyte: str | None, unit: str | None) -> _Verdict:
    """Internal unit, reported unit, factor as a fraction; or which column is wrong."""
    if analyte is None:
        return None, unit, None, None, None
    found = vocabulary.analytes.get(analyte)
    if found is None:
        return None, unit, None, None, "analyte"
    if unit is None:
        return None, None, None, None, "missing"
    try:
        factor, reported = found.factor(unit), found.find_unit(unit).name
    except UnknownUnit:
        return None, unit, None, None, "unit"
    return found.unit, reported, float(factor.numerator), float(factor.denominator), None


def _describe(
    frame: pl.DataFrame, judged: pl.DataFrame, file: TableFile, vocabulary: Vocabulary
) -> tuple[Issue, ...]:
    analytes, units, wrong = judged["analyte"], judged["unit"], judged["wrong"]
    known = vocabulary.analytes

    def say_analyte(text: str, position: int) -> Issue:
        near = vocabulary.find_analyte(text) or find_nearest(text, known)
        hint = f"is `{near}` meant?" if near else how_to_declare("analytes", text)
        place = (file.name, file.row(position), "analyte")
        return Issue(f"`{text[:60]}` is not an analyte", *place, hint)

    def say_unit(_text: str, position: int) -> Issue:
        analyte, unit = analytes[position], units[position]
        message = f"`{unit[:40]}` is not a unit of {analyte}"
        return Issue(message, file.name, file.row(position), "unit", _hint(known[analyte], unit))

    def say_missing(position: int) -> Issue:
        analyte, value = analytes[position], frame["value"][position]
        number = "a limit" if value is None else f"{value:.15g}"
        hint = f"write the unit of the report, such as `{known[analyte].unit}`"
        message = f"{analyte} is {number} without a unit"
        return Issue(message, file.name, file.row(position), "unit", hint)

    # Joined text of a million rows is worth its memory only where something is wrong.
    strange = (wrong == "unit").any()
    pairs = analytes.fill_null("") + " " + units.fill_null("") if strange else analytes
    filled = frame.select(pl.any_horizontal(pl.col(_NUMBERS).is_not_null())).to_series()
    return (
        *fold_values(wrong == "analyte", analytes, say_analyte),
        *fold_values(wrong == "unit", pairs, say_unit),
        *fold_rows((wrong == "missing") & filled, say_missing),
    )


_FAHRENHEIT = r"(deg(rees?)?|°|\[deg)?\s*F(ahrenheit)?\]?"


def _hint(analyte: Analyte, unit: str) -> str:
    """List units that fit; never one that is like the text, which may be ten times another."""
    fitting = (analyte.unit, *(name for name in UNITS if _fits(analyte, name)))
    if analyte.unit == "degC" and re.fullmatch(_FAHRENHEIT, unit.strip(), re.IGNORECASE):
        return "degrees Fahrenheit are not read: write (value - 32) / 1.8 as `degC`"
    listed = list_choices(unit, tuple(dict.fromkeys(fitting)))
    if re.fullmatch(r"mil(es)?\W.*", unit.strip(), re.IGNORECASE):
        return f"`mil` is a million in English and a thousand in Spanish; {listed}"
    try:
        given = analyte.find_unit(unit)
    except UnknownUnit:
        return listed
    if given.name == "g/L" and _fits(analyte, "10^9/L"):
        return f"`{unit}` is grams per litre; giga per litre is `G/L`, or {listed}"
    return f"`{unit}` measures {given.dimension}; {listed}"


def _fits(analyte: Analyte, unit: str) -> bool:
    try:
        analyte.factor(unit)
    except UnknownUnit:
        return False
    return True
