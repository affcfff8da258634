"""`icaht_late`: late haematotoxicity after CAR-T cells, by the lowest count."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field

from stromal.endpoints.criteria import Criteria, read_criteria
from stromal.endpoints.endpoint import Endpoint, Need, Parameters
from stromal.endpoints.records.daily_grid import DailyGrid, count_low_days, derive_daily_grid
from stromal.endpoints.records.lab_series import as_numbered
from stromal.endpoints.records.words import number_text, window_words
from stromal.endpoints.rules.cart.icaht import (
    LABELS,
    Grades,
    IcahtCriteria,
    IcahtRule,
    find_ends,
    find_undated,
    grade_days,
    read_icaht,
    write_outcomes,
    write_undated,
)
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients


class IcahtLateParameters(Parameters):
    """Version, and the last day.

    Parameters
    ----------
    criteria
        ICAHT by neutrophils, or T-ICAHT by platelets as printed or as its authors' program counts.
    to_day
        Last day [d] that is graded; none: as the version says.
    censor_events
        Events whose first day is the last one that counts; none: as the version says.
    """

    criteria: IcahtCriteria = "icaht_2023"
    to_day: int | None = Field(None, ge=31, le=3650)
    censor_events: tuple[str, ...] | None = None


def derive_icaht_late(
    patients: Patients, parameters: IcahtLateParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the late grade of haematotoxicity, from the lowest count after day 30.

    A lowest count that stands alone among higher ones is transient, and grade 0.

    Parameters
    ----------
    patients
        The five tables; `subjects`, `labs` and `events` are read.
    parameters
        Version, last day and censoring.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `value` and `label` the grade. Null where nothing was counted, and
        where bounds or empty values leave more than one grade possible: from `lowest` to `highest`.
        Where days are counted, these hold what days without a count leave open too.

    Examples
    --------
    >>> labs = pl.DataFrame({"subject": "1", "day": [40.0, 50.0], "analyte": "neutrophils",
    ...                      "value": [1.4, 0.9], "unit": "10^9/L"})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), labs=labs)
    >>> derive_icaht_late(patients, IcahtLateParameters())["reason"].item()
    'lowest neutrophils 0.9 x 10^9/L on day 50, next 1.4, grade 2'
    """
    p, rule = parameters, read_icaht(parameters.criteria)
    numbered = as_numbered(patients)
    phase = rule.late if p.to_day is None else rule.late.model_copy(update={"to_day": p.to_day})
    events = phase.censor_events if p.censor_events is None else p.censor_events
    ends = find_ends(numbered, phase, events).to_numpy()
    period = (phase.from_day, phase.to_day)
    grid = derive_daily_grid(
        numbered, rule.analyte, period, ends, rule.fill_days, rule.round_filled
    )
    missing = ~grid.counted & grid.open
    none, nothing = np.zeros_like(missing), np.full(grid.least.shape, np.nan)
    measured = [np.where(grid.counted, each, nothing) for each in (grid.least, grid.most)]
    grades = {
        "grade": _grade(rule, grid, measured[1], grid.most, none),
        "most_grade": _grade(rule, grid, measured[0], grid.least, none),
        "least": _grade(rule, grid, measured[1], measured[1], none),
        "most": _grade(rule, grid, measured[0], measured[0], missing),
    }
    ordered = np.argsort(np.where(grid.counted, grid.most, np.inf), axis=1, kind="stable")
    who = np.arange(ends.size)
    frame = pl.DataFrame(
        {
            "looked": grid.counted.sum(axis=1),
            "undated": find_undated(numbered, events),
            **grades,
            "nadir": grid.most[who, ordered[:, 0]],
            "nadir_day": grid.first + ordered[:, 0],
            "next": np.where(grid.counted, grid.most, np.inf)[who, ordered[:, 1]],
            "number": who.astype(np.uint32),
        }
    )
    decided = decide(frame, _cases(rule, period), reasons=reasons)
    of_nadir = pl.when(pl.col("label").is_not_null() & (pl.col("grade") > 0)).then("nadir_day")
    decided = decided.with_columns(of_nadir.cast(pl.Float64).alias("day"))
    return write_outcomes(decided, numbered, patients, read_criteria(p.criteria).title, day=True)


def _grade(
    rule: IcahtRule,
    grid: DailyGrid,
    counts: NDArray[np.float64],
    daily: NDArray[np.float64],
    also: NDArray[np.bool_],
) -> Grades:
    """Grade the lowest count, and days; days that are taken as low whatever was counted count too.

    A lowest count that stands alone above the cut of grade 1 is transient.
    """
    lowest = np.sort(np.where(np.isnan(counts), np.inf, counts), axis=1)
    nadir, following = lowest[:, 0], lowest[:, 1]
    grades = np.zeros(nadir.size, np.int64)
    for step in rule.late.nadir:
        grades = np.maximum(grades, np.where(rule.is_low(nadir, step.cut), step.grade, 0))
    if rule.late.days:
        days = {
            low.cut: count_low_days(
                rule.is_low(daily, low.cut) | also, grid.last, rule.stable_days
            ).all
            for low in rule.late.days
        }
        most = max(step.grade for step in rule.late.nadir)
        # days below a cut are of patients whose lowest count is below it
        grades = np.where(grades == most, np.maximum(grades, grade_days(days, rule.late)), grades)
    alone = np.isinf(following)
    return np.where(alone | rule.is_low(following, rule.late.nadir[0].cut), grades, 0)


def _cases(rule: IcahtRule, period: tuple[int, int]) -> list[Case]:
    said = pl.format(
        f"lowest {rule.name} {{}} {rule.unit} on day {{}}", number_text("nadir"), "nadir_day"
    )
    following = pl.when(pl.col("next").is_infinite()).then(pl.lit("the only count"))
    counts = pl.concat_str(
        said,
        pl.lit(", "),
        following.otherwise(pl.format("next {}", number_text("next"))),
    )
    opened = pl.format(
        f"{rule.name} that are bounds or missing leave grade {{}} to {{}} possible",
        "grade",
        "most_grade",
    )
    none = f"no {rule.name} {window_words(*period)} under observation"
    return [
        Case(pl.col("looked") == 0, None, none),
        Case(pl.col("undated").is_not_null(), None, write_undated()),
        Case(pl.col("grade") != pl.col("most_grade"), None, opened),
        Case(
            pl.lit(value=True),
            pl.col("grade").cast(pl.String),
            pl.format("{}, grade {}", counts, "grade"),
        ),
    ]


def _needs(parameters: IcahtLateParameters) -> tuple[Need, ...]:
    return (Need("labs", (read_icaht(parameters.criteria).analyte,)),)


def _criteria(parameters: IcahtLateParameters) -> Criteria:
    return read_criteria(parameters.criteria)


ICAHT_LATE = Endpoint(
    name="icaht_late",
    title="Late haematotoxicity after CAR-T cells (ICAHT)",
    kind="grade",
    parameters=IcahtLateParameters,
    derive=derive_icaht_late,
    needs=_needs,
    criteria=_criteria,
    labels=LABELS,
)
