"""Units of model quantities as a size and powers of base units, so that they can be multiplied.

A text is a unit of the registry, one of the units below, or such units with `*`, `/`, `^` and
brackets between them: `1/day`, `10^9/L/day`, `mm3/(cell*day)`. Anything else is unknown, and is
never guessed at.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from stromal.errors import UnknownUnit
from stromal.models.model import Unit
from stromal.units import find_unit

DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Measure:
    """A size in base units, and the power of each (sorted, none zero).

    Examples
    --------
    >>> read_measure("10^9/L/day") == read_measure("10^3/uL") / read_measure("day")
    True
    >>> print(read_measure("1/day") * read_measure("mg/L"))
    1e-06 kg/L/day
    """

    size: float = 1.0
    powers: tuple[tuple[str, Fraction], ...] = ()

    def __mul__(self, other: Measure) -> Measure:
        powers = dict(self.powers)
        for base, power in other.powers:
            powers[base] = powers.get(base, Fraction(0)) + power
        return Measure(self.size * other.size, _sorted(powers))

    def __truediv__(self, other: Measure) -> Measure:
        return self * other ** Fraction(-1)

    def __pow__(self, exponent: Fraction) -> Measure:
        powers = {base: power * exponent for base, power in self.powers}
        return Measure(self.size ** float(exponent), _sorted(powers))

    def fits(self, other: Measure) -> bool:
        """Whether two quantities can be added: same powers, same size."""
        return self.powers == other.powers and math.isclose(self.size, other.size, rel_tol=1e-9)

    @property
    def is_pure(self) -> bool:
        """Whether this is the unit of a pure number."""
        return self.fits(PURE)

    def __str__(self) -> str:
        size, above, below = self.size, "", ""
        for base, power in self.powers:
            name, per = _READABLE.get(base, (base, 1.0))
            shown = power
            if base == "m" and power % 3 == 0:
                name, per, shown = "L", 0.1, power / 3
            size *= per ** -float(power)
            mark = "" if abs(shown) == 1 else f"^{abs(shown)}"
            if shown > 0:
                above += f" {name}{mark}"
            else:
                below += f"/{name}{mark}"
        number = f"{size:.6g}"
        head = above.strip() if number == "1" and above else f"{number}{above}"
        return head + below


def _sorted(powers: Mapping[str, Fraction]) -> tuple[tuple[str, Fraction], ...]:
    return tuple(sorted((base, power) for base, power in powers.items() if power))


def _of(size: float = 1.0, **powers: int) -> Measure:
    return Measure(size, _sorted({base: Fraction(power) for base, power in powers.items()}))


PURE = Measure()
_READABLE = {"s": ("day", DAY), "item": ("cell", 1.0)}

# Base unit of each dimension of the registry.
_DIMENSIONS: Mapping[str, Measure] = {
    "cells per volume": _of(1e12, item=1, m=-3),
    "mass per volume": _of(1.0, kg=1, m=-3),
    "moles per volume": _of(1e3, mol=1, m=-3),
    "enzyme activity": _of(1e3, U=1, m=-3),
    "fraction": PURE,
    "temperature": _of(1.0, degC=1),
    "duration": _of(DAY, s=1),
    "mass": _of(1.0, kg=1),
    "length": _of(1e-3, m=1),
    "volume of tissue": _of(1e-9, m=3),
    "cells per body weight": _of(1.0, item=1, kg=-1),
    "cells": _of(1.0, item=1),
    "drug per body weight": _of(1e-6),
    "drug per body surface": _of(1e-6, kg=1, m=-2),
    "absorbed dose": _of(1.0, Gy=1),
}

# Units that data tables do not have and models do.
_MORE: Mapping[str, Measure] = {
    "L": _of(1e-3, m=3),
    "mL": _of(1e-6, m=3),
    "uL": _of(1e-9, m=3),
    "m": _of(1.0, m=1),
    "m2": _of(1.0, m=2),
    "ug": _of(1e-9, kg=1),
    "ng": _of(1e-12, kg=1),
    "pg": _of(1e-15, kg=1),
    "mol": _of(1.0, mol=1),
    "mmol": _of(1e-3, mol=1),
    "umol": _of(1e-6, mol=1),
    "nmol": _of(1e-9, mol=1),
    "U": _of(1.0, U=1),
    "second": _of(1.0, s=1),
    "minute": _of(60.0, s=1),
    "week": _of(7 * DAY, s=1),
    "year": _of(365.25 * DAY, s=1),
}

# Base kinds of SBML, and the units that its Level 2 has without definition.
_KINDS: Mapping[str, Measure] = {
    "dimensionless": PURE,
    "radian": PURE,
    "steradian": PURE,
    "avogadro": _of(6.02214179e23),
    "item": _of(1.0, item=1),
    "mole": _of(1.0, mol=1),
    "gram": _of(1e-3, kg=1),
    "kilogram": _of(1.0, kg=1),
    "metre": _of(1.0, m=1),
    "litre": _of(1e-3, m=3),
    "second": _of(1.0, s=1),
    "hertz": _of(1.0, s=-1),
    "becquerel": _of(1.0, s=-1),
    "katal": _of(1.0, mol=1, s=-1),
    "gray": _of(1.0, Gy=1),
    "kelvin": _of(1.0, K=1),
    "ampere": _of(1.0, A=1),
    "candela": _of(1.0, cd=1),
    "newton": _of(1.0, kg=1, m=1, s=-2),
    "pascal": _of(1.0, kg=1, m=-1, s=-2),
    "joule": _of(1.0, kg=1, m=2, s=-2),
    "watt": _of(1.0, kg=1, m=2, s=-3),
    "substance": _of(1.0, mol=1),
    "volume": _of(1e-3, m=3),
    "area": _of(1.0, m=2),
    "length": _of(1.0, m=1),
    "time": _of(1.0, s=1),
}

_POWER = re.compile(r"(.+)\^(-?\d+(?:\.\d+)?)")


def read_measure(text: str) -> Measure:
    """The measure of a unit's text.

    Raises
    ------
    UnknownUnit
        A part of the text is no unit that is known.

    Examples
    --------
    >>> read_measure("1/day").powers
    (('s', Fraction(-1, 1)),)
    """
    text = text.strip()
    if text in _MORE:
        return _MORE[text]
    try:
        unit = find_unit(text)
    except UnknownUnit:
        return _read_product(text)
    return _DIMENSIONS[unit.dimension] * Measure(float(unit.factor))


def _read_product(text: str) -> Measure:
    """A text that is no unit by itself, split at its last sign outside brackets."""
    depth = 0
    for at in range(len(text) - 1, 0, -1):
        depth += {")": 1, "(": -1}.get(text[at], 0)
        if depth == 0 and text[at] in "*/":
            left, right = read_measure(text[:at]), read_measure(text[at + 1 :])
            return left * right if text[at] == "*" else left / right
    if text.startswith("(") and text.endswith(")"):
        return read_measure(text[1:-1])
    if power := _POWER.fullmatch(text):
        return read_measure(power[1]) ** Fraction(power[2])
    raise UnknownUnit(f"unit `{text}` is not known")


def measure_of_unit(name: str, units: Mapping[str, Unit]) -> Measure:
    """The measure of a unit that a model defines, or of a base kind.

    Raises
    ------
    UnknownUnit
        The name, or a kind in its definition, is not known.
    """
    if name not in units:
        return _kind(name)
    unit = units[name]
    measure = Measure(unit.multiplier)
    for kind, exponent in unit.factors:
        measure = measure * _kind(kind) ** Fraction(exponent).limit_denominator(1000)
    return measure


def _kind(name: str) -> Measure:
    if name not in _KINDS:
        raise UnknownUnit(f"unit `{name}` is not known")
    return _KINDS[name]
