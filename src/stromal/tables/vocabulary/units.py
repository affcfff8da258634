"""Units that hints offer and the documentation lists; every other follows from the grammar."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from stromal.tables.vocabulary.files import read_rows
from stromal.units import Unit, find_unit

UNITS: Mapping[str, Unit] = MappingProxyType(
    {row["unit"]: find_unit(row["unit"]) for row in read_rows("units.csv")}
)
"""Usual units by their canonical spelling, grouped by what they measure."""

SPELLINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        row["unit"]: tuple(text for text in row["also_read"].split(", ") if text)
        for row in read_rows("units.csv")
    }
)
"""Examples of how each of them is also written."""


def list_units(*dimensions: str) -> tuple[str, ...]:
    """Return usual units of these dimensions, in the order of the dimensions.

    Examples
    --------
    >>> list_units("absorbed dose", "temperature")
    ('Gy', 'cGy', 'degC')
    """
    return tuple(
        name for each in dimensions for name, unit in UNITS.items() if unit.dimension == each
    )
