"""Hazards that are not proportional beside a hazard ratio."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from stromal.analyses.guards.place import find_place
from stromal.analyses.kind import Answer
from stromal.errors import Issue, Severity
from stromal.report.words import render_p_value
from stromal.tables.statistics import PROPORTIONAL_HAZARDS_P

DOUBTFUL = 0.05
"""P of the check below which a hazard ratio is questioned; a habit, no boundary."""


def guard_hazards(answers: Sequence[Answer[Any]]) -> Iterator[Issue]:
    """Warn where the check of proportional hazards speaks against a hazard ratio."""
    for answer in answers:
        found = answer.estimates.filter(
            pl.col("statistic") == PROPORTIONAL_HAZARDS_P.name, pl.col("value") < DOUBTFUL
        )
        if found.height:
            p_value = render_p_value(found["value"].min())  # type: ignore[arg-type]
            yield Issue(
                f"hazards do not look proportional in `{answer.use.name}` ({p_value}), so that one "
                "hazard ratio does not say how groups differ",
                column=find_place(answer),
                hint="read the curves, or ask for restricted means (`restricted_mean = 365`)",
                severity=Severity.WARNING,
            )
