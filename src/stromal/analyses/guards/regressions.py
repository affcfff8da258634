"""Regressions that ask more than their events can tell, and covariates that separate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from stromal.analyses.guards.place import find_place
from stromal.analyses.kind import Answer
from stromal.errors import Issue, Severity, join_words
from stromal.estimates.regression import INFINITE
from stromal.tables.statistics import EVENTS_PER_TERM, HAZARD_RATIO, ODDS_RATIO

LEAST_EVENTS = 10
"""Events for each term of a regression, below which its ratios are unstable. [peduzzi1996]"""

_RATIOS = [ODDS_RATIO.name, HAZARD_RATIO.name]


def guard_events(answers: Sequence[Answer[Any]]) -> Iterator[Issue]:
    """Warn of multivariable regressions with fewer than ten events for each term."""
    for answer in answers:
        few = answer.estimates.filter(
            pl.col("statistic") == EVENTS_PER_TERM.name, pl.col("value") < LEAST_EVENTS
        )
        if few.height:
            names = join_words([f"`{name}` ({value:.1f})" for name, value in
                                few.select("endpoint", "value").iter_rows()])  # fmt: skip
            yield Issue(
                f"fewer than {LEAST_EVENTS} events for each term: {names}",
                column=find_place(answer, "covariates"),
                hint="ask fewer covariates together, or read ratios of single covariates alone",
                severity=Severity.WARNING,
            )


def guard_separation(answers: Sequence[Answer[Any]]) -> Iterator[Issue]:
    """Warn of covariates that separate those with the event from the others."""
    for answer in answers:
        found = answer.estimates.filter(
            pl.col("statistic").is_in(_RATIOS),
            pl.col("method").str.contains(INFINITE, literal=True),
        )
        if found.height:
            names = join_words([f"`{name}`" for name in found["by"].unique(maintain_order=True)])
            yield Issue(
                f"complete separation by {names}: no finite ratio fits",
                column=find_place(answer),
                hint='write `penalty = "firth"` for a finite ratio with an honest interval',
                severity=Severity.WARNING,
            )
