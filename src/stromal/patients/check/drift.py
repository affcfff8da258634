"""Values that a wrong unit makes too small: questions of the unit, never of the value.

A value beyond what a body can have is found by its range. Neutrophils of `2.1 /uL` are within it,
and are a grade 4 where `K/uL` was meant. Three things give such a unit away: limits of normal that
are impossible in it, the patient's own values in another unit before and after, and the column as a
whole. A nadir in the unit of its neighbours is never questioned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal

import polars as pl

from stromal.errors import Issue, Severity, UnknownUnit
from stromal.protocol.protocol import Protocol
from stromal.tables.fold import fold_rows
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.analytes import Analyte

APART = 50
"""Least ratio of two units that a value can tell apart: umol/L and mg/dL of creatinine are 88."""

NEAR, NEAR_WHOLE = 6.0, 3.0
"""How near to its neighbours a value must be, read in their unit, to be questioned.

Cells are counted, so that 20 /uL is likelier to be true than 2.1 /uL: whole numbers must be nearer.
"""

LIMITS_APART = 30.0
"""Limits of normal of two laboratories are never this far apart; newborns' are 10 times adults'."""

FEWEST = 3
"""Values in a unit from which on the column as a whole is judged."""

TINY = 50.0
"""A study in which no value of an analyte comes this near to normal may have the wrong unit."""

_KIND = ("analyte", "unit", "reported")

COMMONEST = 3
"""Sizes of units, of each analyte, that other values are compared with."""


def check_drift(patients: Patients, protocol: Protocol) -> tuple[Issue, ...]:
    """Ask for the unit of values and limits that another unit of the same column explains.

    Parameters
    ----------
    patients
        Patients in internal units; the unit of the report is `reported_unit`, or else `unit`.

    Returns
    -------
    tuple of Issue
        Errors with their row, first those of limits, then those of values; and a warning for each
        analyte of which every value is too small.

    Examples
    --------
    >>> from stromal.protocol.read import read_protocol
    >>> labs = pl.DataFrame({
    ...     "subject": ["1"] * 3, "day": [0.0, 7.0, 14.0], "analyte": ["neutrophils"] * 3,
    ...     "value": [2.4, 0.0021, 3.0], "unit": ["10^9/L"] * 3, "reported_value": [2.4, 2.1, 3.0],
    ...     "reported_unit": ["10^3/uL", "/uL", "10^3/uL"],
    ... })
    >>> for issue in check_drift(Patients.of(labs=labs), read_protocol("studies/itp-dose")):
    ...     print(issue)
    labs unit: neutrophils is 2.1 /uL between 2.4 and 3 10^3/uL.
    hint: is /uL right here? if not correct the unit, else write the row in 10^3/uL too
    """
    labs = patients.labs.select(
        "subject",
        "day",
        "analyte",
        "value",
        "lower_limit",
        "upper_limit",
        "unit",
        pl.coalesce("reported_unit", "unit").alias("reported"),
    ).with_row_index("position")
    analytes = protocol.vocabulary.analytes
    sizes = _measure_units(labs, analytes)
    normal = analytes if protocol.study.species == "human" else {}
    lower = _find_odd_limits(labs, "lower_limit", {n: a.normal[0] for n, a in normal.items()})
    upper = _find_odd_limits(labs, "upper_limit", {n: a.normal[1] for n, a in normal.items()})
    upper = upper.join(lower, on="position", how="anti")
    said = pl.concat([lower["position"], upper["position"]])
    values = _find_odd_values(labs, sizes).filter(~pl.col("position").is_in(said.implode()))
    return (
        *_fold(lower.join(sizes, on=_KIND, how="left"), patients, partial(_say_limit, analytes)),
        *_fold(upper.join(sizes, on=_KIND, how="left"), patients, partial(_say_limit, analytes)),
        *_fold(values, patients, partial(_say_value, analytes)),
        *_note_tiny(labs, patients, normal),
    )


def _fold(
    rows: pl.DataFrame, patients: Patients, say: Callable[[dict[str, Any]], tuple[str, str]]
) -> tuple[Issue, ...]:
    def issue(at: int) -> Issue:
        lab = rows.row(at, named=True)
        message, hint = say(lab)
        return Issue(message, *patients.place("labs", lab["position"]), "unit", hint)

    rows = rows.sort("position")
    return fold_rows(pl.repeat(value=True, n=rows.height, eager=True), issue)


def _note_tiny(
    labs: pl.DataFrame, patients: Patients, normal: Mapping[str, Analyte]
) -> tuple[Issue, ...]:
    """Warn of analytes of which no value comes near to normal, for want of another to compare."""
    table, _ = patients.place("labs", 0) if patients.labs.height else ("labs", None)
    highest = (
        labs.filter(pl.col("value") > 0)
        .group_by("analyte")
        .agg(pl.len(), pl.col("value").max(), pl.col("unit").first(), pl.col("position").first())
        .sort("position")
    )
    issues = []
    for name, count, value, unit, _ in highest.iter_rows():
        low = normal[name].normal[0] if name in normal else None
        if count > FEWEST and low and value * TINY < low:
            message = (
                f"no value of {normal[name].label} is above {_number(value)} {unit}, and "
                f"{_number(low)} is normal"
            )
            hint = "are their units right?"
            issues.append(Issue(message, table, None, "unit", hint, Severity.WARNING))
    return tuple(issues)


def _say_limit(analytes: Mapping[str, Analyte], lab: dict[str, Any]) -> tuple[str, str]:
    analyte, unit, reported = analytes[lab["analyte"]], lab["unit"], lab["reported"]
    given = f"{_number(lab['limit'] / (lab['size'] or 1))} {reported}"
    if reported != unit:
        given += f" ({_number(lab['limit'])} {unit})"
    message = (
        f"{lab['which']} of normal of {analyte.label} is {given}; {lab['whose']} it is "
        f"{_number(lab['usual'])} {unit}"
    )
    return message, f"is {reported} the unit of this row? value and limits share it"


def _say_value(analytes: Mapping[str, Analyte], lab: dict[str, Any]) -> tuple[str, str]:
    label, reported, other = analytes[lab["analyte"]].label, lab["reported"], lab["other"]
    beside = [lab[side] for side in ("before", "after") if lab[side] is not None]
    where = {0: "where most rows are in", 1: "beside", 2: "between"}[len(beside)]
    numbers = " and ".join(_number(value / lab["per"]) for value in beside)
    message = f"{label} is {_number(lab['value'] / lab['size'])} {reported} {where} {numbers}"
    hint = f"is {reported} right here? if not correct the unit, else write the row in {other} too"
    return f"{message.rstrip()} {other}", hint


def _number(value: float) -> str:
    return f"{float(f'{value:.12g}'):.6g}"


def _measure_units(labs: pl.DataFrame, analytes: Mapping[str, Analyte]) -> pl.DataFrame:
    """Return the size of each unit of the report in the analyte's own; null where unknown."""
    kinds = labs.select(_KIND).unique().drop_nulls()
    kinds = kinds.filter(pl.col("analyte").is_in(list(analytes)))
    rows = kinds.select("analyte", "unit", "reported").iter_rows()
    sizes = [_size(analytes[name], unit, reported) for name, unit, reported in rows]
    return kinds.with_columns(pl.Series("size", sizes, dtype=pl.Float64)).drop_nulls()


def _size(analyte: Analyte, unit: str, reported: str) -> float | None:
    try:
        return float(analyte.factor(reported, unit))
    except UnknownUnit:
        return None


def _find_odd_limits(
    labs: pl.DataFrame, which: str, normal: Mapping[str, float | None]
) -> pl.DataFrame:
    """Return rows whose limit is far from the usual one, or from that of most rows."""
    given = labs.filter(pl.col(which) > 0).with_columns(pl.col(which).alias("limit"))
    most = given.group_by("analyte", "unit").agg(pl.col("limit").median().alias("most"))
    usual = pl.DataFrame(
        [(name, limit) for name, limit in normal.items() if limit],
        schema={"analyte": pl.String(), "known": pl.Float64()},
        orient="row",
    )
    odd = given.join(most, on=("analyte", "unit")).join(usual, on="analyte", how="left")
    odd = odd.with_columns(
        pl.coalesce("known", "most").alias("usual"),
        pl.when(pl.col("known").is_null())
        .then(pl.lit("in most rows"))
        .otherwise(pl.lit("usually"))
        .alias("whose"),
        pl.lit(which.replace("_", " ")).alias("which"),
    )
    ratio = pl.col("limit") / pl.col("usual")
    return odd.filter(pl.max_horizontal(ratio, 1 / ratio) >= LIMITS_APART)


def _find_odd_values(labs: pl.DataFrame, sizes: pl.DataFrame) -> pl.DataFrame:
    """Return rows that a larger unit of other rows explains, with that unit and those rows.

    Columns beside those of `labs`: `size` of the row's unit, `other` unit and `per`, its size, and
    the values `before` and `after` of the same patient in it, null where there is none.
    """
    ranges = sizes.group_by("analyte").agg(pl.col("size").max() / pl.col("size").min())
    mixed = ranges.filter(pl.col("size") >= APART)["analyte"]
    rows = labs.filter(pl.col("analyte").is_in(mixed.implode()), pl.col("value") > 0)
    rows = rows.drop_nulls("day").join(sizes, on=_KIND)
    found = []
    for (_analyte,), own in rows.group_by("analyte"):
        units = own.group_by("size", "reported").len().sort("len", "reported", descending=True)
        units = units.unique("size", keep="first", maintain_order=True).head(COMMONEST)
        for size, other, _ in units.iter_rows():
            small = own.filter(pl.col("size") * APART <= size)
            large = own.filter(pl.col("size") == size)
            found.append(_compare(small, large).with_columns(pl.lit(other).alias("other")))
    return pl.concat(found).unique("position", keep="first") if found else rows.clear()


def _compare(small: pl.DataFrame, large: pl.DataFrame) -> pl.DataFrame:
    """Return the rows in a small unit that would be near those in a large one, read in it."""
    per, middle = large["size"][0], large["value"].median()
    number = pl.col("value") / pl.col("size")
    whole = (number - number.round()).abs() <= number * 1e-9
    small = small.with_columns(
        (number * per).alias("as_other"),
        pl.when(whole).then(NEAR_WHOLE).otherwise(NEAR).alias("near"),
        per=pl.lit(per),
    )
    both = pl.concat([small["subject"].unique(), large["subject"].unique()])
    both = both.filter(both.is_duplicated()).unique().implode()
    beside = large.filter(pl.col("subject").is_in(both)).sort("day")
    shared = small.filter(pl.col("subject").is_in(both)).sort("day")
    sides: tuple[tuple[str, Literal["backward", "forward"]], ...] = (
        ("before", "backward"),
        ("after", "forward"),
    )
    for side, strategy in sides:
        shared = shared.join_asof(
            beside.select("subject", "day", pl.col("value").alias(side)),
            on="day",
            by="subject",
            strategy=strategy,
            check_sortedness=False,
        )
    found = shared.filter(_is_near(pl.col("before")), _is_near(pl.col("after")))
    # A patient with no value in the other unit is judged by the column, and only all together.
    tiny = pl.col("value").max() * LIMITS_APART <= middle
    usual = _is_near(pl.lit(middle)).mean() > 0.5
    enough = min(small.height, large.height) >= FEWEST
    if not (enough and small.select(tiny & usual).item()):
        return found
    return pl.concat([found, small.filter(~pl.col("subject").is_in(both))], how="diagonal")


def _is_near(other: pl.Expr) -> pl.Expr:
    """Tell whether the number of a row, read in the other unit, is near; true without another."""
    ratio = pl.col("as_other") / other
    return pl.max_horizontal(ratio, 1 / ratio).le(pl.col("near")).fill_null(value=True)
