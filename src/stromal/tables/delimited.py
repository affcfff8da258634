"""Delimited text (CSV): bytes to cells of text, block by block, with the file row of each record.

A file of any size is read in blocks of whole records, so that memory is bounded by the table and
not by its text. Rows are numbered as a spreadsheet numbers them: a record with a quoted line break
is one row, a blank line is a row, the header of a plain file is row 1.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stromal.errors import InvalidInput, Issue

BLOCK_BYTES = 32 * 2**20
MAX_RECORD_BYTES = 2**20
MAX_COLUMNS = 1000
SEPARATORS = (",", ";", "\t")
SEPARATOR_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs"}

_NEWLINE, _QUOTE = 10, 34
_UTF8_HINT = "save it again as `CSV UTF-8`"


@dataclass(frozen=True, slots=True)
class Header:
    """Column names as written, the separator, and the file row they stand in."""

    names: tuple[str, ...]
    separator: str
    row: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Records of one block: cells as text (columns `0`, `1` ...) and what could not be a record.

    `rows` are the file rows of the records, `blank` those of blank lines, and `ragged` pairs of a
    file row and how many cells it has.
    """

    cells: pl.DataFrame
    rows: NDArray[np.int64]
    blank: NDArray[np.int64]
    ragged: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Block:
    """Whole records: their bytes, the end of each (exclusive), and the file row of the first."""

    data: bytes
    ends: NDArray[np.int64]
    first_row: int


def read_delimited(path: Path, known: Iterable[str], table: str) -> tuple[Header, Iterator[Chunk]]:
    """The header of a delimited file, and its records chunk by chunk.

    The separator is the one of comma, semicolon and tab that gives most of the `known` names. Line
    ends may be LF, CRLF or CR; the text UTF-8 with or without a byte-order mark, or UTF-16 with
    one.

    Raises
    ------
    InvalidInput
        At once or while chunks are read: the file is empty, is not text, or its quotation marks do
        not match. `table` is the name that the issue gives the file.
    """
    blocks = _cut_records(_read_text(path, table), table)
    skipped = 0
    separator = ""
    for block in blocks:
        for position in range(len(block.ends)):
            line = _record(block, position, table)
            row = block.first_row + position
            if not line.strip():
                skipped += 1
                if skipped > 1000:
                    raise InvalidInput([Issue("begins with over 1000 blank lines", table)])
                continue
            if not separator and line.lower().startswith("sep=") and len(line) == 5:
                separator = line[4]
                continue
            header = _read_header(line, row, separator, set(known), table)
            rest = _Block(
                block.data[block.ends[position] :],
                block.ends[position + 1 :] - block.ends[position],
                row + 1,
            )
            return header, _read_chunks(header, rest, blocks, table)
    raise InvalidInput([Issue("is empty", table, hint="the first row names the columns")])


def _record(block: _Block, position: int, table: str) -> str:
    start = int(block.ends[position - 1]) if position else 0
    data = block.data[start : int(block.ends[position])]
    _check_text(data, table, block.first_row + position)
    return data.decode("utf-8").rstrip("\n")


def _read_header(line: str, row: int, separator: str, known: set[str], table: str) -> Header:
    choices = (separator,) if separator else SEPARATORS
    readings = [(sep, _split(line, sep)) for sep in choices]
    best, names = max(
        readings, key=lambda reading: (len(known.intersection(reading[1])), len(reading[1]))
    )
    if len(names) > MAX_COLUMNS:
        raise InvalidInput([Issue(f"has over {MAX_COLUMNS} columns", table)])
    return Header(names, best, row)


def _split(line: str, separator: str) -> tuple[str, ...]:
    try:
        record = next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        record = line.split(separator)
    return tuple(cell.strip() for cell in record)


def _read_text(path: Path, table: str) -> Iterator[bytes]:
    """UTF-8 bytes of the file, without byte-order mark, line ends LF, the last one added."""
    held = b""
    last = b"\n"
    for data in _decoded(path, table):
        block = held + data
        held = b"\r" if block.endswith(b"\r") else b""
        block = block[: len(block) - len(held)]
        if b"\r" in block:
            block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if block:
            last = block[-1:]
            yield block
    if held or last != b"\n":
        yield b"\n"


def _decoded(path: Path, table: str) -> Iterator[bytes]:
    with path.open("rb") as file:
        start = file.read(4)
        if start.startswith(b"PK\x03\x04"):
            raise InvalidInput(
                [Issue("is a workbook, not text", table, hint="save the sheet as `CSV UTF-8`")]
            )
        utf16 = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        file.seek(len(codecs.BOM_UTF8) if start.startswith(codecs.BOM_UTF8) else 0)
        if not utf16:
            while data := file.read(BLOCK_BYTES):
                yield data
            return
        decoder = codecs.getincrementaldecoder("utf-16")()
        try:
            while data := file.read(BLOCK_BYTES):
                yield decoder.decode(data).encode("utf-8")
            yield decoder.decode(b"", final=True).encode("utf-8")
        except UnicodeError:
            raise InvalidInput(
                [Issue("begins as UTF-16 but is not", table, hint=_UTF8_HINT)]
            ) from None


def _cut_records(texts: Iterator[bytes], table: str) -> Iterator[_Block]:
    """Cut the text where records end: at line ends outside quotation marks."""
    held = b""
    row = 1
    for text in texts:
        data = held + text
        array = np.frombuffer(data, np.uint8)
        ends = np.flatnonzero((array == _NEWLINE) & ~_quoted(array)) + 1
        length = int(ends[-1]) if ends.size else 0
        held = data[length:]
        if ends.size:
            yield _Block(data[:length], ends, row)
        row += ends.size
        if len(held) > MAX_RECORD_BYTES:
            raise InvalidInput([_unclosed(table, row)])
    if held.strip():
        raise InvalidInput([_unclosed(table, row)])


def _quoted(array: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Tell whether each byte stands inside quotation marks (the opening mark included)."""
    marks = array == _QUOTE
    if not marks.any():
        return np.zeros(array.shape, np.bool_)
    # Sums modulo 256 keep their parity, and bytes are four times faster than integers.
    parity = np.cumsum(marks, dtype=np.uint8) & 1
    return parity.astype(np.bool_)


def _unclosed(table: str, row: int) -> Issue:
    return Issue(
        "a quotation mark is opened and not closed",
        table,
        row,
        hint="close it, or double it where it is part of the text",
    )


def _check_text(data: bytes, table: str, row: int) -> None:
    """Refuse bytes that are not UTF-8 text, naming the row."""
    at = data.find(b"\0")
    if at >= 0:
        where = row + data.count(b"\n", 0, at)
        raise InvalidInput(
            [Issue("holds a null byte and is not text", table, where, hint=_UTF8_HINT)]
        )
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        where = row + data.count(b"\n", 0, error.start)
        raise InvalidInput(
            [
                Issue(
                    f"is not UTF-8: byte 0x{data[error.start]:02X} cannot be read",
                    table,
                    where,
                    hint=_UTF8_HINT,
                )
            ]
        ) from None


def _read_chunks(
    header: Header, first: _Block, blocks: Iterator[_Block], table: str
) -> Iterator[Chunk]:
    if first.ends.size:
        yield _read_chunk(header, first, table)
    for block in blocks:
        yield _read_chunk(header, block, table)


def _read_chunk(header: Header, block: _Block, table: str) -> Chunk:
    _check_text(block.data, table, block.first_row)
    array = np.frombuffer(block.data, np.uint8)
    quoted = _quoted(array)
    separator = ord(header.separator)
    _check_marks(array, quoted, separator, block, table)
    starts = np.concatenate(([0], block.ends[:-1]))
    lengths = block.ends - starts
    if int(lengths.max()) > MAX_RECORD_BYTES:
        raise InvalidInput([_unclosed(table, block.first_row + int(lengths.argmax()))])
    counts = _count_cells((array == separator) & ~quoted, starts, block.ends, len(header.names))
    rows = np.arange(block.first_row, block.first_row + starts.size)
    odd = counts != len(header.names)
    blank = lengths == 1
    if odd.any():
        blank |= ~np.logical_or.reduceat(array > ord(" "), starts)
    odd &= ~blank
    keep = ~(odd | blank)
    data = block.data if keep.all() else array[np.repeat(keep, lengths)].tobytes()
    return Chunk(
        _parse(data, header, quoted=bool(quoted.any())),
        rows[keep],
        rows[blank],
        np.column_stack((rows[odd], counts[odd])),
    )


def _count_cells(
    separators: NDArray[np.bool_], starts: NDArray[np.int64], ends: NDArray[np.int64], width: int
) -> NDArray[np.int64]:
    """Return how many cells each record has; `width` where the file is as regular as most are."""
    places = np.flatnonzero(separators)
    if width > 1 and places.size == (width - 1) * starts.size:
        of_record = places.reshape(starts.size, width - 1)
        if (of_record[:, 0] >= starts).all() and (of_record[:, -1] < ends).all():
            return np.full(starts.size, width, np.int64)
    return 1 + np.add.reduceat(separators, starts, dtype=np.int64)


def _check_marks(
    array: NDArray[np.uint8],
    quoted: NDArray[np.bool_],
    separator: int,
    block: _Block,
    table: str,
) -> None:
    """Refuse quotation marks inside a cell: everything after one would be read wrongly."""
    marks = np.flatnonzero(array == _QUOTE)
    if not marks.size:
        return
    opens = quoted[marks]
    neighbour = np.where(opens, marks - 1, marks + 1)
    beside = np.where(neighbour < 0, _NEWLINE, array[np.clip(neighbour, 0, array.size - 1)])
    stray = ~np.isin(beside, (separator, _NEWLINE, _QUOTE))
    if stray.any():
        place = marks[stray.argmax()]
        row = block.first_row + int(np.searchsorted(block.ends, place, side="right"))
        raise InvalidInput(
            [
                Issue(
                    "a quotation mark stands inside a cell; the rows after it were not read",
                    table,
                    row,
                    hint="put the whole cell in quotation marks and double those inside it",
                )
            ]
        )


def _parse(data: bytes, header: Header, *, quoted: bool) -> pl.DataFrame:
    names = {str(position): pl.String() for position in range(len(header.names))}
    if not data:
        return pl.DataFrame(schema=names)
    return pl.read_csv(
        data,
        has_header=False,
        schema=names,
        separator=header.separator,
        quote_char='"' if quoted else None,
        infer_schema=False,
    )
