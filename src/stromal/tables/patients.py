"""The five tables of a group of patients, held together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import polars as pl

from stromal.tables.assessments import ASSESSMENTS
from stromal.tables.doses import DOSES
from stromal.tables.events import EVENTS
from stromal.tables.labs import LABS
from stromal.tables.schema import Schema
from stromal.tables.subjects import SUBJECTS

PATIENT_TABLES: Mapping[str, Schema] = MappingProxyType(
    {schema.name: schema for schema in (SUBJECTS, DOSES, LABS, ASSESSMENTS, EVENTS)}
)


@dataclass(frozen=True, slots=True)
class TableFile:
    """The file a table was read from, and the file rows of its records.

    `skipped` are the rows from `first_row` on that hold no record of the table (blank lines, rows
    that were left out), in order. `decimal_commas` is whether `0,5` in it is a number. `records`
    is how many records the file has where more were derived from them; None where none was.

    Examples
    --------
    >>> TableFile("labs.csv", 2, skipped=(4,)).row(2)
    5
    """

    name: str
    first_row: int
    skipped: tuple[int, ...] = ()
    decimal_commas: bool = False
    records: int | None = None

    def row(self, position: int) -> int | None:
        """File row of the record at `position` (0 first); None for a derived record."""
        if self.records is not None and position >= self.records:
            return None
        row = self.first_row + position
        for skipped in self.skipped:
            if skipped > row:
                break
            row += 1
        return row

    def without(self, dropped: pl.Series) -> TableFile:
        """The file where some records are left out of the table: `dropped` is true for them.

        Examples
        --------
        >>> TableFile("labs.csv", 2, skipped=(4,)).without(pl.Series([True, False, True])).row(0)
        3
        """
        gaps = np.array(self.skipped, dtype=np.int64)
        rows = np.arange(self.first_row, self.first_row + dropped.len() + gaps.size)
        rows = rows[~np.isin(rows, gaps)][: dropped.len()]
        skipped = np.union1d(gaps, rows[dropped.to_numpy()])
        return replace(self, skipped=tuple(skipped.tolist()))


@dataclass(frozen=True, slots=True)
class Patients:
    """Patients as tables, wherever they came from; rows keep the order of their files.

    Each table follows its schema in `stromal.tables`; a table that was not given is empty.
    `files` remembers where each table was read from, so that an issue can name file and row.

    Examples
    --------
    >>> import polars as pl
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"], "arm": ["msc"]}))
    >>> patients.subjects["origin"].to_list(), patients.labs.height
    ([None], 0)
    """

    subjects: pl.DataFrame
    doses: pl.DataFrame
    labs: pl.DataFrame
    assessments: pl.DataFrame
    events: pl.DataFrame
    files: Mapping[str, TableFile] = field(default_factory=dict)

    @classmethod
    def of(cls, files: Mapping[str, TableFile] | None = None, **tables: pl.DataFrame) -> Patients:
        """Patients from the tables at hand; the others are empty and columns are completed."""
        unknown = set(tables) - set(PATIENT_TABLES)
        if unknown:
            raise TypeError(f"no such table: {', '.join(sorted(unknown))}")
        frames = {
            name: schema.conform(tables[name]) if name in tables else schema.empty()
            for name, schema in PATIENT_TABLES.items()
        }
        return cls(**frames, files=MappingProxyType(dict(files or {})))

    def table(self, name: str) -> pl.DataFrame:
        """The table of that name."""
        frame: pl.DataFrame = getattr(self, name)
        return frame

    def place(self, table: str, position: int) -> tuple[str, int | None]:
        """File and file row of the record at `position` (0 first) of a table."""
        file = self.files.get(table)
        return (table, None) if file is None else (file.name, file.row(position))
