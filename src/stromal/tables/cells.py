"""Cells of text to typed columns, and what is wrong with each cell that does not fit its type."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stromal.errors import Issue
from stromal.tables.fold import SHOWN, fold_issues
from stromal.tables.schema import Column, Kind, Presence

MISSING = ("", "NA", "NaN", "nan", ".")

_COMMA_NUMBER = r"^[+-]?\d*,\d+([eE][+-]?\d+)?$"
_PERHAPS_THOUSANDS = r"^[+-]?[1-9]\d{0,2},\d{3}$"


@dataclass(frozen=True, slots=True)
class Fault:
    """Cells of one column with one thing wrong: the first as (file row, text), and how many."""

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
    text: pl.Series, column: Column, rows: NDArray[np.int64], *, decimal_commas: bool
) -> tuple[pl.Series, tuple[Fault, ...], Commas]:
    """A column of text as its type, with null and a fault for every cell that does not fit.

    Empty cells, `NA`, `NaN` and `.` are missing. `decimal_commas` is whether `0,5` may be a number.

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
    [('number', ((5, 'abc'),)), ('empty', ((4, ''),))]
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
        faults += _fault(
            column.kind.value, column, tidy, tidy.is_not_null() & values.is_null(), rows
        )
    if column.presence is Presence.EVERY_CELL:
        faults += _fault("empty", column, tidy.fill_null(""), tidy.is_null(), rows)
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


def _fault(
    kind: str, column: Column, text: pl.Series, wrong: pl.Series, rows: NDArray[np.int64]
) -> list[Fault]:
    count = int(wrong.sum())
    if not count:
        return []
    first = wrong.arg_true().head(SHOWN)
    cells = zip(rows[first.to_numpy()].tolist(), text.gather(first).to_list(), strict=True)
    return [Fault(kind, column.name, tuple(cells), count)]


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
    issues = []
    for row, cell in fault.cells:
        message, hint = _say(fault.kind, _shorten(cell), decimal_commas=decimal_commas)
        issues.append(Issue(message, table, row, fault.column, hint))
    return fold_issues(issues, fault.count)


def _shorten(cell: str) -> str:
    plain = "".join(char if char.isprintable() else " " for char in cell)
    return plain if len(plain) <= 40 else plain[:39] + "…"


def _say(kind: str, cell: str, *, decimal_commas: bool) -> tuple[str, str | None]:
    if kind == "empty":
        return "the cell is empty", None
    if kind == Kind.INTEGER.value and re.fullmatch(r"[+-]?\d+([.,]\d+)?", cell):
        return f"`{cell}` is not a whole number", None
    return f"`{cell}` is not a number", _number_hint(cell, decimal_commas=decimal_commas)


_NUMBER_HINTS = (
    (
        r"\d{4}-\d\d?-\d\d?([T ].*)?|\d\d?[./-]\d\d?[./-](\d{4}|\d\d)",
        "this looks like a date; write the day counted from day 0",
    ),
    (r"[+-]?(inf|infinity|∞)", "leave the cell empty where there is no number"),
    (r"[<>≤≥].*", "a value beyond a limit of detection has no number; leave the cell empty"),
    (r"#.*", "a spreadsheet formula failed here; correct it or leave the cell empty"),
    (
        r"(?i)none|null|n/?a|missing|unknown|nd|-+|\?+",
        "leave the cell empty where nothing is known",
    ),
    (r"[+-]?\d[\d.,]*\s*[^\d\s.,].*", "write the number alone; units have their own column"),
)


def _number_hint(cell: str, *, decimal_commas: bool) -> str | None:
    if re.fullmatch(r"[+-]?[\d.]*,[\d.,]+", cell):
        if decimal_commas:
            return "write no thousands separator"
        return "write a decimal point and no thousands separator"
    for pattern, hint in _NUMBER_HINTS:
        if re.fullmatch(pattern, cell):
            return hint
    return "leave the cell empty where there is no number"
