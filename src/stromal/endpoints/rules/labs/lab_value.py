"""`lab_value`: one laboratory value of a patient, at a day or over a window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl
from pydantic import Field, model_validator

from stromal.endpoints.criteria import Criteria, read_criteria
from stromal.endpoints.endpoint import Endpoint, Need, Parameters
from stromal.endpoints.records.labs import (
    amount_text,
    derive_daily_values,
    derive_nearest_values,
    number_text,
    window_text,
    within,
)
from stromal.protocol.protocol import Day
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.analytes import ANALYTES

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
