"""`lab_value`: one laboratory value of a patient, at a day or over a window."""

from __future__ import annotations

from typing import Literal

import polars as pl
from pydantic import model_validator

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Need, Parameters
from stromal.endpoints.records.labs import derive_daily_values, label_analyte
from stromal.endpoints.records.words import amount_text, name_window, number_text, window_words
from stromal.tables.patients import Patients
from stromal.tables.windows import Day, Window, find_nearest, within
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


def _pick(daily: pl.DataFrame, parameters: LabValueParameters) -> pl.DataFrame:
    p = parameters
    if p.statistic == "at_day" and p.window is not None:
        return find_nearest(daily, p.window)
    window = daily.filter(within(p.from_day, p.to_day))
    by = ["value", "day"] if p.statistic in {"minimum", "maximum"} else ["day"]
    downwards = [p.statistic in {"maximum", "last"}, False][: len(by)]
    return window.sort(by, descending=downwards).unique(
        "subject", keep="first", maintain_order=True
    )


def derive_lab_value(
    patients: Patients, parameters: LabValueParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive one laboratory value per subject, in its unit, with the day it was measured.

    Parameters
    ----------
    patients
        The five tables; only `subjects` and `labs` are read.
    parameters
        Analyte, statistic and days [d].
    reasons
        Whether reasons are written.

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
    name = label_analyte(p.analyte)
    picked = _pick(derive_daily_values(patients.labs, p.analyte, p.same_day), p)
    days = name_window(p.window) if p.window else window_words(p.from_day, p.to_day)
    kind = "" if p.statistic == "at_day" else f", the {p.statistic} {days}"
    found = pl.format(
        f"{name} {{}} on day {{}}{kind}", amount_text("value", "unit"), number_text("day")
    )
    rows = (
        patients.subjects.select("subject")
        .join(
            picked.select("subject", "value", "unit", "day"),
            on="subject",
            how="left",
            maintain_order="left",
        )
        .with_columns(pl.lit(read_criteria("lab_value").title).alias("criteria"))
    )
    if not reasons:
        return rows
    return rows.with_columns(found.fill_null(f"no {name} {days}").alias("reason"))


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
