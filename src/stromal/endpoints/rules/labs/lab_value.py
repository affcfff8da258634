"""`lab_value`: one laboratory value of a patient, at a day or over a window."""

from __future__ import annotations

from typing import Literal

import polars as pl
from pydantic import model_validator

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Need, Parameters
from stromal.endpoints.records.labs import derive_daily_values, label_analyte, write_bound
from stromal.endpoints.records.words import amount_text, name_window, number_text, window_words
from stromal.tables.patients import Patients
from stromal.tables.windows import Day, Window, find_nearest
from stromal.toml.part import Name

Statistic = Literal["at_day", "minimum", "maximum", "first", "last"]


class LabValueParameters(Parameters):
    """Which analyte, which of its values, and on which days.

    Parameters
    ----------
    analyte
        Name of an analyte that every study knows, or that the protocol declares.
    statistic
        `at_day` takes the value nearest to the day of the window, the earlier of two equally near
        ones; the others look at all days from `from_day` to `to_day`.
    window
        Day [d] of `at_day`, and the days around it that still count; a visit gives it.
    from_day
        First day [d] that counts, included; none: open.
    to_day
        Last day [d] that counts, included; none: open.
    same_day
        Which of several values on one day is kept.
    """

    analyte: Name
    statistic: Statistic = "at_day"
    window: Window | None = None
    from_day: Day | None = None
    to_day: Day | None = None
    same_day: Literal["lowest", "highest"] = "lowest"

    @model_validator(mode="after")
    def _days_fit(self) -> LabValueParameters:
        if self.statistic == "at_day" and self.window is None:
            raise ValueError("statistic `at_day` needs `window`, or a visit that gives it")
        return self


def _pick(patients: Patients, p: LabValueParameters) -> pl.DataFrame:
    """The row of each subject that is asked for, with the least and the most that it can be."""
    extreme = p.statistic in {"minimum", "maximum"}
    near = p.window if p.statistic == "at_day" else None
    inside = (p.from_day, p.to_day) if near is None else (near.first, near.last)
    rows = derive_daily_values(patients.labs, p.analyte, p.same_day, empty=extreme, inside=inside)
    if near is not None:
        return find_nearest(rows, near)
    if not extreme:
        ordered = rows.sort("day", descending=p.statistic == "last")
        return ordered.unique("subject", keep="first", maintain_order=True)
    # a day whose value is unknown, or a bound, may hold the extreme
    least = p.statistic == "minimum"
    ends = [pl.col(name).min() if least else pl.col(name).max() for name in ("least", "most")]
    bounds = rows.group_by("subject").agg(*ends)
    found = rows.drop_nulls("value").sort(
        "most" if least else "least", "day", descending=[not least, False]
    )
    first = found.unique("subject", keep="first", maintain_order=True).drop("least", "most")
    return first.join(bounds, on="subject")


def derive_lab_value(
    patients: Patients, parameters: LabValueParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive one laboratory value per subject, in its unit, with the day it was measured.

    A bound is no number: `value` is null, `label` holds the bound, and `lowest` and `highest` are
    the least and the most that it can be. A minimum or maximum is no number either where a bound or
    an empty value may lie beyond it.

    Parameters
    ----------
    patients
        The five tables; only `subjects` and `labs` are read.
    parameters
        Analyte, statistic and days [d].
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `value` in `unit`, `day` [d] and `reason`; null where not measured.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"], "arm": ["msc"]}),
    ...     labs=pl.DataFrame({"subject": ["1"], "day": [0.0], "analyte": ["platelets"],
    ...                        "value": [9.0], "unit": ["10^9/L"]}),
    ... )
    >>> on_day_0 = LabValueParameters(analyte="platelets", window={"day": 0})
    >>> rows = derive_lab_value(patients, on_day_0)
    >>> rows["reason"].item()
    'platelets 9 x 10^9/L on day 0'
    """
    p = parameters
    least, most = pl.col("least"), pl.col("most")
    exact = least == most
    sign = write_bound(pl.col("bound"))
    return (
        patients.subjects.select("subject")
        .join(_pick(patients, p), on="subject", how="left", maintain_order="left")
        .select(
            "subject",
            pl.when(exact).then("value").alias("value"),
            "unit",
            pl.when(pl.col("bound").is_not_null() & ~exact)
            .then(pl.concat_str(sign, number_text("value")))
            .alias("label"),
            "day",
            pl.when(least.is_finite()).then(least).alias("lowest"),
            pl.when(most.is_finite()).then(most).alias("highest"),
            (_write(p) if reasons else pl.lit(None, pl.String)).alias("reason"),
            pl.lit(read_criteria("lab_value").title).alias("criteria"),
        )
    )


def _write(p: LabValueParameters) -> pl.Expr:
    """The value and its day, or what there is in its place."""
    name = label_analyte(p.analyte)
    days = name_window(p.window) if p.window else window_words(p.from_day, p.to_day)
    kind = "" if p.statistic == "at_day" else f", the {p.statistic} {days}"
    found = pl.format(
        f"{name} {{}}{{}} on day {{}}{kind}",
        write_bound(pl.col("bound")),
        amount_text("value", "unit"),
        number_text("day"),
    )
    side = {"minimum": "lower", "maximum": "higher"}.get(p.statistic, "")
    beyond = pl.lit(f", but a bound or an empty value may be {side}")
    open_end = (pl.col("least") < pl.col("most")) & pl.col("bound").is_null()
    return pl.concat_str(found, pl.when(open_end).then(beyond).otherwise(pl.lit(""))).fill_null(
        f"no {name} {days}"
    )


def _needs(parameters: LabValueParameters) -> tuple[Need, ...]:
    return (Need("labs", (parameters.analyte,)),)


LAB_VALUE = Endpoint(
    name="lab_value",
    title="Laboratory value",
    kind="value",
    parameters=LabValueParameters,
    derive=derive_lab_value,
    needs=_needs,
    criteria="lab_value",
)
