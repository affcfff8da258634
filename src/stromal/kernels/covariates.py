"""Covariates over time: measured at visits, each driving a parameter of a patient in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stromal.errors import InvalidInput, Issue, IssueList
from stromal.kernels.arguments import read_names
from stromal.kernels.events import CHANGES, holds_names, holds_numbers, no_numbers, read_events
from stromal.kernels.inputs import ParameterChanges
from stromal.kernels.kernel import Kernel, closest
from stromal.kernels.linear import slope_of, visit_of
from stromal.kernels.timeline import ParameterChange

Floats = NDArray[np.float64]
TABLE = "covariates"
_VALUES = ("day", "value")


@dataclass(frozen=True, slots=True, eq=False)
class Covariates:
    """Values of parameters at visits, and how they go on from one visit to the next.

    Parameters
    ----------
    table
        Columns `patient` (a number from 0; without the column, or where it is null, every patient),
        `day` (or `time`), `covariate` (the name of the parameter it drives) and `value`; the visits
        of a patient in order.
    linear
        Covariates that are interpolated linearly between visits, of those that the kernel was
        compiled with as `covariates`. All others are carried forward: the last value holds until
        the next visit. Before the first visit and after the last, the value of that visit holds.

    Examples
    --------
    >>> weights = pl.DataFrame(
    ...     {"patient": [0, 0], "day": [0.0, 28.0], "covariate": "weight", "value": [70.0, 63.0]}
    ... )
    >>> Covariates(weights, linear=["weight"]).linear
    ['weight']
    """

    table: pl.DataFrame
    linear: Sequence[str] = field(default=(), kw_only=True)


GivenCovariates: TypeAlias = Covariates | pl.DataFrame | None


def read_covariates(
    kernel: Kernel, given: GivenCovariates, patients: int, *, start: float, end: float
) -> list[ParameterChange]:
    """Changes of parameters that follow covariates.

    Parameters
    ----------
    kernel
        Whose parameters.
    given
        A table, whose covariates are all carried forward, or `Covariates`.
    patients
        How many there are.
    start, end
        Of the run. Visits outside it count for what they say of the time within.

    Returns
    -------
    list of ParameterChange
        The value at the start, as changes before it, so that initial states come from it too; then
        the visits.

    Raises
    ------
    InvalidInput
        Every issue: columns that lack, missing values, patients and parameters that are not there,
        days out of order or twice.
    """
    if given is None:
        return []
    found = IssueList()
    whole = given if isinstance(given, Covariates) else Covariates(given)
    linear = found.of(read_names, whole.linear, "linear")
    visits = found.of(_read_table, whole.table)
    found.stop()
    found.issues += [
        *_find_wrong_values(visits, patients),
        *_find_wrong_days(visits),
        *_find_wrong_names(kernel, visits, linear),
    ]
    found.stop()
    groups = visits.sort("patient", maintain_order=True, nulls_last=False)
    return [
        change
        for (name,), rows in groups.partition_by(
            "covariate", as_dict=True, maintain_order=True
        ).items()
        for change in _follow(str(name), rows, start, end, linear=name in linear)
    ]


def add_covariates(
    changes: ParameterChanges, visits: Sequence[ParameterChange], patients: int
) -> ParameterChanges:
    """Changes of parameters as given, and those that follow covariates.

    Raises
    ------
    InvalidInput
        A covariate's parameter is changed in both ways; changes that cannot be read.
    """
    if not visits:
        return changes
    given = read_events(CHANGES, changes, patients)
    both = {change.parameter for change in given} & {change.parameter for change in visits}
    issues = [
        Issue(
            f"`{name}` follows a covariate, and is changed beside it",
            table=CHANGES.name,
            hint="write the change as a visit of the covariate",
        )
        for name in sorted(both)
    ]
    if issues:
        raise InvalidInput(issues)
    return [*given, *visits]


def _read_table(table: object) -> pl.DataFrame:
    """Columns `row` (as a spreadsheet counts), `patient`, `day`, `covariate` and `value`."""
    if not isinstance(table, pl.DataFrame):
        message = f"{type(table).__name__} stands where a table is meant"
        hint = "give a Polars table, or Covariates(table, linear=[...])"
        raise InvalidInput([Issue(message, table=TABLE, hint=hint)])
    day = "time" if "time" in table.columns and "day" not in table.columns else "day"
    known = ("patient", day, "covariate", "value")
    lacking = [name for name in known[1:] if name not in table.columns]
    issues = []
    if lacking:
        hint = f"it has {', '.join(table.columns) or 'no columns'}"
        issues.append(Issue(f"no column {', '.join(lacking)}", table=TABLE, hint=hint))
    issues += [
        Issue(
            f"column `{name}` is not known", table=TABLE, hint=closest(name, known, "leave it out")
        )
        for name in table.columns
        if name not in known
    ]
    issues += [
        no_numbers(name, TABLE)
        for name in ("patient", day, "value")
        if not holds_numbers(table, name)
    ]
    if "covariate" in table.columns and not holds_names(table, "covariate"):
        hint = "give names of parameters"
        issues.append(Issue("column `covariate` holds no names", table=TABLE, hint=hint))
    if issues:
        raise InvalidInput(issues)
    patient = pl.col("patient") if "patient" in table.columns else pl.lit(None)
    return table.select(
        pl.int_range(2, pl.len() + 2).alias("row"),
        patient.cast(pl.Float64).alias("patient"),
        pl.col(day).cast(pl.Float64).alias("day"),
        pl.col("covariate").cast(pl.String),
        pl.col("value").cast(pl.Float64),
    )


def _find_wrong_values(visits: pl.DataFrame, patients: int) -> Iterator[Issue]:
    """Values that are missing or not finite, and patients who are not there."""
    for column in _VALUES:
        for row in visits.filter(pl.col(column).is_null() | ~pl.col(column).is_finite())["row"]:
            message, hint = f"{column} is not a finite number", "leave out a visit that was missed"
            yield Issue(message, table=TABLE, row=row, column=column, hint=hint)
    for row in visits.filter(pl.col("covariate").is_null())["row"]:
        message, hint = "covariate is missing", "name the parameter that it drives"
        yield Issue(message, table=TABLE, row=row, column="covariate", hint=hint)
    who = pl.col("patient")
    lost = visits.filter(~who.is_between(0, patients - 1) | (who != who.floor()))
    hint = f"patients are numbered from 0 to {patients - 1}" if patients else "there are none"
    for row, number in lost.select("row", "patient").iter_rows():
        message = f"there is no patient {number:g}"
        yield Issue(message, table=TABLE, row=row, column="patient", hint=hint)


def _find_wrong_days(visits: pl.DataFrame) -> Iterator[Issue]:
    """Visits of a patient before the one that stands above, or on its day."""
    before = pl.col("day").shift().over("patient", "covariate")
    late = visits.with_columns(before=before).filter(pl.col("day") <= pl.col("before"))
    for row, day, last in late.select("row", "day", "before").iter_rows():
        if day == last:
            message, hint = f"day {day:g} stands there twice", "give one value for each day"
        else:
            message = f"day {day:g} stands below day {last:g}"
            hint = "sort the visits of each patient by day"
        yield Issue(message, table=TABLE, row=row, column="day", hint=hint)


def _find_wrong_names(
    kernel: Kernel, visits: pl.DataFrame, linear: Sequence[str]
) -> Iterator[Issue]:
    """Covariates that drive no parameter, or one that cannot change so."""
    named = visits["covariate"].drop_nulls().unique(maintain_order=True).to_list()
    for name in named:
        message, hint = _explain_name(kernel, name, linear=name in linear)
        if message:
            yield Issue(message, table=TABLE, column="covariate", hint=hint)
    own = visits.filter(pl.col("covariate").is_not_null())
    who = own.group_by("covariate", maintain_order=True).agg(pl.col("patient").is_null().unique())
    for name, kinds in who.iter_rows():
        if len(kinds) > 1:
            hint = "give every patient rows of their own, or all of them the same"
            message = f"`{name}` is given for everyone and for single patients"
            yield Issue(message, table=TABLE, column="patient", hint=hint)
    sizes = own.filter(pl.col("covariate").is_in(sorted(kernel.volumes)), pl.col("value") <= 0)
    for row, name in sizes.select("row", "covariate").iter_rows():
        message, hint = f"volume `{name}` is not positive", "a compartment's size is positive"
        yield Issue(message, table=TABLE, row=row, column="value", hint=hint)
    for name in dict.fromkeys(linear):
        if name not in named:
            hint = closest(name, named, "name covariates of the table")
            yield Issue(f"`{name}` is linear, and has no visits", table=TABLE, hint=hint)


def _explain_name(kernel: Kernel, name: str, *, linear: bool) -> tuple[str, str]:
    """What is wrong with a covariate's name, and a hint; nothing where all is well."""
    if name in kernel.sensitivities:
        hint = "compile a kernel without its sensitivities"
        return f"`{name}` cannot change: sensitivities are computed to it", hint
    if name not in kernel.parameters:
        if name in kernel.defaults:
            hint = f'compile the kernel with vary=["{name}", ...]'
            return f"`{name}` does not vary in this kernel", hint
        listed = ", ".join(kernel.parameters) or "none"
        hint = closest(name, kernel.parameters, f"parameters that vary: {listed}")
        return f"{kernel.name} has no parameter `{name}`", hint
    if linear and name not in kernel.covariates:
        hint = f'compile the kernel with covariates=["{name}", ...]'
        return f"`{name}` cannot change linearly in this kernel", hint
    return "", ""


def _follow(
    name: str, rows: pl.DataFrame, start: float, end: float, *, linear: bool
) -> Iterator[ParameterChange]:
    """Changes of one parameter: of each patient by itself, or of everyone."""
    if rows["patient"].null_count():
        day, value = rows["day"].to_numpy(), rows["value"].to_numpy()
        slope = _slopes(np.zeros(day.size), day, value, linear=linear)
        for entry in _segments(np.zeros(day.size, np.int64), day, value, slope, start, end):
            for parameter, number in _settings(name, entry, linear=linear):
                for time, one in zip(entry.time.tolist(), number.tolist(), strict=True):
                    yield ParameterChange(time, parameter, one)
        return
    who = rows["patient"].cast(pl.Int64).to_numpy()
    day, value = rows["day"].to_numpy(), rows["value"].to_numpy()
    slope = _slopes(who, day, value, linear=linear)
    for entry in _segments(who, day, value, slope, start, end):
        for parameter, number in _settings(name, entry, linear=linear):
            yield ParameterChange(entry.time, parameter, number, patients=entry.patient)


@dataclass(frozen=True, slots=True, eq=False)
class _Entries:
    """From when on a covariate has which value and slope, as of which visit; (n,) each."""

    patient: NDArray[np.int64]
    time: Floats
    visit: Floats
    value: Floats
    slope: Floats


def _settings(name: str, entries: _Entries, *, linear: bool) -> Iterator[tuple[str, Floats]]:
    """Parameters that say so, and their values."""
    yield name, entries.value
    if linear:
        yield slope_of(name), entries.slope
        yield visit_of(name), entries.visit


def _slopes(who: NDArray[np.float64], day: Floats, value: Floats, *, linear: bool) -> Floats:
    """Change per time from each visit to the patient's next; 0 after the last."""
    slope = np.zeros(day.size)
    if linear:
        same = np.flatnonzero(who[1:] == who[:-1])
        slope[same] = (value[same + 1] - value[same]) / (day[same + 1] - day[same])
    return slope


def _segments(
    who: NDArray[np.int64], day: Floats, value: Floats, slope: Floats, start: float, end: float
) -> Iterator[_Entries]:
    """What holds at the start, set just before it, and what each visit after it sets."""
    first = np.flatnonzero(np.append(True, who[1:] != who[:-1]))
    past = np.add.reduceat((day <= start).astype(np.int64), first)
    at = first + np.maximum(past - 1, 0)
    since = np.where(past > 0, start - day[at], 0.0)
    yield _Entries(
        who[at],
        np.full(at.size, np.nextafter(start, -np.inf)),
        np.full(at.size, start),
        value[at] + slope[at] * since,
        np.where(past > 0, slope[at], 0.0),
    )
    later = (day > start) & (day <= end)
    yield _Entries(who[later], day[later], day[later], value[later], slope[later])
