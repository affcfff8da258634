"""Checks of the names that a protocol declares: new ones, in units that are known."""

from __future__ import annotations

from collections.abc import Iterator

from stromal.errors import Issue, UnknownUnit
from stromal.protocol.declared import DeclaredItem
from stromal.protocol.protocol import Protocol
from stromal.tables.vocabulary.vocabulary import SHARED
from stromal.units import find_unit

_TABLE = "protocol.toml"
_LEAVE = "leave it out, or choose another name where it means something else"


def check_events(protocol: Protocol) -> Iterator[Issue]:
    """Events of the study do not redefine the shared ones."""
    for name in protocol.events:
        if name in SHARED.events:
            message = f"event `{name}` is known to every study: {SHARED.events[name]}"
            yield Issue(message, _TABLE, column=f"events.{name}", hint=_LEAVE)


def check_analytes(protocol: Protocol) -> Iterator[Issue]:
    """Analytes of the study are new, have a unit that is known, and a range in order."""
    for name, analyte in protocol.analytes.items():
        column = f"analytes.{name}"
        if name in SHARED.analytes:
            known = SHARED.analytes[name]
            message = f"analyte `{name}` is known to every study: {known.label}, in {known.unit}"
            yield Issue(message, _TABLE, column=column, hint=_LEAVE)
        try:
            find_unit(analyte.unit)
        except UnknownUnit:
            message, hint = f"unit `{analyte.unit}` is not known", "write it as in 10^9/L or mg/dL"
            yield Issue(message, _TABLE, column=f"{column}.unit", hint=hint)
        yield from _check_range(analyte.low, analyte.high, column)


def check_scales(protocol: Protocol) -> Iterator[Issue]:
    """Items of the study's scales are new, and take either numbers in order or labels."""
    for name, scale in protocol.scales.items():
        known = SHARED.scales[name].items if name in SHARED.scales else {}
        for item, declared in scale.items.items():
            column = f"scales.{name}.items.{item}"
            if item in known:
                message = f"item `{item}` of `{name}` is known to every study"
                yield Issue(message, _TABLE, column=column, hint=_LEAVE)
            yield from _check_item(declared, column)


def _check_item(item: DeclaredItem, column: str) -> Iterator[Issue]:
    if item.labels and (item.low is not None or item.high is not None):
        message = "both labels and a range are given"
        yield Issue(message, _TABLE, column=column, hint="write `labels`, or `low` and `high`")
    if len({label.lower() for label in item.labels}) < len(item.labels):
        message = "labels are not words of their own; capitals do not count"
        yield Issue(message, _TABLE, column=f"{column}.labels", hint="write each label once")
    yield from _check_range(item.low, item.high, column)


def _check_range(low: float | None, high: float | None, column: str) -> Iterator[Issue]:
    if low is not None and high is not None and low >= high:
        message = f"low {low:g} is not below high {high:g}"
        yield Issue(message, _TABLE, column=column, hint="exchange the two")
