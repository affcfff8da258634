"""Columns of text to typed columns, all of a table at once: a sign in one belongs to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stromal.tables.bounds import join_bounds, split_signs
from stromal.tables.cells import Commas, Fault, read_cells
from stromal.tables.schema import BOUND, Column, Kind


@dataclass(frozen=True, slots=True)
class Columns:
    """Typed columns of one part of a file, and what was found in their cells."""

    frame: pl.DataFrame
    faults: tuple[Fault, ...]
    commas: Mapping[str, Commas]


def read_columns(
    cells: Mapping[str, pl.Series],
    columns: Iterable[Column],
    rows: NDArray[np.int64],
    *,
    decimal_commas: bool,
    measured: bool,
) -> Columns:
    """Return the columns as their types; the sign of a bounded number goes to the column `bound`.

    Parameters
    ----------
    cells
        Cells of text by name of their column; a column that has its type already stays as it is.
    columns
        The columns to read, all of them in `cells`.
    rows
        File row of each record.
    decimal_commas, measured
        As of `read_cells`.

    Examples
    --------
    >>> from stromal.tables.labs import LABS
    >>> cells = {"value": pl.Series(["<0.1", "12", "n.d."])}
    >>> read = read_columns(
    ...     cells, [LABS.column("value")], np.arange(2, 5), decimal_commas=False, measured=True
    ... )
    >>> read.frame.rows()
    [(0.1, 'below'), (12.0, None), (None, None)]
    >>> read.faults[0].cells
    ((4, 'n.d.'),)
    """
    series: dict[str, pl.Series] = {}
    faults: list[Fault] = []
    commas: dict[str, Commas] = {}
    bounded: tuple[pl.Series | None, pl.Series] | None = None
    for column in columns:
        text, sides = cells[column.name], None
        if text.dtype != pl.String:
            series[column.name] = text
            continue
        if column.kind is Kind.BOUNDED:
            text, sides = split_signs(text, decimal_commas=decimal_commas)
        values, found, use = read_cells(
            text, column, rows, decimal_commas=decimal_commas, measured=measured
        )
        series[column.name] = values
        faults += found
        if column.kind is not Kind.TEXT:
            commas[column.name] = use
        if column.kind is Kind.BOUNDED:
            bounded = sides, values
    if bounded is not None:
        bounds, found = join_bounds(bounded[0], series.get(BOUND), bounded[1], rows)
        faults += found
        if bounds is not None:
            series[BOUND] = bounds
    return Columns(pl.DataFrame(series), tuple(faults), commas)
