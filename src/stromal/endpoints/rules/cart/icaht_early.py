"""`icaht_early`: early haematotoxicity after CAR-T cells, by days of low counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stromal.endpoints.criteria import Criteria, read_criteria
from stromal.endpoints.endpoint import Endpoint, Need, Parameters
from stromal.endpoints.records.daily_grid import (
    DailyGrid,
    LowDays,
    count_low_days,
    derive_daily_grid,
)
from stromal.endpoints.records.lab_series import as_numbered
from stromal.endpoints.records.words import window_words, write_number
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


class IcahtEarlyParameters(Parameters):
    """Version, how days are counted, and what ends them.

    Parameters
    ----------
    criteria
        ICAHT by neutrophils, or T-ICAHT by platelets as printed or as its authors' program counts.
    counted
        Whether the longest episode is graded or all days together; none: as the version says.
    censor_events
        Events whose first day is the last one that counts; none: as the version says.
    """

    criteria: IcahtCriteria = "icaht_2023"
    counted: Literal["longest", "cumulative"] | None = None
    censor_events: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Graded:
    """Grades of all patients, and the days below each cut that they come from."""

    grades: Grades
    days: dict[float, NDArray[np.int64]]


def derive_icaht_early(
    patients: Patients, parameters: IcahtEarlyParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the early grade of haematotoxicity, from how long counts were low.

    Short gaps between counts are filled; what all days without a count leave open is told.

    Parameters
    ----------
    patients
        The five tables; `subjects`, `labs` and `events` are read.
    parameters
        Version, counting and censoring.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `value` and `label` the grade. Null where nothing was counted, and
        where bounds or empty values leave more than one grade possible. `lowest` and `highest` are
        the grades that bounds and days without a count leave open, filled days among them.

    Examples
    --------
    >>> days = [float(day) for day in range(31)]
    >>> counts = [0.4 if 4 <= day < 11 else 2.0 for day in days]
    >>> labs = pl.DataFrame({"subject": "1", "day": days, "analyte": "neutrophils",
    ...                      "value": counts, "unit": "10^9/L"})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), labs=labs)
    >>> derive_icaht_early(patients, IcahtEarlyParameters())["reason"].item()
    'neutrophils ≤ 0.5 x 10^9/L for 7 days in a row and ≤ 0.1 for 0, grade 2'
    """
    p, rule = parameters, read_icaht(parameters.criteria)
    numbered, phase = as_numbered(patients), rule.early
    events = phase.censor_events if p.censor_events is None else p.censor_events
    ends = find_ends(numbered, phase, events).to_numpy()
    period = (phase.from_day, phase.to_day)
    grid = derive_daily_grid(
        numbered, rule.analyte, period, ends, rule.fill_days, rule.round_filled
    )
    counted = p.counted or rule.counted
    missing = ~grid.counted & grid.open
    # the published rule: what is filled counts, and what is not adds nothing
    seen = _find_last_seen(grid)
    certain = _grade(grid, grid.most, np.zeros_like(missing), rule, counted, seen)
    likely = _grade(grid, grid.least, np.zeros_like(missing), rule, counted, seen)
    only_counted = np.where(grid.counted, grid.most, np.nan)
    lowest = _grade(grid, only_counted, np.zeros_like(missing), rule, counted)
    highest = _grade(grid, np.where(missing, np.nan, grid.least), missing, rule, counted)
    frame = pl.DataFrame(
        {
            "looked": grid.counted.sum(axis=1),
            "undated": find_undated(numbered, events),
            "empty": missing.sum(axis=1),
            "unfilled": (missing & np.isnan(grid.least)).sum(axis=1),
            "grade": certain.grades,
            "most_grade": likely.grades,
            "least": lowest.grades,
            "most": highest.grades,
            **{f"days_{cut}": days for cut, days in certain.days.items()},
            "number": np.arange(ends.size, dtype=np.uint32),
        }
    )
    decided = decide(frame, _cases(rule, counted, period), reasons=reasons)
    return write_outcomes(decided, numbered, patients, read_criteria(p.criteria).title)


def _find_last_seen(grid: DailyGrid) -> NDArray[np.int64]:
    """Find the place of the last day with a count, where follow-up ended before the period did.

    Who died without recovery may have no count for longer than a gap that is filled; of who was
    followed through the period without counts, nobody knows that they stayed low.
    """
    size = grid.counted.shape[1]
    known = ~np.isnan(grid.least)
    latest = size - 1 - np.argmax(known[:, ::-1], axis=1)
    early = (grid.last < size - 1) & known.any(axis=1)
    return np.where(early, latest, grid.last)


def _grade(
    grid: DailyGrid,
    counts: NDArray[np.float64],
    also: NDArray[np.bool_],
    rule: IcahtRule,
    counted: str,
    last: NDArray[np.int64] | None = None,
) -> _Graded:
    """Grade days with these counts, and days that are taken as low whatever was counted.

    An episode that reaches `last`, (P,), was never seen to recover; None: the last day observed.
    """
    phase, found = rule.early, {}
    cuts = {low.cut for low in phase.days} | ({phase.throughout.cut} if phase.throughout else set())
    for cut in sorted(cuts, reverse=True):
        low = rule.is_low(counts, cut) | also
        found[cut] = count_low_days(low, grid.last if last is None else last, rule.stable_days)

    def days(low: LowDays) -> NDArray[np.int64]:
        return low.longest if counted == "longest" else low.all

    told = {cut: days(low) for cut, low in found.items()}
    grades = grade_days(told, phase)
    if phase.throughout is not None:
        lasts = found[phase.throughout.cut].throughout_from <= phase.throughout.starts_by
        grades = np.maximum(grades, np.where(lasts, phase.throughout.grade, 0))
    return _Graded(grades, told)


def _cases(rule: IcahtRule, counted: str, period: tuple[int, int]) -> list[Case]:
    words = _write_days(rule, counted)
    graded = pl.format("{}, grade {}{}", words, "grade", _write_missing())
    opened = pl.format(
        f"{rule.name} that are bounds or missing leave grade {{}} to {{}} possible: {{}} at least",
        "grade",
        "most_grade",
        words,
    )
    none = f"no {rule.name} {window_words(*period)}"
    return [
        Case(pl.col("looked") == 0, None, none),
        Case(pl.col("undated").is_not_null(), None, write_undated()),
        Case(pl.col("grade") != pl.col("most_grade"), None, opened),
        Case(pl.lit(value=True), pl.col("grade").cast(pl.String), graded),
    ]


def _write_days(rule: IcahtRule, counted: str) -> pl.Expr:
    """Return the days below each cut, in words."""
    how = " in a row" if counted == "longest" else ""
    first, *others = sorted((low.cut for low in rule.early.days), reverse=True)
    days = pl.when(pl.col(f"days_{first}") == 1).then(pl.lit("day")).otherwise(pl.lit("days"))
    head = f"{rule.name} {rule.sign} {write_number(first)} {rule.unit} for {{}} {{}}{how}"
    parts = [pl.format(head, f"days_{first}", days)]
    parts += [
        pl.format(f" and {rule.sign} {write_number(cut)} for {{}}", f"days_{cut}") for cut in others
    ]
    return pl.concat_str(parts)


def _write_missing() -> pl.Expr:
    """Say how many days had no count, and what they leave open."""
    left = pl.when(pl.col("unfilled") > 0).then(
        pl.format(", {} of them in gaps too long to fill", "unfilled")
    )
    said = pl.format("; {} days without a count{}", "empty", left.otherwise(pl.lit("")))
    return pl.when(pl.col("empty") > 0).then(said).otherwise(pl.lit(""))


def _needs(parameters: IcahtEarlyParameters) -> tuple[Need, ...]:
    return (Need("labs", (read_icaht(parameters.criteria).analyte,)),)


def _criteria(parameters: IcahtEarlyParameters) -> Criteria:
    return read_criteria(parameters.criteria)


ICAHT_EARLY = Endpoint(
    name="icaht_early",
    title="Early haematotoxicity after CAR-T cells (ICAHT)",
    kind="grade",
    parameters=IcahtEarlyParameters,
    derive=derive_icaht_early,
    needs=_needs,
    criteria=_criteria,
    labels=LABELS,
)
