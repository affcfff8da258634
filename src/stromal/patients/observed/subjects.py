"""`subjects` as read: sexes in one spelling, origin and species filled in, covariates typed."""

from __future__ import annotations

import polars as pl

from stromal.errors import Issue
from stromal.patients.observed.words import read_words
from stromal.protocol.protocol import Covariate, Protocol
from stromal.tables.cohort import ORIGINS
from stromal.tables.patients import TableFile
from stromal.tables.schema import Column, Kind, Presence
from stromal.tables.subjects import SEXES, SPECIES

_SEXES = {word: word for word in SEXES} | {
    "f": "female",
    "w": "female",
    "m": "male",
    "woman": "female",
    "man": "male",
}
_FLAGS = {word: word for word in ("yes", "no")} | {
    "true": "yes",
    "1": "yes",
    "y": "yes",
    "false": "no",
    "0": "no",
    "n": "no",
}


def covariate_columns(protocol: Protocol | None) -> tuple[Column, ...]:
    """The covariates that a protocol declares, as columns of `subjects`."""
    declared = protocol.covariates if protocol is not None else {}
    return tuple(
        Column(
            name,
            Kind.NUMBER if covariate.type == "number" else Kind.TEXT,
            covariate.label,
            covariate.unit if covariate.type == "number" else None,
            Presence.COLUMN,
        )
        for name, covariate in declared.items()
    )


def read_subjects(
    frame: pl.DataFrame, file: TableFile, protocol: Protocol | None
) -> tuple[pl.DataFrame, tuple[Issue, ...]]:
    """Subjects with `sex` female or male, `origin` and `species` filled in, and typed covariates.

    `origin` is observed where the file does not say; `species` the protocol's. Flags are yes or
    no; a category must be one of its declared levels, where levels are declared.

    Examples
    --------
    >>> frame = pl.DataFrame({"sex": ["w"], "origin": [None], "species": ["Human"]})
    >>> frame = frame.cast(pl.String)
    >>> read_subjects(frame, TableFile("subjects.csv", 2), None)[0].row(0)
    ('female', 'observed', 'human')
    """
    issues: list[Issue] = []
    for column, spellings, what in (
        ("sex", _SEXES, "a sex"),
        ("origin", {word: word for word in ORIGINS}, "an origin"),
        ("species", {word: word for word in SPECIES}, "a species"),
    ):
        frame, found = read_words(frame, column, spellings, what, file)
        issues += found
    declared = protocol.covariates if protocol is not None else {}
    for name, covariate in declared.items():
        spellings = _spellings(covariate)
        if spellings:
            frame, found = read_words(frame, name, spellings, f"a level of {name}", file)
            issues += found
    species = protocol.study.species if protocol is not None else None
    filled = frame.with_columns(
        pl.col("origin").fill_null("observed"),
        pl.coalesce("species", pl.lit(species, pl.String)).alias("species"),
    )
    return filled, tuple(issues)


def _spellings(covariate: Covariate) -> dict[str, str]:
    if covariate.type == "flag":
        return _FLAGS
    if covariate.type == "category":
        return {level.lower(): level for level in covariate.levels}
    return {}
