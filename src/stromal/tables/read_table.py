"""Reading one CSV or Parquet file against a schema: a frame, and every issue at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from stromal.errors import InvalidInput, Issue
from stromal.tables.cells import Commas, describe_fault, gather_faults
from stromal.tables.columnar import read_columnar
from stromal.tables.columns import Columns, read_columns
from stromal.tables.delimited import SEPARATOR_NAMES, Chunk, Header, read_delimited
from stromal.tables.fold import SHOWN, fold_issues
from stromal.tables.header import match_columns
from stromal.tables.late_header import find_late_header
from stromal.tables.patients import TableFile
from stromal.tables.schema import Column, Schema

MAX_BYTES = 4 * 2**30
MAX_BLANK_ROWS = 100_000


def read_table(
    path: Path,
    schema: Schema,
    covariates: Sequence[Column] = (),
    within: Path | None = None,
) -> tuple[pl.DataFrame | None, tuple[Issue, ...], TableFile]:
    r"""A table from a CSV or Parquet file, with every issue that was found in it.

    A CSV file may have a byte-order mark, be separated by commas, semicolons or tabs, and end its
    lines in any way. Decimal commas are read where columns are not separated by commas. Empty
    cells, `NA`, `NaN` and `.` are missing. What could be read in two ways is an issue.

    Parameters
    ----------
    path
        The file; its suffix says which of the two it is.
    schema
        Columns to read, with their units.
    covariates
        Columns to read beyond the schema; they follow its own in the frame.
    within
        Folder that the file must lie in once symbolic links are followed; the file's own folder
        where None.

    Returns
    -------
    frame
        One row per record, columns in the order of the schema then the covariates, null where a
        cell has no value of its type; None where the file has no table to speak of.
    issues
        What is wrong, with file, row (the header of a plain CSV file is row 1), column and hint.
    file
        Name of the file and the file row of the first record.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from stromal.tables.events import EVENTS
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "events.csv"
    ...     _ = path.write_text("subject;day;event\n1;0,5;death\n2;soon;relapse\n")
    ...     frame, issues, file = read_table(path, EVENTS)
    >>> frame["day"].to_list()
    [0.5, None]
    >>> print(issues[0])
    events.csv row 3 column day: `soon` is not a number.
    hint: write the day as a number, counted from day 0
    """
    delimited = path.suffix.lower() != ".parquet"
    file = TableFile(path.name, 2 if delimited else 1)
    whole = replace(schema, columns=(*schema.columns, *covariates))
    refusal = check_file(path, within if within is not None else path.parent)
    if refusal is not None:
        return None, (refusal,), file
    try:
        if delimited:
            return _read_csv(path, whole)
        frame, issues = read_columnar(path, whole)
    except InvalidInput as error:
        return None, error.issues, file
    except OSError as error:
        return (
            None,
            (Issue(f"cannot be read: {error.strerror or 'no reason given'}", path.name),),
            file,
        )
    if not frame.height:
        issues = (*issues, _no_rows(path.name))
    return whole.conform(frame), issues, file


def check_file(path: Path, within: Path) -> Issue | None:
    """Why a file is not to be opened; None where it may be.

    A link out of the folder `within`, a folder, a pipe, a device and a file of more than 4 GiB are
    refused, so that reading ends and gives nothing from elsewhere.
    """
    try:
        real, home = path.resolve(strict=True), within.resolve()
    except (OSError, RuntimeError):
        return Issue("there is no such file", path.name)
    if not real.is_relative_to(home):
        hint = "put the file itself there"
        return Issue(
            "is a symbolic link to a file outside the study's folder", path.name, hint=hint
        )
    if real.is_dir():
        return Issue("is a folder, not a file", path.name)
    if not real.is_file():
        return Issue("is not an ordinary file", path.name)
    if real.stat().st_size > MAX_BYTES:
        return Issue(f"is larger than {MAX_BYTES // 2**30} GiB", path.name)
    return None


def _no_rows(table: str) -> Issue:
    return Issue("has a header and no rows", table, hint="leave the file out where it is empty")


@dataclass(frozen=True, slots=True)
class _Part:
    """One chunk as typed columns, and what was found in it."""

    columns: Columns
    blank: np.ndarray[tuple[int], np.dtype[np.int64]]
    ragged: np.ndarray[tuple[int, ...], np.dtype[np.int64]]


def _read_csv(
    path: Path, schema: Schema
) -> tuple[pl.DataFrame | None, tuple[Issue, ...], TableFile]:
    table = path.name
    header, chunks = read_delimited(path, schema.names, table)
    places, issues = match_columns(header.names, schema, table)
    if not places:
        return None, _describe_strange(path, schema, issues), TableFile(table, 2)
    columns = [(schema.column(name), str(place)) for name, place in places.items()]
    parts, broken = _read_parts(chunks, columns, header, schema, table)
    frame = pl.concat([schema.empty(), *(schema.conform(part.columns.frame) for part in parts)])
    blank = np.concatenate([part.blank for part in parts]) if parts else np.zeros(0, np.int64)
    ragged = (
        np.concatenate([part.ragged for part in parts]) if parts else np.zeros((0, 2), np.int64)
    )
    commas = [part.columns.commas for part in parts]
    decimal_commas = header.separator != ","
    faults = gather_faults(fault for part in parts for fault in part.columns.faults)
    found = [
        *issues,
        *broken,
        *_describe_ragged(ragged, header, table),
        *_describe_commas(commas, table),
        *(i for f in faults for i in describe_fault(f, table, decimal_commas=decimal_commas)),
    ]
    if not frame.height and not found:
        found.append(_no_rows(table))
    file = _place_rows(header, blank, ragged[:, 0], table)
    return frame, tuple(found), replace(file, decimal_commas=decimal_commas)


def _describe_strange(path: Path, schema: Schema, issues: Sequence[Issue]) -> tuple[Issue, ...]:
    """Issues of a file whose first row names none of the columns."""
    table = path.name
    late = find_late_header(path, schema)
    if late is not None and late[0] > 1:
        hint = "delete the rows above, so that the names stand in the first row"
        message = "the names of the columns stand here, below other text"
        found = match_columns(late[1], schema, table)[1]
        return (Issue(message, table, late[0], hint=hint), *found)
    hint = "the first row names the columns; they are separated by commas, semicolons or tabs"
    return (*issues, Issue("has none of the columns", table, hint=hint))


def _read_parts(
    chunks: Iterator[Chunk],
    columns: list[tuple[Column, str]],
    header: Header,
    schema: Schema,
    table: str,
) -> tuple[list[_Part], tuple[Issue, ...]]:
    """Every chunk as typed columns, up to where the file cannot be read further."""
    parts: list[_Part] = []
    blank = 0
    try:
        for chunk in chunks:
            part = _read_part(chunk, columns, schema, decimal_commas=header.separator != ",")
            parts.append(part)
            blank += part.blank.size
            if blank > MAX_BLANK_ROWS:
                return parts, (Issue(f"has over {MAX_BLANK_ROWS} blank rows", table),)
    except InvalidInput as error:
        return parts, error.issues
    except pl.exceptions.PolarsError:
        return parts, (Issue("cannot be read as delimited text", table),)
    return parts, ()


def _read_part(
    chunk: Chunk, columns: list[tuple[Column, str]], schema: Schema, *, decimal_commas: bool
) -> _Part:
    cells, rows, blank = chunk.cells, chunk.rows, chunk.blank
    # A spreadsheet saves rows that were emptied as separators alone.
    void = cells.select(pl.all_horizontal(pl.all().is_null())).to_series()
    if void.any():
        empty = void.to_numpy()
        blank = np.sort(np.concatenate((blank, rows[empty])))
        cells, rows = cells.filter(~void), rows[~empty]
    read = read_columns(
        {column.name: cells[place] for column, place in columns},
        [column for column, _ in columns],
        rows,
        decimal_commas=decimal_commas,
        measured=schema.of_patients,
    )
    return _Part(read, blank, chunk.ragged)


def _describe_ragged(
    ragged: np.ndarray[tuple[int, ...], np.dtype[np.int64]], header: Header, table: str
) -> tuple[Issue, ...]:
    width = len(header.names)
    hint = f"the columns are separated by {SEPARATOR_NAMES.get(header.separator, 'another sign')}"
    if header.separator == ",":
        hint += "; write decimals with a point, and put text with a comma in quotation marks"
    issues = [
        Issue(
            f"the row has {count} {'cell' if count == 1 else 'cells'}, the header {width}",
            table,
            row,
            hint=hint,
        )
        for row, count in ragged[:SHOWN].tolist()
    ]
    return fold_issues(issues, len(ragged))


def _describe_commas(parts: list[Mapping[str, Commas]], table: str) -> tuple[Issue, ...]:
    """Issues of columns whose commas could be read in two ways."""
    columns: dict[str, Commas] = {}
    for part in parts:
        for name, use in part.items():
            columns[name] = columns.get(name, Commas()).then(use)
    proven = any(use.proof for use in columns.values())
    issues = []
    for name, use in columns.items():
        if use.comma and use.point:
            message = f"decimal comma here, decimal point in row {use.point}"
            hint = "write the whole column one way, without thousands separators"
            issues.append(Issue(message, table, use.comma, name, hint))
        elif use.comma and not proven:
            message = "every comma could be a decimal comma or a thousands separator"
            hint = "write a decimal point, or no thousands separator"
            issues.append(Issue(message, table, use.comma, name, hint))
    return tuple(issues)


def _place_rows(
    header: Header,
    blank: np.ndarray[tuple[int], np.dtype[np.int64]],
    ragged: np.ndarray[tuple[int], np.dtype[np.int64]],
    table: str,
) -> TableFile:
    """Find the file rows of the records: the first one, and rows after it without a record."""
    gaps = np.sort(np.concatenate((blank, ragged)))[: 2 * MAX_BLANK_ROWS]
    first = header.row + 1
    for gap in gaps.tolist():
        if gap != first:
            break
        first += 1
    return TableFile(table, first, tuple(gaps[gaps > first].tolist()))
