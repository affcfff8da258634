"""Parquet files to typed columns: the same table and the same issues as from a CSV file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from stromal.errors import InvalidInput, Issue
from stromal.tables.cells import describe_fault, gather_faults
from stromal.tables.columns import read_columns
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
    read = read_columns(
        {column.name: _as_text(frame[column.name], column) for column in fitting},
        fitting,
        np.arange(1, frame.height + 1),
        decimal_commas=False,
        measured=schema.of_patients,
    )
    said = [
        issue
        for fault in gather_faults(read.faults)
        for issue in describe_fault(fault, table, decimal_commas=False)
    ]
    height = frame.height
    others = [
        pl.Series(column.name, [None], dtype=column.kind.dtype).new_from_index(0, height)
        for column in columns
        if column not in fitting and column.name not in read.frame.columns
    ]
    return read.frame.with_columns(others), (*issues, *wrong, *said)


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
    return dtype.is_numeric() or (column.kind is Kind.BOUNDED and dtype in _PLAIN)


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


def _as_text(cells: pl.Series, column: Column) -> pl.Series:
    """Numbers as text that gives the same numbers back; whole columns of whole numbers stay."""
    if cells.dtype == pl.Int64 and column.kind is Kind.INTEGER and not cells.null_count():
        return cells
    numbers = cells.cast(pl.Float64) if cells.dtype.is_decimal() else cells
    return numbers.cast(pl.String)
