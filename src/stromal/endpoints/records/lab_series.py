"""The values of one analyte as arrays, sorted by patient and day: what loops run over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stromal.endpoints.records.numbered import NUMBER, number_subjects
from stromal.endpoints.records.shared import share
from stromal.kernels.series.grades import AT_MOST, BELOW, NO_BOUND, UNREADABLE, UP, Values
from stromal.kernels.series.order import find_order
from stromal.tables.patients import Patients

Numbers = NDArray[np.float64]
BOUND_CODES = {
    "below": BELOW,
    "at most": AT_MOST,
    "above": UP,
    "at least": UP,
}
_COLUMNS = (
    "subject",
    "day",
    "analyte",
    "value",
    "bound",
    "unit",
    "lower_limit",
    "reported_value",
    "reported_unit",
)


@dataclass(frozen=True, slots=True, eq=False)
class LabSeries:
    """N values of one analyte, sorted by patient and whole day; a day is needed.

    Parameters
    ----------
    rows
        The rows of `labs` in this order; `subject` is the number of the patient.
    number, day
        (N,) number of the patient, day [d].
    values
        Value, number as reported, lower limit, bound and spelling of the unit.
    spellings
        Unit and reported unit of each spelling.
    """

    rows: pl.DataFrame
    number: NDArray[np.uint32]
    day: Numbers
    values: Values
    spellings: tuple[tuple[str | None, str | None], ...]


def as_numbered(patients: Patients) -> Patients:
    """Return patients by number; those who are come back as they are.

    Examples
    --------
    >>> named = Patients.of(subjects=pl.DataFrame({"subject": ["a"]}))
    >>> numbered = as_numbered(named)
    >>> numbered.subjects["subject"].to_list(), as_numbered(numbered) is numbered
    ([0], True)
    """
    if patients.subjects.schema["subject"] == NUMBER:
        return patients
    return share(patients.subjects, "numbered", lambda: number_subjects(patients))


def read_lab_series(patients: Patients, analyte: str) -> LabSeries:
    """Read the values of one analyte of patients by number.

    Parameters
    ----------
    patients
        As from `as_numbered`.
    analyte
        Name of the analyte.

    Examples
    --------
    >>> labs = pl.DataFrame({"subject": "1", "day": [9.0, 2.0], "analyte": "platelets",
    ...                      "value": [30.0, 12.0], "unit": "10^9/L"})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), labs=labs)
    >>> series = read_lab_series(as_numbered(patients), "platelets")
    >>> series.day.tolist(), series.values.value.tolist(), series.spellings
    ([2.0, 9.0], [12.0, 30.0], (('10^9/L', None),))
    """
    return share(patients.labs, ("series", analyte), lambda: _read(patients, analyte))


def _read(patients: Patients, analyte: str) -> LabSeries:
    wanted = pl.col("analyte") == analyte
    if patients.labs["day"].null_count():
        wanted &= pl.col("day").is_not_null()
    rows = patients.labs.lazy().select(_COLUMNS).filter(wanted).collect().rechunk()
    number, day = rows["subject"].to_numpy(), rows["day"].to_numpy()
    count = int(patients.subjects["subject"].n_unique())
    order = find_order(number, day, count)
    if order is not None:
        rows = rows[pl.Series(order, dtype=pl.UInt32)]
        number, day = number[order], day[order]
    codes, spellings = _spell(rows)
    values = Values(
        _numbers(rows["value"], every=True),
        _numbers(rows["reported_value"]),
        _numbers(rows["lower_limit"]),
        _bounds(rows["bound"]),
        codes,
    )
    return LabSeries(rows, number, day, values, spellings)


def _numbers(column: pl.Series, *, every: bool = False) -> Numbers:
    """Numbers with NaN where there is none; one NaN for all where there are none at all."""
    if column.null_count() == column.len() and not every:
        return np.array([np.nan])
    filled = column.fill_null(np.nan) if column.null_count() else column
    return filled.to_numpy()


def _bounds(column: pl.Series) -> NDArray[np.int8]:
    if column.null_count() == column.len():
        return np.array([NO_BOUND], np.int8)
    codes = column.replace_strict(BOUND_CODES, default=UNREADABLE, return_dtype=pl.Int8)
    return codes.set(column.is_null(), NO_BOUND).to_numpy()


def _spell(
    rows: pl.DataFrame,
) -> tuple[NDArray[np.int32], tuple[tuple[str | None, str | None], ...]]:
    """Number the pairs of unit and reported unit; a study spells a unit in a few ways."""
    units = rows.select("unit", "reported_unit")
    if all(_is_constant(column) for column in units):
        one = units.row(0) if units.height else (None, None)
        return np.zeros(1, np.int32), (one,)
    pairs = units.unique(maintain_order=True)
    codes = units.join(
        pairs.with_row_index("_code"),
        on=["unit", "reported_unit"],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )["_code"]
    return codes.cast(pl.Int32).to_numpy(), tuple((unit, told) for unit, told in pairs.rows())


def _is_constant(column: pl.Series) -> bool:
    missing = column.null_count()
    if missing or column.is_empty():
        return missing == column.len()
    return bool((column == column[0]).all())
