"""`low_count_days`: on how many days of a window a count was below a cut."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field, model_validator

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Need, Parameters
from stromal.endpoints.records.daily_grid import count_low_days, derive_daily_grid
from stromal.endpoints.records.follow_up import derive_follow_up
from stromal.endpoints.records.lab_series import as_numbered
from stromal.endpoints.records.labs import label_analyte
from stromal.endpoints.records.words import window_words, write_number
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.analytes import ANALYTES
from stromal.toml.part import Name

CRITERIA = "low_count_days"
_LONGEST = 3660
"""Days of a window at most: ten years."""


class LowCountDaysParameters(Parameters):
    """Which count, below what, on which days, and how days without a count are read.

    Parameters
    ----------
    analyte
        Name of an analyte that every study knows.
    cut
        The cut [unit], in the analyte's own unit; a count equal to it is not below.
    from_day, to_day
        First and last day [d], included; whole days.
    counted
        Whether all days below the cut count, or those of the longest run.
    fill_days
        Days in a row without a count that are filled from the counts beside them; 0: none.
    """

    analyte: Name = "neutrophils"
    cut: float = Field(0.5, gt=0, allow_inf_nan=False)
    from_day: int = Field(0, ge=-_LONGEST, le=_LONGEST)
    to_day: int = Field(60, ge=-_LONGEST, le=_LONGEST)
    counted: Literal["cumulative", "longest"] = "cumulative"
    fill_days: int = Field(
        default_factory=lambda: int(read_criteria(CRITERIA).rules["fill_days"]), ge=0, le=60
    )

    @model_validator(mode="after")
    def _fits(self) -> LowCountDaysParameters:
        if self.analyte not in ANALYTES:
            raise ValueError(f"`{self.analyte}` is no analyte that every study knows")
        if not 0 <= self.to_day - self.from_day <= _LONGEST:
            raise ValueError(f"`to_day` must be 0 to {_LONGEST} days after `from_day`")
        return self


def derive_low_count_days(
    patients: Patients, parameters: LowCountDaysParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive on how many days of a window the count of every patient was below a cut.

    Parameters
    ----------
    patients
        The five tables; `subjects`, `labs` and `events` are read.
    parameters
        Analyte, cut, window [d] and counting.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `value` in `unit` day; null where nothing was counted, and where bounds
        leave more than one number possible. `lowest` and `highest` are what bounds and days without
        a count leave open, filled days among them.

    Examples
    --------
    >>> labs = pl.DataFrame({"subject": "1", "day": [0.0, 1.0, 2.0, 4.0, 5.0],
    ...                      "analyte": "neutrophils", "value": [2.0, 0.4, 0.2, 0.4, 0.6],
    ...                      "unit": "10^9/L"})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), labs=labs)
    >>> asked = LowCountDaysParameters(to_day=5)
    >>> derive_low_count_days(patients, asked)["reason"].item()
    'neutrophils < 0.5 x 10^9/L on 4 days from day 0 to day 5; 1 days without a count'
    """
    p, numbered = parameters, as_numbered(patients)
    ends = (
        derive_follow_up(numbered)
        .unique("subject", keep="first", maintain_order=True)["last_day"]
        .fill_null(p.to_day)
        .to_numpy()
    )
    grid = derive_daily_grid(numbered, p.analyte, (p.from_day, p.to_day), ends, p.fill_days)
    missing = ~grid.counted & grid.open

    def days(counts: NDArray[np.float64], also: NDArray[np.bool_] | None = None) -> pl.Series:
        # a count that was converted may lie a hair beside its cut
        low = counts < p.cut * (1 - 1e-12)
        found = count_low_days(low if also is None else low | also, grid.last, stable_days=1)
        return pl.Series(found.all if p.counted == "cumulative" else found.longest)

    frame = pl.DataFrame(
        {
            "subject": patients.subjects["subject"],
            "days": days(grid.most),
            "most_days": days(grid.least),
            "least": days(np.where(grid.counted, grid.most, np.nan)),
            "most": days(np.where(missing, np.nan, grid.least), missing),
            "looked": grid.counted.sum(axis=1),
            "empty": missing.sum(axis=1),
        }
    )
    seen, told = pl.col("looked") > 0, pl.col("days") == pl.col("most_days")
    return frame.select(
        "subject",
        pl.when(seen & told).then("days").cast(pl.Float64).alias("value"),
        pl.lit("day").alias("unit"),
        pl.when(seen).then("least").cast(pl.Float64).alias("lowest"),
        pl.when(seen).then("most").cast(pl.Float64).alias("highest"),
        (_write(p) if reasons else pl.lit(None, pl.String)).alias("reason"),
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _write(p: LowCountDaysParameters) -> pl.Expr:
    """How many days, or what leaves their number open."""
    name, unit = label_analyte(p.analyte), ANALYTES[p.analyte].unit.replace("10^", "x 10^")
    what = f"{name} < {write_number(p.cut)} {unit}"
    row = " in a row" if p.counted == "longest" else ""
    window = window_words(p.from_day, p.to_day)
    empty = pl.format("; {} days without a count", "empty")
    found = pl.format(f"{what} on {{}} days{row} {window}", "days")
    opened = pl.format(
        f"bounds leave open whether {what} was on {{}} or {{}} days{row} {window}",
        "days",
        "most_days",
    )
    said = pl.when(pl.col("days") == pl.col("most_days")).then(found).otherwise(opened)
    tail = pl.when(pl.col("empty") > 0).then(empty).otherwise(pl.lit(""))
    none = pl.lit(f"no {name} {window}")
    return pl.when(pl.col("looked") > 0).then(pl.concat_str(said, tail)).otherwise(none)


def _needs(parameters: LowCountDaysParameters) -> tuple[Need, ...]:
    return (Need("labs", (parameters.analyte,)),)


LOW_COUNT_DAYS = Endpoint(
    name="low_count_days",
    title="Days with a low count",
    kind="value",
    parameters=LowCountDaysParameters,
    derive=derive_low_count_days,
    needs=_needs,
    criteria=CRITERIA,
)
