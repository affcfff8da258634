"""Checks of keys that several kinds of analysis share; columns are relative to the analysis."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from stromal.errors import Issue
from stromal.protocol.order import check_order
from stromal.protocol.protocol import Protocol
from stromal.toml.explain import suggest

Labels = Mapping[str, tuple[str, ...]]


def check_days(use: Any, _protocol: Protocol, _labels: Labels) -> Iterator[Issue]:  # noqa: ANN401
    """Check that `days` go upwards, each once."""
    yield from check_order(use.days, "days")


def check_known(what: str, name: str, column: str, known: Collection[str]) -> Iterator[Issue]:
    """Check that a name is among the known ones, and suggest one that is near."""
    if name not in known:
        yield Issue(f"{what} `{name}` is not known here", column=column, hint=suggest(name, known))


def check_label(endpoint: str, label: str, column: str, known: Collection[str]) -> Iterator[Issue]:
    """Check that an endpoint can give a label; one whose labels are not known is not judged."""
    if known and label not in known:
        message = f"`{endpoint}` never gives the label `{label}`"
        yield Issue(message, column=column, hint=f"its labels are {', '.join(known)}")
