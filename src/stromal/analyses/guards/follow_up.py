"""Counts that stop long before the event, or the landmark, that they are compared with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from stromal.analyses.guards.place import (
    bind_one,
    compares_times,
    find_grouped,
    find_place,
    list_compared,
)
from stromal.analyses.kind import Answer
from stromal.errors import Issue, Severity
from stromal.tables.outcomes import EVENT

LONGEST_GAP = 60.0
"""Days [d] between the last count and the event that leave open what happened between; a choice."""
LARGEST_SHARE = 0.25
"""Share of patients with such a gap from which it is told; a choice."""


def guard_counts(answers: Sequence[Answer[Any]]) -> Iterator[Issue]:
    """Warn where counts decide groups, and stop long before what they are compared with."""
    for answer in answers:
        if not compares_times(answer):
            continue
        for name, key in list_compared(answer):
            analytes = _list_analytes(answer, name)
            gaps = (
                _measure_gaps(answer, name, analytes)
                if analytes
                else pl.Series([], dtype=pl.Float64)
            )
            long = int((gaps > LONGEST_GAP).sum())
            if gaps.len() and long > LARGEST_SHARE * gaps.len():
                yield Issue(
                    f"counts behind `{name}` stop more than {LONGEST_GAP:g} days before the event "
                    f"or landmark in {long} of {gaps.len()} patients: what happened later is not "
                    "known",
                    column=find_place(answer, key),
                    hint="choose an earlier landmark, or add the later counts",
                    severity=Severity.WARNING,
                )


def _list_analytes(answer: Answer[Any], name: str) -> list[str]:
    """Analytes that an endpoint is decided by; none for anything else."""
    bound = bind_one(answer.protocol, find_grouped(answer.protocol, name))
    if bound is None:
        return []
    needs = bound.rule.needs(bound.parameters)
    return [item for need in needs if need.table == "labs" for item in need.names]


def _measure_gaps(answer: Answer[Any], name: str, analytes: list[str]) -> pl.Series:
    """Days [d] from the last count of each patient to the landmark, or to the event."""
    setting = answer.setting
    grouping = setting.protocol.grouping(name)
    landmark = None if grouping is None else grouping.landmark
    found = setting.outcomes_of(*answer.endpoints).filter(pl.col("kind") == "time")
    times = found.drop_nulls(["day", "status"])
    if landmark is None:
        ends = times.filter(pl.col("status") == EVENT).select("subject", end="day")
    else:
        ends = times.filter(pl.col("day") > landmark).select("subject", end=pl.lit(landmark))
    labs = setting.patients.labs.filter(pl.col("analyte").is_in(analytes))
    joined = ends.join(labs.select("subject", "day"), on="subject")
    last = (
        joined.filter(pl.col("day") <= pl.col("end"))
        .group_by("subject")
        .agg((pl.col("end").first() - pl.col("day").max()).alias("gap"))
    )
    return last["gap"]
