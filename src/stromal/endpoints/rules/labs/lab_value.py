"""`lab_value`: one laboratory value of a patient, at a day or over a window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl
from pydantic import Field, model_validator

from stromal.endpoints.criteria import Criteria, read_criteria
from stromal.endpoints.endpoint import Endpoint, Need, Parameters
from stromal.protocol.protocol import Day
from stromal.tables.patients import Patients
from stromal.units import ANALYTES

Statistic = Literal["at_day", "minimum", "maximum", "first", "last"]


if TYPE_CHECKING:
    AnalyteName = str
else:
    AnalyteName = Literal[tuple(ANALYTES)]


class LabValueParameters(Parameters):
    """Which analyte, which of its values, and on which days.

    Parameters
    ----------
    analyte
        Name of the analyte.
    statistic
        `at_day` takes the value nearest to `day`, the earlier of two equally near ones; the others
        look at the whole window from `from_day` to `to_day`.
    day
        Day [d] of `at_day`; a visit gives it.
    before
        Days [d] before `day` that still count.
    after
        Days [d] after `day` that still count.
    from_day
        First day [d] of the window, included; none: open.
    to_day
        Last day [d] of the window, included; none: open.
    same_day
        Which of several values on one day is kept.
    """

    analyte: AnalyteName
    statistic: Statistic = "at_day"
    day: Day | None = None
    before: float = Field(0.0, ge=0)
    after: float = Field(0.0, ge=0)
    from_day: Day | None = None
    to_day: Day | None = None
    same_day: Literal["lowest", "highest"] = "lowest"

    @model_validator(mode="after")
    def _days_fit(self) -> LabValueParameters:
        if self.statistic == "at_day" and self.day is None:
            raise ValueError("statistic `at_day` needs `day`, or a visit that gives it")
        return self


def number_text(number: pl.Expr) -> pl.Expr:
    """A number as it is written in a reason: no trailing `.0`, at most six significant digits.

    Examples
    --------
    >>> import polars as pl
    >>> pl.Series([12.0, 4.9]).to_frame("x").select(number_text(pl.col("x")))["x"].to_list()
    ['12', '4.9']
    """
    return number.round_sig_figs(6).cast(pl.String).str.replace(r"\.0$", "")


def amount_text(number: pl.Expr, unit: pl.Expr) -> pl.Expr:
    """A number and its unit as they are written in a reason.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({"x": [12.0, 9.5], "unit": ["10^9/L", "g/dL"]})
    >>> frame.select(amount_text(pl.col("x"), pl.col("unit")))["x"].to_list()
    ['12 x 10^9/L', '9.5 g/dL']
    """
    written = unit.str.replace(r"^10\^", "x 10^").fill_null("without a unit")
    return pl.concat_str(number_text(number), written, separator=" ")


def within(from_day: float | None, to_day: float | None) -> pl.Expr:
    """Whether `day` lies from one day to the other, both included; None is open.

    Examples
    --------
    >>> import polars as pl
    >>> pl.DataFrame({"day": [0, 1, 2]}).filter(within(1, None)).height
    2
    """
    start = pl.lit(value=True) if from_day is None else pl.col("day") >= from_day
    end = pl.lit(value=True) if to_day is None else pl.col("day") <= to_day
    return start & end


def derive_daily_values(
    labs: pl.DataFrame, analyte: str, same_day: Literal["lowest", "highest"] = "lowest"
) -> pl.DataFrame:
    """One value per subject and day of one analyte, sorted by subject and day.

    Parameters
    ----------
    labs
        The `labs` table; days may be fractional, and a day is a whole day.
    analyte
        Name of the analyte.
    same_day
        Which of several values on one day is kept.

    Returns
    -------
    polars.DataFrame
        Rows of `labs` that have a value in the internal unit; a NaN is no value, and a number
        without a unit or in another one is not read as if it were.

    Examples
    --------
    >>> from stromal.tables.labs import LABS
    >>> labs = pl.DataFrame({"subject": ["1", "1"], "day": [3.2, 3.7], "analyte": ["platelets"] * 2,
    ...                      "value": [20.0, 15.0], "unit": ["10^9/L"] * 2})
    >>> derive_daily_values(LABS.conform(labs), "platelets")["value"].to_list()
    [15.0]
    """
    return (
        labs.filter(pl.col("analyte") == analyte, pl.col("unit") == ANALYTES[analyte].unit)
        .with_columns(pl.col("value").fill_nan(None))
        .drop_nulls(["value", "day"])
        .sort(
            "subject",
            pl.col("day").floor(),
            "value",
            "day",
            descending=[False, False, same_day == "highest", False],
        )
        .unique(["subject", pl.col("day").floor()], keep="first", maintain_order=True)
    )


def derive_nearest_values(
    daily: pl.DataFrame, day: float, before: float, after: float
) -> pl.DataFrame:
    """The value nearest to `day` of every subject, within `before` and `after` days of it.

    Of two equally near values the earlier is taken, of two on one day the first row. Subjects
    without one have no row.

    Examples
    --------
    >>> daily = pl.DataFrame({"subject": ["1", "1"], "day": [-2.0, 1.0], "value": [9.0, 30.0]})
    >>> derive_nearest_values(daily, 0, 7, 0)["value"].to_list()
    [9.0]
    """
    return (
        daily.filter(within(day - before, day + after))
        .sort("subject", (pl.col("day") - day).abs(), "day", maintain_order=True)
        .unique("subject", keep="first", maintain_order=True)
    )


def _pick(daily: pl.DataFrame, parameters: LabValueParameters) -> pl.DataFrame:
    p = parameters
    if p.statistic == "at_day" and p.day is not None:
        return derive_nearest_values(daily, p.day, p.before, p.after)
    window = daily.filter(within(p.from_day, p.to_day))
    by = ["value", "day"] if p.statistic in {"minimum", "maximum"} else ["day"]
    downwards = [p.statistic in {"maximum", "last"}, False][: len(by)]
    return window.sort(by, descending=downwards).unique(
        "subject", keep="first", maintain_order=True
    )


def window_text(from_day: float | None, to_day: float | None) -> str:
    """A window in words.

    Examples
    --------
    >>> window_text(0, None), window_text(1, 28), window_text(0, 0), window_text(None, None)
    ('from day 0', 'from day 1 to day 28', 'on day 0', 'on any day')
    """
    if from_day is not None and from_day == to_day:
        return f"on day {from_day:g}"
    parts = [
        *([f"from day {from_day:g}"] if from_day is not None else []),
        *([f"to day {to_day:g}"] if to_day is not None else []),
    ]
    return " ".join(parts) or "on any day"


def derive_lab_value(patients: Patients, parameters: LabValueParameters) -> pl.DataFrame:
    """One laboratory value per subject, in its unit, with the day it was measured.

    Parameters
    ----------
    patients
        The five tables; only `subjects` and `labs` are read.
    parameters
        Analyte, statistic and days [d].

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
    >>> rows = derive_lab_value(patients, LabValueParameters(analyte="platelets", day=0))
    >>> rows["reason"].item()
    'platelets 9 x 10^9/L on day 0'
    """
    p = parameters
    name = ANALYTES[p.analyte].label
    picked = _pick(derive_daily_values(patients.labs, p.analyte, p.same_day), p)
    low, high = (
        (p.day - p.before, p.day + p.after)
        if p.statistic == "at_day" and p.day is not None
        else (p.from_day, p.to_day)
    )
    kind = "" if p.statistic == "at_day" else f", the {p.statistic} {window_text(low, high)}"
    found = pl.format(
        f"{name} {{}} on day {{}}{kind}",
        amount_text(pl.col("value"), pl.col("unit")),
        number_text(pl.col("day")),
    )
    rows = picked.select("subject", "value", "unit", "day", found.alias("reason"))
    return (
        patients.subjects.select("subject")
        .join(rows, on="subject", how="left", maintain_order="left")
        .with_columns(
            pl.col("reason").fill_null(f"no {name} {window_text(low, high)}"),
            pl.lit(read_criteria("lab_value").title).alias("criteria"),
        )
    )


def _needs(parameters: LabValueParameters) -> tuple[Need, ...]:
    return (Need("labs", (parameters.analyte,)),)


def _criteria(_: LabValueParameters) -> Criteria:
    return read_criteria("lab_value")


LAB_VALUE = Endpoint(
    name="lab_value",
    title="Laboratory value",
    kind="value",
    parameters=LabValueParameters,
    derive=derive_lab_value,
    needs=_needs,
    criteria=_criteria,
)
