"""What estimators give: rows of the `estimates` table, curves, and where two sources disagree."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from stromal.tables.curve import Curve
from stromal.tables.estimates import ESTIMATES

__all__ = ["Curve", "Results"]


@dataclass(frozen=True, slots=True)
class Results:
    """Everything the analyses of a protocol gave.

    `disagreements` has one row per patient whose derived outcome differs from the reported one:
    `analysis`, `subject`, `ours`, `reported`, `reason`.
    """

    estimates: pl.DataFrame = field(default_factory=ESTIMATES.empty)
    curves: tuple[Curve, ...] = ()
    disagreements: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(
            schema=dict.fromkeys(("analysis", "subject", "ours", "reported", "reason"), pl.String)
        )
    )
