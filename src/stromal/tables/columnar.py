"""Parquet files to typed columns: the same table and the same issues as from a CSV file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from stromal.errors import InvalidInput, Issue
from stromal.tables.cells import Fault, describe_fault, gather_faults, read_cells
from stromal.tables.header import match_columns
from stromal.tables.schema import Column, Kind, Schema

MAX_ROWS = 200_000_000

_PLAIN = (pl.String, pl.Categorical, pl.Enum)


def read_columnar(path: Path, schema: Schema) -> tuple[pl.DataFrame, tuple[Issue, ...]]:
    """The columns of a Parquet file that the schema knows, typed, with every issue.

    A text column may hold whole numbers or truth values (identifiers, flags), a number column any
    kind of number; NaN is missing. Rows are numbered from 1, for there is no header row.

    Raises
    ------
    InvalidInput
        The file is not a Parquet file or holds more than `MAX_ROWS` rows.
    """
    table = path.name
    scan, dtypes = _open(path)
    places, issues = match_columns(list(dtypes), schema, table)
    columns = [column for column in schema.columns if column.name in places]
    fitting = [column for column in columns if _fits(column, dtypes[column.name])]
    wrong = [_wrong_type(c, dtypes[c.name], table) for c in columns if c not in fitting]
    frame = _collect(scan.select(column.name for column in fitting), table)
    rows = np.arange(1, frame.height + 1)
    faults: list[Fault] = []
    series: list[pl.Series] = []
    for column in fitting:
        values, found = _read_column(frame[column.name], column, rows)
        series.append(values)
        faults += found
    said = [
        issue
        for fault in gather_faults(faults)
        for issue in describe_fault(fault, table, decimal_commas=False)
    ]
    height = frame.height
    others = [
        pl.Series(column.name, [None], dtype=column.kind.dtype).new_from_index(0, height)
        for column in columns
        if column not in fitting
    ]
    return pl.DataFrame([*series, *others]), (*issues, *wrong, *said)


def _open(path: Path) -> tuple[pl.LazyFrame, dict[str, pl.DataType]]:
    try:
        scan = pl.scan_parquet(path, glob=False)
        dtypes = dict(scan.collect_schema())
        rows = scan.select(pl.len()).collect().item()
    except OSError:
        raise
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError):
        raise _not_parquet(path.name) from None
    if rows > MAX_ROWS:
        raise InvalidInput([Issue(f"holds {rows} rows; at most {MAX_ROWS} are read", path.name)])
    return scan, dtypes


def _collect(scan: pl.LazyFrame, table: str) -> pl.DataFrame:
    try:
        return scan.collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError):
        raise _not_parquet(table) from None


def _not_parquet(table: str) -> InvalidInput:
    hint = "write it again, or give the table as CSV"
    return InvalidInput([Issue("is not a Parquet file, or is damaged", table, hint=hint)])


def _fits(column: Column, dtype: pl.DataType) -> bool:
    if dtype == pl.Null:
        return True
    if column.kind is Kind.TEXT:
        return dtype in _PLAIN or dtype.is_integer() or dtype == pl.Boolean
    return dtype.is_numeric()


def _wrong_type(column: Column, dtype: pl.DataType, table: str) -> Issue:
    if column.kind is Kind.TEXT:
        expected, hint = "text", "write the column as text"
    elif dtype in (pl.Date, pl.Datetime):
        expected, hint = "numbers", "write days as numbers, counted from day 0"
    else:
        expected, hint = "numbers", "write the column as numbers"
    return Issue(f"column `{column.name}` holds {_words(dtype)}, not {expected}", table, hint=hint)


def _words(dtype: pl.DataType) -> str:
    if dtype in _PLAIN:
        return "text"
    if dtype.is_temporal():
        return "dates or times"
    if dtype == pl.Boolean:
        return "truth values"
    if dtype.is_numeric():
        return "numbers with decimals"
    return "something else"


def _read_column(
    cells: pl.Series, column: Column, rows: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> tuple[pl.Series, tuple[Fault, ...]]:
    if column.kind is Kind.TEXT:
        values, faults, _ = read_cells(cells.cast(pl.String), column, rows, decimal_commas=False)
        return values, faults
    # Only the cells that are not finite or not whole need words; they go the way of text.
    if cells.dtype == pl.Int64 and column.kind is Kind.INTEGER and not cells.null_count():
        return cells, ()
    values, faults, _ = read_cells(_as_text(cells), column, rows, decimal_commas=False)
    return values, faults


def _as_text(cells: pl.Series) -> pl.Series:
    """Numbers as text that gives the same numbers back."""
    numbers = cells.cast(pl.Float64) if cells.dtype.is_decimal() else cells
    return numbers.cast(pl.String)
