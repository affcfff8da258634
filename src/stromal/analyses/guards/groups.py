"""Groups that form after day 0, compared as if they were known on day 0 (immortal time)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from stromal.analyses.guards.place import (
    bind_one,
    compares_times,
    find_grouped,
    find_place,
    list_compared,
)
from stromal.analyses.kind import Answer
from stromal.errors import Issue, Severity
from stromal.protocol.groups import COLUMNS
from stromal.protocol.protocol import Protocol
from stromal.tables.windows import Window


def guard_groups(answers: Sequence[Answer[Any]]) -> Iterator[Issue]:
    """Warn where times are compared between groups that form after day 0, without a landmark."""
    for answer in answers:
        if not compares_times(answer):
            continue
        for name, key in list_compared(answer):
            if forms_later(answer.protocol, name):
                yield Issue(
                    f"`{name}` is decided after day 0: patients must live to be in its groups, so "
                    "that their times are not comparable",
                    column=find_place(answer, key),
                    hint=(
                        "write a grouping with a landmark, `landmark = 28`, and group by it; or "
                        "ask for a regression in which it changes with time, `time_dependent = "
                        '["..."]` with an endpoint that gives the time to it'
                    ),
                    severity=Severity.WARNING,
                )


def forms_later(protocol: Protocol, name: str) -> bool:
    """Tell whether groups are decided after day 0, with no landmark that holds them to a day.

    A covariate is decided later where `baseline` is false, an endpoint unless its window ends by
    day 0.

    Examples
    --------
    >>> from stromal.protocol.read import read_protocol
    >>> forms_later(read_protocol("studies/hsct-engraftment"), "disease_group")
    False
    """
    grouping = protocol.grouping(name)
    if grouping is not None and grouping.landmark is not None:
        return False
    of = find_grouped(protocol, name)
    if of in COLUMNS:
        return False
    if of in protocol.covariates:
        return not protocol.covariates[of].baseline
    if of not in {use.name for use in protocol.endpoints}:
        return False
    bound = bind_one(protocol, of)
    window = None if bound is None else getattr(bound.parameters, "window", None)
    return not (isinstance(window, Window) and window.last <= 0)
