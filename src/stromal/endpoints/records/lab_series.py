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


@dataclass(frozen=True, slots=True, eq=False)
class LabSeries:
    """N values of one analyte, sorted by patient and whole day; a day is needed.

    Parameters
    ----------
    labs
        The `labs` table that they are of.
    at
        (N,) their places in it.
    number, day
        (N,) number of the patient, day [d].
    values
        Value, number as reported, lower limit, bound and spelling of the unit.
    spellings
        Unit and reported unit of each spelling.
    """

    labs: pl.DataFrame
    at: NDArray[np.uint32]
    number: NDArray[np.uint32]
    day: Numbers
    values: Values
    spellings: tuple[tuple[str | None, str | None], ...]

    def rows(self, chosen: NDArray[np.intp]) -> pl.DataFrame:
        """Return the rows of `labs` of some of the values."""
        return self.labs[pl.Series(self.at[chosen], dtype=pl.UInt32)]


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
    labs = patients.labs
    wanted = labs["analyte"] == analyte
    if labs["day"].null_count():
        wanted &= labs["day"].is_not_null()
    wanted = wanted.fill_null(value=False).rechunk()
    at = wanted.arg_true().to_numpy()
    # one column after the other: most of them are empty, and text is long
    number, day = (labs[name].filter(wanted).to_numpy() for name in ("subject", "day"))
    order = find_order(number, day, int(patients.subjects["subject"].n_unique()))
    if order is not None:
        at, number, day = at[order], number[order], day[order]

    def column(name: str) -> pl.Series:
        whole = labs[name]
        if whole.null_count() == whole.len():
            return pl.Series(name, [None], dtype=whole.dtype)
        own = whole.filter(wanted)
        return own if order is None else own[pl.Series(order, dtype=pl.UInt32)]

    value = _numbers(column("value"))
    codes, spellings = _spell(column("unit"), column("reported_unit"))
    values = Values(
        value if value.size == at.size else np.full(at.size, np.nan),
        _numbers(column("reported_value")),
        _numbers(column("lower_limit")),
        _bounds(column("bound")),
        codes,
    )
    return LabSeries(labs, at, number, day, values, spellings)


def _numbers(column: pl.Series) -> Numbers:
    """Numbers with NaN where there is none; one NaN for all where there are none at all."""
    if column.null_count() == column.len():
        return np.array([np.nan])
    filled = column.fill_null(np.nan) if column.null_count() else column
    return filled.to_numpy()


def _bounds(column: pl.Series) -> NDArray[np.int8]:
    if column.null_count() == column.len():
        return np.array([NO_BOUND], np.int8)
    codes = column.replace_strict(BOUND_CODES, default=UNREADABLE, return_dtype=pl.Int8)
    return codes.set(column.is_null(), NO_BOUND).to_numpy()


def _spell(
    unit: pl.Series, reported: pl.Series
) -> tuple[NDArray[np.int32], tuple[tuple[str | None, str | None], ...]]:
    """Number the pairs of unit and reported unit; a study spells a unit in a few ways."""
    if _is_constant(unit) and _is_constant(reported):
        one = (_first(unit), _first(reported))
        return np.zeros(1, np.int32), (one,)
    size = max(unit.len(), reported.len())
    units = pl.DataFrame(
        [each if each.len() == size else each.new_from_index(0, size) for each in (unit, reported)]
    )
    pairs = units.unique(maintain_order=True)
    codes = units.join(
        pairs.with_row_index("_code"),
        on=units.columns,
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )["_code"]
    return codes.cast(pl.Int32).to_numpy(), tuple((unit, told) for unit, told in pairs.rows())


def _first(column: pl.Series) -> str | None:
    first: str | None = column[0] if column.len() else None
    return first


def _is_constant(column: pl.Series) -> bool:
    missing = column.null_count()
    if missing or column.is_empty():
        return missing == column.len()
    return bool((column == column[0]).all())
