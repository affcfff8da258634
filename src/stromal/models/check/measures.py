"""Units that a model defines, as measures of the algebra that laboratory units share."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from stromal.errors import UnknownUnit
from stromal.measures import PURE, Measure, measure
from stromal.models.model import Unit

# Base kinds of SBML, and the units that its Level 2 has without definition.
_KINDS: Mapping[str, Measure] = {
    "dimensionless": PURE,
    "radian": PURE,
    "steradian": PURE,
    "avogadro": measure("6.02214179e23"),
    "item": measure(1, item=1),
    "mole": measure(1, mol=1),
    "gram": measure("1/1000", kg=1),
    "kilogram": measure(1, kg=1),
    "metre": measure(1, m=1),
    "litre": measure("1/1000", m=3),
    "second": measure(1, s=1),
    "hertz": measure(1, s=-1),
    "becquerel": measure(1, s=-1),
    "katal": measure(1, mol=1, s=-1),
    "gray": measure(1, Gy=1),
    "kelvin": measure(1, K=1),
    "ampere": measure(1, A=1),
    "candela": measure(1, cd=1),
    "newton": measure(1, kg=1, m=1, s=-2),
    "pascal": measure(1, kg=1, m=-1, s=-2),
    "joule": measure(1, kg=1, m=2, s=-2),
    "watt": measure(1, kg=1, m=2, s=-3),
    "substance": measure(1, mol=1),
    "volume": measure("1/1000", m=3),
    "area": measure(1, m=2),
    "length": measure(1, m=1),
    "time": measure(1, s=1),
}


def measure_of_unit(name: str, units: Mapping[str, Unit]) -> Measure:
    """Return the measure of a unit that a model defines, or of a base kind.

    Raises
    ------
    UnknownUnit
        The name, or a kind in its definition, is not known.
    """
    if name not in units:
        return _kind(name)
    unit = units[name]
    if not math.isfinite(unit.multiplier):
        raise UnknownUnit(f"unit `{name}` has no finite size")
    found = Measure(Fraction(unit.multiplier))
    for kind, exponent in unit.factors:
        found = found * _kind(kind) ** Fraction(exponent).limit_denominator(1000)
    return found


def _kind(name: str) -> Measure:
    if name not in _KINDS:
        raise UnknownUnit(f"unit `{name}` is not known")
    return _KINDS[name]
