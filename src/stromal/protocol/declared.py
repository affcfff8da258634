"""Analytes, events and scales that a study declares beyond those that every study knows."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated

from pydantic import Field

from stromal.errors import UnknownUnit
from stromal.tables.vocabulary.analytes import Analyte
from stromal.tables.vocabulary.scales import Item, Scale
from stromal.tables.vocabulary.vocabulary import SHARED, Vocabulary
from stromal.toml.part import Name, Part, Positive
from stromal.units import find_unit

Label = Annotated[str, Field(min_length=1)]


class DeclaredAnalyte(Part):
    """An analyte of this study: the unit it is kept in, and the values that are not suspect.

    `grams_per_mole` is needed only where it is reported both by mass and in moles.
    """

    label: Label
    unit: Label
    low: float | None = None
    high: float | None = None
    grams_per_mole: Positive | None = None


class DeclaredEvent(Part):
    """An event name of this study beyond the shared list."""

    label: Label


class DeclaredItem(Part):
    """An item of a scale: a number from `low` to `high`, or one of `labels`."""

    label: Label
    low: float | None = None
    high: float | None = None
    whole: bool = True
    labels: tuple[str, ...] = ()


class DeclaredScale(Part):
    """A scale of this study, or more items of a scale that every study knows."""

    label: str = ""
    items: Annotated[dict[Name, DeclaredItem], Field(min_length=1)]


def build_vocabulary(
    analytes: Mapping[str, DeclaredAnalyte],
    events: Mapping[str, DeclaredEvent],
    scales: Mapping[str, DeclaredScale],
) -> Vocabulary:
    """Return the shared vocabulary and what a study declares; what is shared stays as it is.

    Examples
    --------
    >>> cells = DeclaredAnalyte(label="regulatory T cells", unit="/uL", low=0, high=500)
    >>> build_vocabulary({"regulatory_t_cells": cells}, {}, {}).analytes["regulatory_t_cells"].unit
    '/uL'
    """
    return SHARED.extended(
        {name: _analyte(name, declared) for name, declared in analytes.items()},
        {name: declared.label for name, declared in events.items()},
        {name: _scale(name, declared) for name, declared in scales.items()},
    )


def _analyte(name: str, declared: DeclaredAnalyte) -> Analyte:
    try:
        unit = find_unit(declared.unit).name
    except UnknownUnit:
        unit = declared.unit
    grams = declared.grams_per_mole
    return Analyte(
        name,
        declared.label,
        unit,
        (declared.low, declared.high),
        per_mole=None if grams is None else Fraction(str(grams)),
        source="protocol",
    )


def _scale(name: str, declared: DeclaredScale) -> Scale:
    items = {
        item: Item(each.label, each.low, each.high, each.whole, each.labels)
        for item, each in declared.items.items()
    }
    return Scale(declared.label or name.replace("_", " "), items, "protocol")
