"""Risk sets of a regression on hazards: who is at risk when, and sums over them."""

from __future__ import annotations

from dataclasses import dataclass
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
    patients at risk from the beginning. `row` is one of the patients of the cell.
    """

    values: FloatArray
    count: FloatArray
    slot: IntArray
    entry: IntArray
    status: IntArray
    row: IntArray
    strata: int
    days: int

    @property
    def slots(self) -> int:
        """Days of all strata."""
        return self.strata * self.days


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
    terms = [f"x{index}" for index in range(values.shape[1])]
    strata = np.zeros(times.n, np.int64) if stratum is None else stratum
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
    columns = [np.bincount(place, weights=column, minlength=places) for column in values.T]
    return np.column_stack(columns) if columns else np.zeros((places, 0))


def from_here_on(values: FloatArray, cells: Cells) -> FloatArray:
    """Sum values of slots from each day of a stratum to its last (slots, columns)."""
    blocks = values.reshape(cells.strata, cells.days, -1)
    summed: FloatArray = blocks[:, ::-1].cumsum(axis=1)[:, ::-1]
    return summed.reshape(cells.slots, -1)


def up_to_here(values: FloatArray, cells: Cells) -> FloatArray:
    """Sum values of slots from the first day of a stratum to each (slots, columns)."""
    summed: FloatArray = values.reshape(cells.strata, cells.days, -1).cumsum(axis=1)
    return summed.reshape(cells.slots, -1)
