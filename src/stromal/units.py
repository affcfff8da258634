"""Units: an explicit registry of spellings and factors, and the internal unit of every analyte.

Nothing is parsed out of a unit's text: a spelling is in the registry or it is unknown. Factors are
exact fractions, so that 49 000 /uL is 49 x 10^9/L and not a float beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from stromal.errors import UnknownUnit


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its canonical spelling, its dimension, and its size in the dimension's base unit."""

    name: str
    dimension: str
    factor: Fraction


@dataclass(frozen=True, slots=True)
class Analyte:
    """A laboratory analyte: internal unit, and the range outside which a human value is suspect.

    `per_mole` is grams per mole where the analyte is also reported in moles.
    """

    name: str
    label: str
    unit: str
    low: float
    high: float
    per_mole: Fraction | None = None


def _units(dimension: str, *rows: tuple[str, str, tuple[str, ...]]) -> dict[str, Unit]:
    """Spellings of one dimension: (canonical name, factor to the base unit, other spellings)."""
    table = {}
    for name, factor, others in rows:
        unit = Unit(name, dimension, Fraction(factor))
        for spelling in (name, *others):
            table[_tidy(spelling)] = unit
    return table


def _tidy(text: str) -> str:
    """Spelling without spaces and typographic variants (the micro sign, the times sign)."""
    return text.translate(_TYPOGRAPHY).replace(" ", "")


_TYPOGRAPHY = str.maketrans(
    {"µ": "u", "μ": "u", "×": "x", "⁰": "0", "¹": "1", "²": "2", "³": "3", "⁶": "6", "⁹": "9"}
    | {"⁸": "8", "⁷": "7", "⁵": "5", "⁴": "4", "·": "x", "∙": "x"}
)

UNITS: Mapping[str, Unit] = MappingProxyType(
    {
        **_units(
            "cells per volume",
            (
                "10^9/L",
                "1",
                ("1e9/L", "10*9/L", "x10^9/L", "109/L", "x109/L", "G/L", "G/l", "Gpt/L", "/nL"),
            ),
            (
                "10^3/uL",
                "1",
                ("1e3/uL", "10*3/uL", "x10^3/uL", "K/uL", "103/uL", "thou/uL", "10^3/mcL", "K/mcL"),
            ),
            ("10^3/mm3", "1", ("10^3/mm^3", "K/mm3", "x10^3/mm3", "1000/mm3")),
            ("10^6/mL", "1", ("1e6/mL", "10*6/mL", "x10^6/mL")),
            (
                "/uL",
                "1/1000",
                ("cells/uL", "1/uL", "uL^-1", "per uL", "/mm3", "/mm^3", "cells/mm3", "/mcL"),
            ),
            ("10^6/L", "1/1000", ("1e6/L", "10*6/L", "x10^6/L")),
            (
                "10^12/L",
                "1000",
                ("1e12/L", "10*12/L", "x10^12/L", "T/L", "T/l", "10^6/uL", "10*6/uL"),
            ),
        ),
        **_units(
            "mass per volume",
            ("g/L", "1", ()),
            ("g/dL", "10", ("g/100mL", "g%")),
            ("mg/dL", "1/100", ("mg/100mL", "mg%")),
            ("mg/L", "1/1000", ("ug/mL",)),
            ("ug/dL", "1/100000", ()),
            ("ug/L", "1/1000000", ("ng/mL",)),
            ("pg/mL", "1/1000000000", ("ng/L",)),
        ),
        **_units(
            "moles per volume",
            ("mol/L", "1", ()),
            ("mmol/L", "1/1000", ()),
            ("umol/L", "1/1000000", ()),
            ("nmol/L", "1/1000000000", ()),
        ),
        **_units("enzyme activity", ("U/L", "1", ("IU/L",)), ("ukat/L", "60", ())),
        **_units("fraction", ("1", "1", ("fraction", "ratio")), ("%", "1/100", ("percent",))),
        **_units("temperature", ("degC", "1", ("C", "°C", "Cel"))),
        **_units("duration", ("day", "1", ("d", "days")), ("hour", "1/24", ("h", "hours"))),
        **_units("mass", ("kg", "1", ()), ("g", "1/1000", ()), ("mg", "1/1000000", ())),
        **_units("length", ("mm", "1", ()), ("cm", "10", ())),
        **_units("volume of tissue", ("mm3", "1", ("mm^3",)), ("cm3", "1000", ("cm^3",))),
        **_units(
            "cells per body weight",
            ("cell/kg", "1", ("cells/kg", "/kg")),
            ("10^5 cell/kg", "100000", ("10^5 cells/kg", "10^5/kg", "1e5/kg", "1e5 cells/kg")),
            ("10^6 cell/kg", "1000000", ("10^6 cells/kg", "10^6/kg", "1e6/kg", "1e6 cells/kg")),
            ("10^7 cell/kg", "10000000", ("10^7 cells/kg", "10^7/kg", "1e7/kg", "1e7 cells/kg")),
            ("10^8 cell/kg", "100000000", ("10^8 cells/kg", "10^8/kg", "1e8/kg", "1e8 cells/kg")),
        ),
        **_units(
            "cells",
            ("cell", "1", ("cells",)),
            ("10^5 cell", "100000", ("10^5 cells", "1e5 cells")),
            ("10^6 cell", "1000000", ("10^6 cells", "1e6 cells")),
            ("10^7 cell", "10000000", ("10^7 cells", "1e7 cells")),
            ("10^8 cell", "100000000", ("10^8 cells", "1e8 cells")),
        ),
        **_units("drug per body weight", ("mg/kg", "1", ()), ("ug/kg", "1/1000", ())),
        **_units(
            "drug per body surface", ("mg/m2", "1", ("mg/m^2",)), ("g/m2", "1000", ("g/m^2",))
        ),
        **_units("absorbed dose", ("Gy", "1", ()), ("cGy", "1/100", ("rad",))),
    }
)

# Giga and tera per litre are written with capitals; without them `g/l` is grams.
_CAPITALS_MATTER = {"G/L", "G/l", "T/L", "T/l"}
_ANY_CASE: Mapping[str, Unit] = MappingProxyType(
    {text.lower(): unit for text, unit in UNITS.items() if text not in _CAPITALS_MATTER}
)

ANALYTES: Mapping[str, Analyte] = MappingProxyType(
    {
        analyte.name: analyte
        for analyte in (
            Analyte("haemoglobin", "haemoglobin", "g/L", 20, 250, Fraction(16114)),
            Analyte("platelets", "platelets", "10^9/L", 0, 3000),
            Analyte("leukocytes", "leukocytes", "10^9/L", 0, 1000),
            Analyte("neutrophils", "neutrophils", "10^9/L", 0, 200),
            Analyte("lymphocytes", "lymphocytes", "10^9/L", 0, 500),
            Analyte("monocytes", "monocytes", "10^9/L", 0, 200),
            Analyte("reticulocytes", "reticulocytes", "10^9/L", 0, 1000),
            Analyte("bilirubin", "total bilirubin", "mg/dL", 0, 80, Fraction(100000, 171)),
            Analyte("creatinine", "creatinine", "mg/dL", 0, 40, Fraction(100000, 884)),
            Analyte("crp", "C-reactive protein", "mg/dL", 0, 100),
            Analyte("ferritin", "ferritin", "ng/mL", 0, 300000),
            Analyte("ldh", "lactate dehydrogenase", "U/L", 0, 50000),
            Analyte("temperature", "body temperature", "degC", 30, 44),
            Analyte("body_weight", "body weight", "kg", 0, 400),
            Analyte("tumour_volume", "tumour volume", "mm3", 0, 100000),
        )
    }
)

# Mice differ: platelets run higher, body weight is in grams, and torpor cools them.
_MOUSE_RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"platelets": (0, 5000), "temperature": (20, 42), "body_weight": (0.005, 0.1)}
)


def analyte_range(analyte: str, species: str = "human") -> tuple[float, float]:
    """Lowest and highest value, in the analyte's internal unit, that is not suspect.

    Examples
    --------
    >>> analyte_range("body_weight"), analyte_range("body_weight", "mouse")
    ((0, 400), (0.005, 0.1))
    """
    found = ANALYTES[analyte]
    usual = (found.low, found.high)
    return _MOUSE_RANGES.get(analyte, usual) if species == "mouse" else usual


def find_unit(text: str, analyte: str | None = None) -> Unit:
    """The unit of that spelling; UnknownUnit where the registry has none.

    Files that write every unit in capitals have haemoglobin in `G/L`, which for counts is giga per
    litre: the analyte decides. Counts in `g/l` stay grams, because they may be a shifted cell.

    Examples
    --------
    >>> find_unit("K/µL").name
    '10^3/uL'
    >>> find_unit("G/L", "platelets").name, find_unit("G/L", "haemoglobin").name
    ('10^9/L', 'g/L')
    """
    tidy = _tidy(text)
    spellings = (UNITS.get(tidy), _ANY_CASE.get(tidy.lower()))
    found = [unit for unit in spellings if unit is not None]
    if not found:
        raise UnknownUnit(f"unit `{text}` is not in the registry")
    if analyte is not None and analyte in ANALYTES:
        dimensions = _dimensions(analyte)
        return next((unit for unit in found if unit.dimension in dimensions), found[0])
    return found[0]


def _dimensions(analyte: str) -> set[str]:
    """What the analyte can be measured in."""
    own = ANALYTES[analyte]
    moles = {"moles per volume"} if own.per_mole is not None else set()
    return {UNITS[own.unit].dimension} | moles


def conversion_factor(unit: str, to: str, analyte: str | None = None) -> Fraction:
    """What a value in `unit` is multiplied by to be in `to`.

    Between mass and moles the molar mass of the analyte is used: haemoglobin 16 114 g/mol (one
    chain), bilirubin 17.1 umol/L to 1 mg/dL.

    Raises
    ------
    UnknownUnit
        A spelling is unknown, or the two units do not measure the same thing.

    Examples
    --------
    >>> float(conversion_factor("/uL", "10^9/L") * 49000)
    49.0
    >>> round(float(conversion_factor("umol/L", "mg/dL", "bilirubin") * 34), 2)
    1.99
    """
    source, target = find_unit(unit, analyte), find_unit(to)
    ratio = source.factor / target.factor
    if source.dimension == target.dimension:
        return ratio
    per_mole = ANALYTES[analyte].per_mole if analyte and analyte in ANALYTES else None
    pair = (source.dimension, target.dimension)
    if per_mole is not None and pair == ("moles per volume", "mass per volume"):
        return ratio * per_mole
    if per_mole is not None and pair == ("mass per volume", "moles per volume"):
        return ratio / per_mole
    subject = f" for {analyte}" if analyte else ""
    raise UnknownUnit(f"unit `{unit}` cannot be read as {to}{subject}")


def convert(value: float, unit: str, to: str, analyte: str | None = None) -> float:
    """A value in another unit, exact up to the last rounding.

    Examples
    --------
    >>> convert(9.9, "g/dL", "g/L")
    99.0
    """
    return float(Fraction(str(value)) * conversion_factor(unit, to, analyte))
