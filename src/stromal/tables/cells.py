"""Cells of text to typed columns, and what is wrong with each cell that does not fit its type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stromal.errors import Issue
from stromal.tables.cell_hints import explain_cell
from stromal.tables.fold import SHOWN, fold_issues
from stromal.tables.missing_codes import is_absurd
from stromal.tables.schema import Column, Kind, Presence

MISSING = ("", "NA", "NaN", "nan", ".")

_COMMA_NUMBER = r"^[+-]?\d*,\d+([eE][+-]?\d+)?$"
_PERHAPS_THOUSANDS = r"^[+-]?[1-9]\d{0,2},\d{3}$"


@dataclass(frozen=True, slots=True)
class Fault:
    """Cells of one column with one thing wrong: the first as (file row, text), and how many.

    `kind` is the kind of the column where a cell is not of it (`day` for numbers of days), or:
    `empty`, an empty cell that must be filled; `below`, one below a filled cell; `code`, a number
    that can only be a code for missing or is too large for anything; and the kinds of `bounds`.
    """

    kind: str
    column: str
    cells: tuple[tuple[int, str], ...]
    count: int


@dataclass(frozen=True, slots=True)
class Commas:
    """First file row where a column writes decimals so; 0 where it does not.

    `comma` is for decimal commas, `point` for decimal points, and `proof` for a decimal comma that
    cannot be a thousands separator.
    """

    comma: int = 0
    point: int = 0
    proof: int = 0

    def then(self, later: Commas) -> Commas:
        """These, completed by those of a later part of the file."""
        return Commas(
            self.comma or later.comma, self.point or later.point, self.proof or later.proof
        )


def read_cells(
    text: pl.Series,
    column: Column,
    rows: NDArray[np.int64],
    *,
    decimal_commas: bool,
    measured: bool = True,
) -> tuple[pl.Series, tuple[Fault, ...], Commas]:
    """A column of text as its type, with null and a fault for every cell that does not fit.

    Empty cells, `NA`, `NaN` and `.` are missing. `decimal_commas` is whether `0,5` may be a number,
    `measured` whether numbers are of patients, so that none is as large as a code for missing.

    Parameters
    ----------
    text
        Cells of text, one per record.
    rows
        File row of each record.

    Examples
    --------
    >>> day = Column("day", Kind.NUMBER, "day", "day", Presence.EVERY_CELL)
    >>> cells = pl.Series(["0", " 7 ", "NA", "abc"])
    >>> values, faults, _ = read_cells(cells, day, np.arange(2, 6), decimal_commas=False)
    >>> values.to_list()
    [0.0, 7.0, None, None]
    >>> [(fault.kind, fault.cells) for fault in faults]
    [('day', ((5, 'abc'),)), ('below', ((4, ''),))]
    """
    tidy = text.str.strip_chars()
    tidy = tidy.set(tidy.is_in(MISSING), None)
    commas = Commas()
    faults: list[Fault] = []
    values = tidy
    if column.kind is not Kind.TEXT:
        numbers = tidy
        if decimal_commas:
            comma = tidy.str.contains(_COMMA_NUMBER).fill_null(value=False)
            commas = _find_commas(tidy, comma, rows)
            if commas.comma:
                numbers = tidy.str.replace(",", ".", literal=True).zip_with(comma, tidy)
        values = _numbers(numbers, column.kind)
        if measured:
            absurd = is_absurd(values.cast(pl.Float64))
            if absurd.any():
                values = values.set(absurd, None)
                faults += find_fault("code", column.name, tidy, absurd, rows)
                tidy = tidy.set(absurd, None)
        kind = "day" if column.unit == "day" else column.kind.value
        wrong = tidy.is_not_null() & values.is_null()
        faults += find_fault(kind, column.name, tidy, wrong, rows)
    if column.presence is Presence.EVERY_CELL and tidy.null_count():
        faults += _find_empty(column, tidy, text, rows)
    return values.alias(column.name), tuple(faults), commas


def _numbers(text: pl.Series, kind: Kind) -> pl.Series:
    numbers = text.cast(pl.Float64, strict=False)
    numbers = numbers.set(numbers.is_finite().not_().fill_null(value=False), None)
    if kind is Kind.INTEGER:
        broken = (numbers.floor() != numbers) | (numbers.abs() > 2**53)
        numbers = numbers.set(broken.fill_null(value=False), None)
        return numbers.cast(pl.Int64)
    return numbers


def _find_commas(tidy: pl.Series, comma: pl.Series, rows: NDArray[np.int64]) -> Commas:
    proof = comma & ~tidy.str.contains(_PERHAPS_THOUSANDS)
    point = tidy.str.contains(".", literal=True)
    return Commas(_first(comma, rows), _first(point, rows), _first(proof, rows))


def _first(flags: pl.Series, rows: NDArray[np.int64]) -> int:
    where = flags.arg_max() if flags.any() else None
    return 0 if where is None else int(rows[where])


def find_fault(
    kind: str, column: str, text: pl.Series, wrong: pl.Series, rows: NDArray[np.int64]
) -> list[Fault]:
    """Return the fault of a column where cells are wrong; an empty list where none is.

    Examples
    --------
    >>> find_fault("day", "day", pl.Series(["0", "x"]), pl.Series([False, True]), np.array([2, 3]))
    [Fault(kind='day', column='day', cells=((3, 'x'),), count=1)]
    """
    count = int(wrong.sum())
    if not count:
        return []
    first = wrong.arg_true().head(SHOWN)
    cells = zip(rows[first.to_numpy()].tolist(), text.gather(first).to_list(), strict=True)
    return [Fault(kind, column, tuple(cells), count)]


def _find_empty(
    column: Column, tidy: pl.Series, text: pl.Series, rows: NDArray[np.int64]
) -> list[Fault]:
    """Faults of empty cells; those below a filled one may be what merged cells left behind."""
    given = text.str.strip_chars()
    empty = tidy.is_null() & (given.is_null() | given.is_in(MISSING))
    below = empty & tidy.is_not_null().cum_max()
    blank = tidy.fill_null("")
    return [
        *find_fault("empty", column.name, blank, empty & ~below, rows),
        *find_fault("below", column.name, blank, below, rows),
    ]


def gather_faults(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Faults of several parts of a file, put together by column and kind.

    Examples
    --------
    >>> parts = [Fault("empty", "day", ((2, ""),), 1), Fault("empty", "day", ((9, ""),), 3)]
    >>> gather_faults(parts)
    (Fault(kind='empty', column='day', cells=((2, ''), (9, '')), count=4),)
    """
    found: dict[tuple[str, str], Fault] = {}
    for fault in faults:
        known = found.get((fault.kind, fault.column))
        found[fault.kind, fault.column] = (
            fault
            if known is None
            else Fault(
                fault.kind,
                fault.column,
                (known.cells + fault.cells)[:SHOWN],
                known.count + fault.count,
            )
        )
    return tuple(found.values())


def describe_fault(fault: Fault, table: str, *, decimal_commas: bool) -> tuple[Issue, ...]:
    """The issues of a fault: one for each of its first cells, and one that counts the others."""
    if fault.kind == "below":
        return (_describe_below(fault, table),)
    issues = []
    for row, cell in fault.cells:
        message, hint = explain_cell(fault.kind, cell, decimal_commas=decimal_commas)
        issues.append(Issue(message, table, row, fault.column, hint))
    return fold_issues(issues, fault.count)


def _describe_below(fault: Fault, table: str) -> Issue:
    """One issue for empty cells below filled ones, as merged cells of a spreadsheet leave them."""
    (first, _), *others = fault.cells
    if not others:
        return Issue("the cell is empty", table, first, fault.column)
    named = ", ".join(str(row) for row, _ in others)
    left = fault.count - len(fault.cells)
    more = f" and {left} more" if left else ""
    hint = (
        "where the cells were merged in a spreadsheet, fill down from the row above; "
        "otherwise find out what belongs there"
    )
    rows = "row" if len(others) == 1 and not left else "rows"
    message = f"the cell is empty, and so is that of {rows} {named}{more}"
    return Issue(message, table, first, fault.column, hint)
