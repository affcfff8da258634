"""Run every guard on the answers of a cohort."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from stromal.analyses.guards.follow_up import guard_counts
from stromal.analyses.guards.groups import guard_groups
from stromal.analyses.guards.hazards import guard_hazards
from stromal.analyses.guards.regressions import guard_events, guard_separation
from stromal.analyses.guards.tests import guard_multiplicity
from stromal.analyses.kind import Answer
from stromal.errors import Issue
from stromal.tables.cohort import REAL

Answers = Sequence[Answer[Any]]
Guard = Callable[[Answers], Iterator[Issue]]

GUARDS: tuple[Guard, ...] = (
    guard_groups,
    guard_counts,
    guard_hazards,
    guard_events,
    guard_separation,
    guard_multiplicity,
)
"""Every guard; a survival curve with a competing event is asked about where endpoints are bound."""


def guard_answers(answers: Answers) -> tuple[Issue, ...]:
    """Return what is doubtful in the answers of one cohort, as warnings and notes.

    Parameters
    ----------
    answers
        Finished analyses of patients of one origin and replicate.

    Returns
    -------
    tuple of Issue
        Each with the key of its analysis in `protocol.toml`; patients nobody treated are named.

    Examples
    --------
    >>> guard_answers(())
    ()
    """
    if not answers:
        return ()
    origin = answers[0].setting.origin
    whose = "" if origin in REAL else f"{origin} patients: "
    return tuple(
        replace(issue, message=f"{whose}{issue.message}", table="protocol.toml")
        for guard in GUARDS
        for issue in guard(answers)
    )
