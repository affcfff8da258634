"""What a page is told of simulated trials: numbers, and what must be said with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from stromal.report.figures.figure import Figure
from stromal.tables.predictions import PREDICTIONS


@dataclass(frozen=True, slots=True)
class ShownSimulation:
    """What a page says of simulated trials.

    `failures` counts patients who have no numbers by reason; `assumed`, `fitted`,
    `predicted` and `unknown` are sentences.
    """

    predictions: pl.DataFrame = field(default_factory=PREDICTIONS.empty)
    model: str = ""
    version: str = ""
    replicates: int = 0
    patients: int = 0
    seed: int = 0
    failures: Mapping[str, int] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()
    fitted: tuple[str, ...] = ()
    predicted: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything was simulated."""
        return self.replicates > 0
