"""Strata of a comparison of times: patients are compared with those of their own stratum alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from stromal.analyses.checks import check_known
from stromal.analyses.groups import read_levels
from stromal.analyses.kind import Setting
from stromal.errors import Issue
from stromal.protocol.groups import COLUMNS
from stromal.protocol.protocol import Protocol


def read_strata(setting: Setting, names: Sequence[str]) -> pl.DataFrame | None:
    """Return the stratum of every patient: columns `subject` and `stratum`; None without strata.

    A stratum is one level of each of the names, and null where a level is not known.
    """
    if not names:
        return None
    found = setting.patients.subjects.select("subject")
    for name in names:
        levels = read_levels(setting, name).rename({"group": name})
        found = found.join(levels, on="subject", how="left", maintain_order="left")
    # The length of each level stands before it, so that no two strata have the same text.
    parts = [pl.format("{}:{}", pl.col(name).str.len_chars(), pl.col(name)) for name in names]
    return found.select("subject", stratum=pl.concat_str(parts, separator=" "))


def place_strata(outcomes: pl.DataFrame, strata: pl.DataFrame) -> pl.Series:
    """Return the stratum of each outcome, in the order of the outcomes."""
    joined = outcomes.select("subject").join(
        strata, on="subject", how="left", maintain_order="left"
    )
    return joined["stratum"]


def check_strata(names: Sequence[str], protocol: Protocol) -> Iterator[Issue]:
    """Check that strata are covariates or groupings that have levels."""
    known = [*COLUMNS, *protocol.covariates, *(item.name for item in protocol.groupings)]
    for place, name in enumerate(names):
        column = f"strata[{place}]"
        yield from check_known("covariate or grouping", name, column, known)
        declared = protocol.covariates.get(name)
        if declared is not None and declared.type == "number":
            hint = "name a category, a flag or a grouping"
            yield Issue(f"`{name}` is a number and makes no strata", column=column, hint=hint)
