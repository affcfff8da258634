"""Where an analysis stands in the protocol, and what it compares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stromal.analyses.kind import Answer
from stromal.analyses.panels import list_groupings
from stromal.endpoints.bind import Bound, try_bind
from stromal.protocol.protocol import Protocol


def find_place(answer: Answer[Any], key: str = "") -> str:
    """Return the key path of an analysis, or of one of its keys: `analyses[2].by`."""
    names = [use.name for use in answer.protocol.analyses]
    place = f"analyses[{names.index(answer.use.name)}]"
    return f"{place}.{key}" if key else place


def list_compared(answer: Answer[Any]) -> Iterator[tuple[str, str]]:
    """Yield what makes the groups or terms of an analysis, with the key that names it."""
    by = getattr(answer.use, "by", None)
    if isinstance(by, str):
        yield by, "by"
    elif isinstance(by, tuple):
        for place, written in enumerate(by):
            for name in list_groupings((written,), answer.protocol):
                yield name, f"by[{place}]"
    for place, name in enumerate(getattr(answer.use, "covariates", ())):
        yield name, f"covariates[{place}]"


def compares_times(answer: Answer[Any]) -> bool:
    """Tell whether the analysis is about a time to an event."""
    return any(answer.setting.kind_of(name) == "time" for name in answer.endpoints)


def find_grouped(protocol: Protocol, name: str) -> str:
    """Return the covariate or endpoint that a grouping groups; the name itself of any other."""
    grouping = protocol.grouping(name)
    return name if grouping is None else grouping.of


def bind_one(protocol: Protocol, name: str) -> Bound | None:
    """Return the endpoint of that name, bound; None where there is none, or it cannot be."""
    bound, _ = try_bind(protocol)
    return next((item for item in bound if item.name == name), None)
