"""A record of one's own beside the shipped one: together they are read as one record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from stromal.errors import InvalidInput, Issue
from stromal.evidence.library.reader import TABLES, Library, check_tables, read_library
from stromal.tables.patients import TableFile
from stromal.tables.read_table import read_table

NOTHING = "holds none of studies.csv, arms.csv and outcomes.csv"


def read_joined(folder: Path | None = None) -> Library:
    """Read the shipped record with the rows of a folder behind its own.

    A folder holds what is new alone, in any of the three files: an outcome of a shipped arm needs
    no other file. A row whose key the shipped record has, or a number that both use, is an issue;
    nothing of the shipped record is replaced.

    Parameters
    ----------
    folder
        Record of one's own; the shipped record alone where None.

    Raises
    ------
    InvalidInput
        With every issue of the folder's files: file, row, column and hint.

    Examples
    --------
    >>> read_joined().studies.height
    75
    """
    shipped = read_library()
    if folder is None:
        return shipped
    frames, places, issues = read_own(folder)
    if not frames and not issues:
        hint = "name a folder with one of them at least"
        issues = (Issue(NOTHING, folder.name, hint=hint),)
    joined, more = join_tables(shipped, frames, places)
    if issues or more:
        raise InvalidInput([*issues, *more])
    return joined


def read_own(
    folder: Path,
) -> tuple[dict[str, pl.DataFrame], dict[str, TableFile], tuple[Issue, ...]]:
    """Read those of the three files that a folder holds: tables, their files, and issues.

    Examples
    --------
    >>> read_own(Path("studies"))
    ({}, {}, ())
    """
    frames: dict[str, pl.DataFrame] = {}
    places: dict[str, TableFile] = {}
    issues: list[Issue] = []
    for schema in TABLES:
        path = folder / f"{schema.name}.csv"
        if path.exists():
            frame, found, place = read_table(path, schema)
            issues += found
            if frame is not None:
                frames[schema.name], places[schema.name] = frame, place
    return frames, places, tuple(issues)


def join_tables(
    library: Library, frames: Mapping[str, pl.DataFrame], places: Mapping[str, TableFile]
) -> tuple[Library, tuple[Issue, ...]]:
    """Put rows behind those of a record; issues are told of the new rows, at their own places.

    Parameters
    ----------
    library
        A record without issues.
    frames, places
        New rows by table, and where they were read; a table may be absent.

    Examples
    --------
    >>> library = read_library()
    >>> again = library.studies.head(1)
    >>> _, issues = join_tables(library, {"studies": again}, {"studies": TableFile("own.csv", 2)})
    >>> print(issues[0])
    own.csv row 2 column study: a row above has the same study.
    hint: keep one of the two, or name what tells them apart
    """
    whole: dict[str, pl.DataFrame] = {}
    moved: dict[str, TableFile] = {}
    for schema in TABLES:
        held = getattr(library, schema.name)
        own = frames.get(schema.name, schema.empty())
        whole[schema.name] = pl.concat([held, schema.conform(own).select(held.columns)])
        # Counted from the first row of the record, those of the new file come out right.
        file = places.get(schema.name, TableFile(schema.name, 2))
        moved[schema.name] = replace(file, first_row=file.first_row - held.height)
    return Library(**whole), check_tables(whole, moved)
