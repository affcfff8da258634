"""The scales on which numbers of trials are near enough to normal to be assimilated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from stromal.calibrate.comparisons import Comparison
from stromal.calibrate.credibility import find_kind, take_logs
from stromal.calibrate.ensemble import Floats

FITTED = ("share", "days", "ratio", "level")
"""Kinds of targets that have a number to fit."""


def list_data(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Return the targets that a fit reads: those of role C with a trial and a number.

    Raises
    ------
    ValueError
        A target has another role: nothing that fits may read it.
    """
    others = [each.id for each in comparisons if each.role != "C"]
    if others:
        raise ValueError(f"targets that no fit may read: {', '.join(others)}")
    return [each for each in comparisons if each.trial and find_kind(each) in FITTED]


def scale_observed(comparison: Comparison, n: float) -> float:
    """Return what was observed on its scale: a logit of a share, a logarithm of the others."""
    size = comparison.n or n
    value = float(comparison.value or 0.0)
    return float(_scale(comparison, np.array([value]), np.array([float(size)]))[0])


def scale_scores(scores: pl.DataFrame, data: Sequence[Comparison], replicates: int) -> Floats:
    """Return what each replicate foretells, (replicates, data); NaN where it says nothing."""
    found = np.full((replicates, len(data)), np.nan)
    for at, each in enumerate(data):
        rows = scores.filter(pl.col("id") == each.id)
        place = rows["replicate"].to_numpy() - 1
        values = rows["value"].to_numpy().astype(np.float64)
        found[place, at] = _scale(each, values, rows["n"].to_numpy().astype(np.float64))
    return found


def _scale(comparison: Comparison, values: Floats, n: Floats) -> Floats:
    kind = find_kind(comparison)
    if kind == "share":
        # half a patient on either side, so that none and all have a logit
        events = values * n + 0.5
        return np.asarray(np.log(events / (n + 1.0 - events)), np.float64)
    return take_logs(kind, values)
