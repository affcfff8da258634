"""What a table is: named, typed columns, each with a unit and a meaning."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

BOUND = "bound"
"""The column that takes the side of a bounded number: `below` for `<0.1`, `above` for `>1000`."""


class Kind(StrEnum):
    """What the cells of a column hold.

    A bounded column holds numbers that may have a sign, `<0.1`; the sign goes to the column `BOUND`
    of the same table.
    """

    TEXT = "text"
    NUMBER = "number"
    BOUNDED = "number or bound"
    INTEGER = "integer"

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type of such a column."""
        return _DTYPES[self]


_DTYPES: dict[Kind, pl.DataType] = {
    Kind.TEXT: pl.String(),
    Kind.NUMBER: pl.Float64(),
    Kind.BOUNDED: pl.Float64(),
    Kind.INTEGER: pl.Int64(),
}


class Presence(StrEnum):
    """Whether a file must have a column, and whether its cells may be empty."""

    EVERY_CELL = "every cell"
    COLUMN = "column"
    OPTIONAL = "optional"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, what its cells hold, their unit, and whether they may be empty.

    `unit` is None for text, "1" for a pure number, and "row" where another column of the same row
    names the unit. `presence`: every cell must be filled; the column must be there but cells may be
    empty; the column is optional; or the column is derived by readers and never read from a file.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str | None = None
    presence: Presence = Presence.OPTIONAL


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of one table, and which of them together name a row.

    Examples
    --------
    >>> from stromal.tables.labs import LABS
    >>> LABS.key
    ('subject', 'origin', 'replicate', 'day', 'analyte')
    >>> LABS.column("value").unit
    'row'
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def of_patients(self) -> bool:
        """Tell whether its rows are of patients, so that its numbers are of the size of bodies."""
        return "subject" in self.names

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def dtypes(self) -> dict[str, pl.DataType]:
        """Polars types by column name, in order."""
        return {column.name: column.kind.dtype for column in self.columns}

    def empty(self) -> pl.DataFrame:
        """The table with no rows."""
        return pl.DataFrame(schema=self.dtypes)

    def conform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with exactly these columns first, in order and cast; others follow.

        Missing columns are added as null; a cell that cannot be cast raises (readers check cells
        one by one before they come here).
        """
        ordered = [
            pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype).alias(name)
            for name, dtype in self.dtypes.items()
        ]
        others = [name for name in frame.columns if name not in self.dtypes]
        return frame.select(*ordered, *others)
