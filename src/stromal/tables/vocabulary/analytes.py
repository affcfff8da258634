"""Analytes: the unit each is kept in, the values a body can have, and how it converts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from stromal.errors import UnknownUnit
from stromal.tables.vocabulary.files import read_rows, split_list
from stromal.units import Unit, conversion_factor, find_unit

Range = tuple[float | None, float | None]
_OPEN: Range = (None, None)


@dataclass(frozen=True, slots=True)
class Analyte:
    """A laboratory analyte and the unit that its values are kept in.

    Attributes
    ----------
    plausible
        Lowest and highest value [unit] of a human that is not suspect; None where open.
    mouse
        The same of a mouse, where it differs.
    normal
        Usual limits of normal of a human adult [unit], to tell units apart and for nothing else.
    per_mole
        Grams per mole, where the analyte is also reported in moles.
    synonyms
        Other printed names. They are suggested and never read.
    """

    name: str
    label: str
    unit: str
    plausible: Range = _OPEN
    mouse: Range | None = None
    normal: Range = _OPEN
    per_mole: Fraction | None = None
    synonyms: tuple[str, ...] = ()
    source: str = ""

    def limits(self, species: str = "human") -> Range:
        """Return the lowest and highest value [unit] that is not suspect in a species."""
        return self.mouse if species == "mouse" and self.mouse is not None else self.plausible

    def find_unit(self, text: str) -> Unit:
        """Return the unit of a text as this analyte has it: `G/L` of haemoglobin is grams."""
        return find_unit(text, self.unit)

    def factor(self, unit: str, to: str | None = None) -> Fraction:
        """Return what a value in `unit` is multiplied by to be in `to`, or in the own unit.

        Raises
        ------
        UnknownUnit
            The unit is unknown, or does not measure this analyte.
        """
        to = to or self.unit
        try:
            return conversion_factor(unit, to, self.per_mole)
        except UnknownUnit:
            self.find_unit(unit)
        raise UnknownUnit(f"unit `{unit}` cannot be read as {to} for {self.name}")

    def convert(self, value: float, unit: str, to: str | None = None) -> float:
        """Return a value in another unit, exact up to the last rounding.

        Examples
        --------
        >>> ANALYTES["haemoglobin"].convert(9.9, "g/dL")
        99.0
        """
        return float(Fraction(str(value)) * self.factor(unit, to))


def _number(cell: str) -> float | None:
    return float(cell) if cell else None


def _read(row: Mapping[str, str]) -> Analyte:
    mouse = (_number(row["mouse_low"]), _number(row["mouse_high"]))
    above, _, below = row["g_per_mole"].partition("/")
    return Analyte(
        name=row["name"],
        label=row["label"],
        unit=row["unit"],
        plausible=(_number(row["low"]), _number(row["high"])),
        mouse=mouse if mouse != _OPEN else None,
        normal=(_number(row["normal_low"]), _number(row["normal_high"])),
        per_mole=Fraction(above) / Fraction(below or "1") if above else None,
        synonyms=split_list(row["synonyms"]),
        source=row["source"],
    )


ANALYTES: Mapping[str, Analyte] = MappingProxyType(
    {row["name"]: _read(row) for row in read_rows("analytes.csv")}
)
"""Analytes that every study knows; a protocol declares more."""
