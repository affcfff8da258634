"""Reading a record: three tables, every issue at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

import polars as pl

from stromal.errors import InvalidInput, Issue
from stromal.evidence.library.rows import (
    check_counts,
    check_homes,
    check_keys,
    check_printed_values,
    check_told_once,
    check_with_arms,
    check_words,
)
from stromal.evidence.library.schemas import (
    ARMS,
    CONTRADICTIONS,
    OUTCOMES,
    PRIMARY_CHECKS,
    STUDIES,
)
from stromal.tables.patients import TableFile
from stromal.tables.read_table import read_table
from stromal.tables.schema import Schema

TABLES = (STUDIES, ARMS, OUTCOMES)
"""The tables of a record, in the order in which one has its home in the one before."""

WORDS = {
    "studies": ("design",),
    "arms": ("source", "donor", "age_group", "status"),
    "outcomes": ("indication", "outcome", "scale", "status"),
}
"""Columns of each table that hold words of the lists."""


@dataclass(frozen=True, slots=True)
class Library:
    """The record: studies, arms and outcomes, each as its schema says.

    Examples
    --------
    >>> library = read_library()
    >>> library.studies.height, library.outcomes.height
    (75, 373)
    """

    studies: pl.DataFrame
    arms: pl.DataFrame
    outcomes: pl.DataFrame


def read_library(folder: Path | None = None) -> Library:
    """Read the record that is shipped, or one of the same form from a folder.

    Parameters
    ----------
    folder
        Folder with studies.csv, arms.csv and outcomes.csv; the record of the house where None.

    Returns
    -------
    Library
        The three tables, in the order of their files.

    Raises
    ------
    InvalidInput
        With every issue of the three files: file, row, column and hint.

    Examples
    --------
    >>> kept = read_library().outcomes.row(by_predicate=pl.col("row") == "E0146", named=True)
    >>> kept["printed_value"], kept["printed_total"], kept["value"], kept["events"]
    ('65.50', 16, 62.5, 10)
    """
    if folder is not None:
        return _read_folder(folder)
    with as_file(files("stromal").joinpath("evidence", "library", "data")) as shipped:
        return _read_folder(shipped)


def read_contradictions() -> pl.DataFrame:
    """Read the list of contradictions: what is said, how it is read, and which check finds it.

    Examples
    --------
    >>> listed = read_contradictions()
    >>> listed.row(by_predicate=pl.col("contradiction") == "C05", named=True)["checks"]
    'ranges'
    """
    return _read_shipped(CONTRADICTIONS)


def read_primary_checks() -> pl.DataFrame:
    """Read what was looked up in the papers of the studies themselves, and what follows.

    Examples
    --------
    >>> read_primary_checks().filter(pl.col("study") == "LeBlanc2008")["primary"].item()
    'CR 30 PR 9 NR 16'
    """
    return _read_shipped(PRIMARY_CHECKS)


def _read_shipped(schema: Schema) -> pl.DataFrame:
    with as_file(files("stromal").joinpath("evidence", "library", "data")) as shipped:
        frame, issues, _ = read_table(shipped / f"{schema.name}.csv", schema)
    if frame is None or issues:
        raise InvalidInput(issues)
    return frame


def _read_folder(folder: Path) -> Library:
    frames: dict[str, pl.DataFrame] = {}
    places: dict[str, TableFile] = {}
    issues: list[Issue] = []
    for schema in TABLES:
        frame, found, place = read_table(folder / f"{schema.name}.csv", schema)
        issues += found
        if frame is not None:
            frames[schema.name], places[schema.name] = frame, place
    issues += check_tables(frames, places)
    if issues:
        raise InvalidInput(issues)
    return Library(**frames)


def check_tables(
    frames: Mapping[str, pl.DataFrame], places: Mapping[str, TableFile]
) -> tuple[Issue, ...]:
    """Check tables of a record, each by itself and all together where all are there.

    Parameters
    ----------
    frames, places
        Tables by their names, and the files that they were read from.

    Examples
    --------
    >>> library = read_library()
    >>> frames = {schema.name: getattr(library, schema.name) for schema in TABLES}
    >>> check_tables(frames, {name: TableFile(name, 2) for name in frames})
    ()
    """
    issues: list[Issue] = []
    for schema in TABLES:
        if schema.name in frames:
            issues += _check_alone(frames[schema.name], places[schema.name], schema)
    if len(frames) == len(TABLES):
        issues += _check_together(frames, places)
    return tuple(issues)


def _check_alone(frame: pl.DataFrame, file: TableFile, schema: Schema) -> tuple[Issue, ...]:
    words = check_words(frame, file, WORDS[schema.name])
    return (*words, *check_keys(frame, file, schema.key))


def _check_together(
    frames: Mapping[str, pl.DataFrame], places: Mapping[str, TableFile]
) -> tuple[Issue, ...]:
    studies, arms, outcomes = frames["studies"], frames["arms"], frames["outcomes"]
    rows = places["outcomes"]
    return (
        *check_with_arms(studies, places["studies"], arms),
        *check_homes(arms, places["arms"], studies, ["study"], "studies"),
        *check_homes(outcomes, rows, arms, ARMS.key, "arms"),
        *check_told_once(outcomes, rows),
        *check_printed_values(outcomes, rows),
        *check_counts(outcomes, rows, arms),
    )
