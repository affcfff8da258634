"""Clinical scales: their items, and the values that each item takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from stromal.tables.vocabulary.files import read_objects


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a scale: either `low` to `high` as a number, or one of `labels`."""

    label: str
    low: float | None = None
    high: float | None = None
    whole: bool = True
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scale:
    """A clinical scale and its items by name."""

    label: str
    items: Mapping[str, Item] = field(default_factory=dict)
    source: str = ""


def _read(data: Mapping[str, Any]) -> Scale:
    items = {
        name: Item(**{**item, "labels": tuple(item.get("labels", ()))})
        for name, item in data["items"].items()
    }
    return Scale(data["label"], items, data["source"])


SCALES: Mapping[str, Scale] = MappingProxyType(
    {name: _read(data) for name, data in read_objects("scales")}
)
"""Scales that every study knows; a protocol declares more, and more items."""
