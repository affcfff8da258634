"""Risk sets of a regression on hazards: who is at risk when, and sums over them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from stromal.estimates.intervals import FloatArray
from stromal.estimates.times import IntArray, Times


@dataclass(frozen=True, slots=True)
class Cells:
    """Patients who are alike in everything, counted.

    A cell is patients with the same last day, entry, status, stratum and covariates; counting them
    together is exact, makes days with many ties cheap, and makes sums the same for any order of the
    rows. Shapes: `values` (cells, terms), others (cells,). `slot` is the place of the last day
    among all days of all strata, one stratum after another; `entry` that of the entry, -1 for
    patients at risk from the beginning. `row` is one of the patients of the cell. `pattern` is the
    number of its covariates, the same for all cells that share them; None where it is not known.
    """

    values: FloatArray
    count: FloatArray
    slot: IntArray
    entry: IntArray
    status: IntArray
    row: IntArray
    strata: int
    days: int
    pattern: IntArray | None = None

    @property
    def slots(self) -> int:
        """Days of all strata."""
        return self.strata * self.days


LARGEST_TABLE = 4
"""Places of a table of cells for each patient, up to which it is quicker than a hash."""


class RiskSets(Protocol):
    """Sums over those at risk, and their transposes.

    `gather` sums values of cells (cells, columns) over who is at risk in each slot (slots,
    columns); `spread` sums values of slots (slots, columns) over the slots at which each cell is at
    risk (cells, columns).
    """

    @property
    def cells(self) -> Cells:
        """The patients."""

    def gather(self, values: FloatArray) -> FloatArray:
        """Sum values of cells over those at risk in each slot."""

    def spread(self, values: FloatArray) -> FloatArray:
        """Sum values of slots over those at which each cell is at risk."""


def count_cells(
    times: Times,
    values: FloatArray,
    stratum: IntArray | None = None,
    *,
    apart: npt.NDArray[np.int64] | None = None,
) -> Cells:
    """Count patients who are alike.

    Parameters
    ----------
    times
        Last days, entries and statuses of patients.
    values
        Their covariates, shape (patients, terms).
    stratum
        Number of their stratum, shape (patients,); None is one stratum.
    apart
        Numbers, shape (patients,), that keep patients apart although they are alike.

    Examples
    --------
    >>> from stromal.estimates.times import read_times
    >>> times = read_times(pl.DataFrame({"day": [5.0, 5.0, 8.0], "status": [1, 1, 0]}))
    >>> count_cells(times, np.zeros((3, 1))).count.tolist()
    [2.0, 1.0]
    """
    strata = np.zeros(times.n, np.int64) if stratum is None else stratum
    counted = None if apart is not None else _count_in_table(times, values, strata)
    return _count_by_hash(times, values, strata, apart) if counted is None else counted


def _count_in_table(times: Times, values: FloatArray, stratum: IntArray) -> Cells | None:
    """Count patients whose covariates are whole numbers of a narrow range; None for others.

    One table has a place for each cell that could be, which is several times faster than a hash.
    """
    if not times.n or (times.entry >= 0).any():
        return None
    columns: list[npt.NDArray[np.float64] | IntArray] = [times.status, *values.T]
    lowest = [int(column.min()) for column in columns]
    spans = [int(column.max()) - low + 1 for column, low in zip(columns, lowest, strict=True)]
    shape = (int(stratum.max()) + 1, times.days.size, *spans)
    if math.prod(shape) > LARGEST_TABLE * times.n:
        return None
    key = stratum * times.days.size + times.position
    for column, low, span in zip(columns, lowest, spans, strict=True):
        whole = column.astype(np.int64)
        if not (whole == column).all():
            return None
        key *= span
        key += whole
        key -= low
    counts = np.bincount(key)
    found = np.flatnonzero(counts)
    row = np.zeros(counts.size, np.int64)
    row[key] = np.arange(times.n)
    layer, slot, *rest = np.unravel_index(found, shape)
    status, *terms = (one + low for one, low in zip(rest, lowest, strict=True))
    return Cells(
        np.stack([term.astype(np.float64) for term in terms]).T
        if terms
        else np.zeros((found.size, 0)),
        counts[found].astype(np.float64),
        layer * times.days.size + slot,
        np.full(found.size, -1, np.int64),
        status,
        row[found],
        shape[0],
        times.days.size,
        _renumber(found % math.prod(spans[1:])),
    )


def _renumber(numbers: IntArray) -> IntArray:
    """Return places (n,) among the numbers that occur, in their order."""
    occurs = np.bincount(numbers) > 0
    places: IntArray = (np.cumsum(occurs) - 1)[numbers]
    return places


def _count_by_hash(
    times: Times, values: FloatArray, strata: IntArray, apart: IntArray | None
) -> Cells:
    """Count patients whatever their covariates are."""
    terms = [f"x{index}" for index in range(values.shape[1])]
    frame = pl.DataFrame(
        {
            "stratum": strata,
            "slot": times.position,
            "entry": times.entry,
            "status": times.status,
            **{name: values[:, index] + 0.0 for index, name in enumerate(terms)},
            "apart": np.zeros(times.n, np.int64) if apart is None else apart,
        }
    )
    keys = frame.columns
    numbered = frame.with_row_index("row")
    counted = numbered.group_by(keys).agg(pl.len().alias("count"), pl.col("row").min()).sort(keys)
    n_strata, days = int(strata.max(initial=0)) + 1, times.days.size
    start = counted["stratum"].to_numpy().astype(np.int64) * days
    entry = counted["entry"].to_numpy().astype(np.int64)
    return Cells(
        counted.select(terms).to_numpy().reshape(counted.height, len(terms)).astype(np.float64),
        counted["count"].to_numpy().astype(np.float64),
        start + counted["slot"].to_numpy(),
        np.where(entry >= 0, start + entry, -1),
        counted["status"].to_numpy().astype(np.int64),
        counted["row"].to_numpy().astype(np.int64),
        n_strata,
        days,
    )


def standardise_cells(cells: Cells) -> tuple[Cells, FloatArray]:
    """Return cells with covariates centred and in standard deviations, and these deviations.

    Newton's method then judges its steps alike for an age in years and a count in millions.

    Examples
    --------
    >>> from stromal.estimates.times import read_times
    >>> times = read_times(pl.DataFrame({"day": [5.0, 5.0, 8.0, 9.0], "status": [1, 1, 0, 0]}))
    >>> cells, spread = standardise_cells(count_cells(times, np.array([[3.0], [3], [5], [5]])))
    >>> cells.values[:, 0].tolist(), spread.tolist()
    ([-1.0, 1.0, 1.0], [1.0])
    """
    everybody = cells.count.sum()
    centre = cells.count @ cells.values / everybody
    spread = np.sqrt(cells.count @ (cells.values - centre) ** 2 / everybody)
    spread = np.where(spread > 0, spread, 1.0)
    # Column after column, as sums over risk sets read them.
    values = np.asfortranarray((cells.values - centre) / spread)
    return replace(cells, values=values), spread


@dataclass(frozen=True, slots=True)
class AtRisk:
    """Patients are at risk from their entry to their last day, that day with it."""

    cells: Cells

    def gather(self, values: FloatArray) -> FloatArray:
        """Sum values of cells over those at risk in each slot."""
        cells = self.cells
        late = cells.entry >= 0
        change = add_up(values, cells.slot, cells.slots)
        if late.any():
            # Whoever has not entered by a day leaves after it, and is taken out again.
            change -= add_up(values[late], cells.entry[late], cells.slots)
        return from_here_on(change, cells)

    def spread(self, values: FloatArray) -> FloatArray:
        """Sum values of slots over those at which each cell is at risk."""
        cells = self.cells
        passed = up_to_here(values, cells)
        late = cells.entry >= 0
        found = passed[cells.slot]
        found[late] -= passed[cells.entry[late]]
        return found


def add_up(values: FloatArray, place: IntArray, places: int) -> FloatArray:
    """Sum rows of values (rows, columns) by place, shape (places, columns)."""
    summed = np.empty((places, values.shape[1]), order="F")
    for index, column in enumerate(values.T):
        summed[:, index] = np.bincount(place, weights=column, minlength=places)
    return summed


def from_here_on(values: FloatArray, cells: Cells) -> FloatArray:
    """Sum values of slots from each day of a stratum to its last (slots, columns)."""
    blocks = values.reshape(cells.strata, cells.days, -1)
    summed: FloatArray = blocks[:, ::-1].cumsum(axis=1)[:, ::-1]
    return summed.reshape(cells.slots, -1)


def up_to_here(values: FloatArray, cells: Cells) -> FloatArray:
    """Sum values of slots from the first day of a stratum to each (slots, columns)."""
    summed: FloatArray = values.reshape(cells.strata, cells.days, -1).cumsum(axis=1)
    return summed.reshape(cells.slots, -1)
