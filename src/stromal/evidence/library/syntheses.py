"""Published meta-analyses: what they hold, and why their numbers differ from ours."""

from __future__ import annotations

from importlib.resources import as_file, files

import polars as pl

from stromal.errors import InvalidInput
from stromal.tables.read_table import read_table
from stromal.tables.schema import Column, Kind, Presence, Schema

SYNTHESES = Schema(
    "syntheses",
    (
        Column("study", Kind.TEXT, "name in studies", None, Presence.EVERY_CELL),
        Column("studies", Kind.INTEGER, "studies that it pooled", "1"),
        Column("included", Kind.TEXT, "what it pooled", None, Presence.EVERY_CELL),
        Column("said", Kind.TEXT, "what it says where no number was read"),
        Column("differs", Kind.TEXT, "why its numbers differ", None, Presence.EVERY_CELL),
    ),
    key=("study",),
)


def read_syntheses() -> pl.DataFrame:
    """Read the published meta-analyses of the record; their numbers stand in its outcomes.

    Examples
    --------
    >>> read_syntheses().filter(pl.col("study") == "ChenX2015_MA")["studies"].item()
    13
    """
    with as_file(files("stromal").joinpath("evidence", "library", "data")) as shipped:
        frame, issues, _ = read_table(shipped / "syntheses.csv", SYNTHESES)
    if frame is None or issues:
        raise InvalidInput(issues)
    return frame
