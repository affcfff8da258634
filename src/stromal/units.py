"""Units as sizes and powers of base quantities, and the spellings that laboratories print.

A unit is read by its grammar: a power of ten, and units of the table below with `*`, `/`, `^` and
brackets between them. `10^4/uL`, `x10E3/uL`, `Tsd/µl` and `lakh/cumm` follow from the same few
rows. Anything else is unknown, and is never guessed at. Sizes are exact fractions, so that
49 000 /uL is 49 x 10^9/L and not a float beside it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from stromal.errors import UnknownUnit
from stromal.measures import DAY, PURE, Measure, measure

LONGEST = 100
"""Letters of a unit's text that are looked at; a longer text is no unit."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its canonical spelling, what it measures in words, and its size in base units."""

    name: str
    dimension: str
    factor: Fraction


# The table of spellings ---------------------------------------------------------------------------

_PREFIXES = {"": 0, "k": 3, "d": -1, "c": -2, "m": -3, "u": -6, "mc": -6, "n": -9, "p": -12}
_PREFIXES["f"] = -15

# Canonical spelling, prefixes that it takes, measure, other spellings that take them too.
_PREFIXED: tuple[tuple[str, str, Measure, tuple[str, ...]], ...] = (
    ("g", "k d m u mc n p f", measure("1/1000", kg=1), ()),
    ("L", "d c m u mc n p f", measure("1/1000", m=3), ("l",)),
    ("m", "d c m u n", measure(m=1), ()),
    ("mol", "m u mc n p f", measure(mol=1), ()),
    ("U", "k m u n", measure(U=1), ("IU",)),
    ("kat", "m u n", measure(60_000_000, U=1), ()),
    ("Gy", "c m", measure(Gy=1), ()),
)
# Canonical spelling, measure, other spellings. The canonical one may stand in the table above.
_PLAIN: tuple[tuple[str, Measure, str], ...] = (
    ("cell", measure(item=1), "cells zelle zellen cellule cellules célula células 個 个"),
    ("particle", measure(particle=1), "particles"),
    ("copy", measure(copy=1), "copies"),
    ("g", measure("1/1000", kg=1), "gm gms gram grams г"),
    ("L", measure("1/1000", m=3), "litre litres liter liters л"),
    ("mL", measure("1/1000000", m=3), "cc millilitre milliliter мл"),
    ("dL", measure("1/10000", m=3), "дл"),
    ("uL", measure("1/1000000000", m=3), "microlitre microliter мкл"),
    ("kg", measure(kg=1), "кг"),
    ("mg", measure("1/1000000", kg=1), "мг"),
    ("ug", measure("1/1000000000", kg=1), "мкг"),
    ("mmol", measure("1/1000", mol=1), "ммоль"),
    ("umol", measure("1/1000000", mol=1), "мкмоль"),
    ("day", measure(DAY, s=1), "d days"),
    ("hour", measure(3600, s=1), "h hr hrs hours"),
    ("minute", measure(60, s=1), "min minutes"),
    ("second", measure(s=1), "s sec seconds"),
    ("week", measure(7 * DAY, s=1), "weeks"),
    ("year", measure(Fraction(1461, 4) * DAY, s=1), "years"),
    ("degC", measure(degC=1), "C Cel"),
    ("cGy", measure("1/100", Gy=1), "rad"),
    ("%", measure("1/100"), "percent"),
    ("1", PURE, "fraction ratio"),
    ("1.73 m2", measure("1.73", m=2), "1.73m2"),
)
# Molar concentrations, read in these capitals only: `MM` may be millimetres.
_MOLAR = {"mM": "mmol", "uM": "umol", "nM": "nmol", "pM": "pmol"}

# Words for a power of ten before a count. `mil` is absent: a million in English, a thousand in
# Spanish and Portuguese.
_WORDS = {
    3: "k thousand thousands thou thous thsd tsd tys tis тыс 千",
    4: "万",
    5: "lakh lakhs lac lacs",
    6: "million millions mio mill mln млн",
    8: "億 亿",
    9: "billion billions bn mrd mld mlrd milliard gpt млрд",
    12: "tpt",
}
# Letters for a power of ten, read in capitals only: `g/l` is grams.
_LETTERS = {"M": 6, "G": 9, "T": 12}


def _spell() -> tuple[dict[str, tuple[str, Measure]], dict[str, tuple[str, Measure]]]:
    """Units by spelling, as it is written and in small letters."""
    exact: dict[str, tuple[str, Measure]] = {}
    for name, prefixes, size, others in _PREFIXED:
        for prefix in ("", *prefixes.split()):
            canonical = prefix.replace("mc", "u") + name
            found = (canonical, size * Measure(Fraction(10) ** _PREFIXES[prefix]))
            exact |= {prefix + each: found for each in (name, *others)}
    for name, size, spellings in _PLAIN:
        exact |= dict.fromkeys((name, *spellings.split()), (name, size))
    # Metre and second have no capital; `M` is molar or mega, `S` is siemens.
    folded = {text.lower(): found for text, found in exact.items() if text not in {"m", "s"}}
    molar = {text: (f"{name}/L", exact[name][1] / exact["L"][1]) for text, name in _MOLAR.items()}
    return exact | molar, folded


_EXACT, _FOLDED = _spell()
_TENS = {word: power for power, words in _WORDS.items() for word in words.split()}

_DIMENSIONS: Mapping[Measure, str] = {
    measure(item=1, m=-3): "cells per volume",
    measure(kg=1, m=-3): "mass per volume",
    measure(mol=1, m=-3): "moles per volume",
    measure(U=1, m=-3): "enzyme activity",
    measure(particle=1, m=-3): "particles per volume",
    measure(copy=1, m=-3): "copies per volume",
    measure(copy=1, kg=-1): "copies per mass",
    PURE: "fraction",
    measure(degC=1): "temperature",
    measure(s=1): "duration",
    measure(kg=1): "mass",
    measure(mol=1): "moles",
    measure(m=1): "length",
    measure(m=2): "area",
    measure(m=3): "volume",
    measure(m=3, s=-1): "volume per time",
    measure(item=1, body=-1): "cells per body weight",
    measure(item=1): "cells",
    measure(particle=1, body=-1): "particles per body weight",
    measure(particle=1): "particles",
    measure(kg=1, body=-1): "drug per body weight",
    measure(kg=1, m=-2): "drug per body surface",
    measure(U=1, body=-1): "drug units per body weight",
    measure(U=1, m=-2): "drug units per body surface",
    measure(U=1): "drug units",
    measure(m=3, body=-1): "volume per body weight",
    measure(Gy=1): "absorbed dose",
}

# Reading a unit's text ----------------------------------------------------------------------------

_TYPOGRAPHY = str.maketrans("μ×✕·⋅∙−–∕⁄ˆ", "uxx***--//^") | {ord("°"): "deg"}
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_REWRITES = (
    (r"\{[^{}]*\}", ""),  # annotations of UCUM: 10*3{cells}/uL
    (r"\[iu\]", "IU"),
    (r"\bcu\.?\s*mm\b\.?|\bc\.?mm\b\.?", "mm3"),
    (r"\b100\s*(ml|cc)\b", "dL"),
    (r"^\s*(m?g|gm)\s*%$", r"\1/dL"),
    (r"\s+(?=[^\W\d_]+\^?-\d)", "*"),  # 10^9 L^-1
    (r"\s", ""),
)
# Powers of ten: 10^9, 10*9, 10**9, 10x9, 10E9, 10(9), 1e9, E9, 1000, and 109 where the raised nine
# was lost. `10E9` is 10^9 as laboratories write it, not ten times that; `1e9` is the number.
_TEN = re.compile(
    r"10(?:\^|\*\*?|e\+?|exp|x)0*(\d{1,2})(?!\d)|10[(\[](\d{1,2})[)\]]|1(?:\.0+)?e\+?0*(\d{1,2})(?!\d)"
    r"|e\+?0*(\d{1,2})(?=/|[^\W\d_])|10([2-9]|12)(?!\d)|1(0*)(?![\d.])",
    re.IGNORECASE,
)
_WORD = re.compile(
    rf"({'|'.join(sorted(_TENS, key=len, reverse=True))}|[mgt])\.?(?=/|cell|zelle|célula|particle)",
    re.IGNORECASE,
)
_NAME = re.compile(r"1\.73m\^?2|%|[^\W\d_]+")
_POWER = re.compile(r"\^?(-?\d+)(?![\d.])|\^(-?\d+\.\d+)")


def _tidy(text: str) -> str:
    """Return the text without spaces, typographic variants and annotations."""
    text = re.sub(r"[⁰¹²³⁴-⁹⁻]+", lambda found: "^" + found[0].translate(_SUPERSCRIPTS), text)
    text = unicodedata.normalize("NFKC", text).translate(_TYPOGRAPHY)
    if "/" not in text:
        text = re.sub(r"(^|\s+)per\s+", "/", text, flags=re.IGNORECASE)
    for pattern, written in _REWRITES:
        text = re.sub(pattern, written, text, flags=re.IGNORECASE)
    return text


@dataclass(frozen=True, slots=True)
class _Product:
    """A power of ten, and units by their canonical spelling with the power of each."""

    ten: int = 0
    units: Mapping[str, Fraction] = field(default_factory=dict)

    def times(self, other: _Product, power: Fraction = Fraction(1)) -> _Product:
        units = dict(self.units)
        for name, exponent in other.units.items():
            units[name] = units.get(name, Fraction(0)) + exponent * power
        ten = other.ten * power
        if ten.denominator != 1 or any(abs(n) > 100 for n in (self.ten + ten, *units.values())):
            raise UnknownUnit("no power that a unit has")
        return _Product(self.ten + int(ten), {n: power for n, power in units.items() if power})

    def measure(self, *, body: bool) -> Measure:
        """Return its measure; with `body`, a kilogram below the line is of body weight."""
        size = Measure(Fraction(10) ** self.ten)
        for name, power in self.units.items():
            own = _BODY if body and name == "kg" and power < 0 else _CANONICAL[name]
            size = size * own**power
        return size

    @property
    def name(self) -> str:
        """The canonical spelling."""
        units = dict(self.units)
        if units.get("cell") == 1 and _is_volume(units, below=True):
            del units["cell"]
        above = "*".join(_spell_power(n, power) for n, power in units.items() if power > 0)
        below = "".join(f"/{_spell_power(n, -power)}" for n, power in units.items() if power < 0)
        counted = "cell" in self.units and "cell" not in units
        ten = f"10^{self.ten}" if self.ten else ""
        if not above and not counted and not ten:
            ten = "1"
        return " ".join(part for part in (ten, above) if part) + below


def _spell_power(name: str, power: Fraction) -> str:
    mark = "" if name in _LENGTHS and power in {2, 3} else "^"
    return name if power == 1 else f"{name}{mark}{power}"


def _is_volume(units: Mapping[str, Fraction], *, below: bool = False) -> bool:
    """Tell whether the units are one volume; with `below`, whether cells stand over one."""
    others = {name: power for name, power in units.items() if not below or name != "cell"}
    if len(others) != 1:
        return False
    ((name, power),) = others.items()
    size = _CANONICAL[name] ** (-power if below else power)
    return size.powers == (("m", Fraction(3)),)


_CANONICAL = {name: size for name, size in _EXACT.values() if "/" not in name}
_BODY = measure(body=1)
_SMALL = {"uL", "nL", "pL", "mm"}
_LENGTHS = {"m", "dm", "cm", "mm", "um", "nm"}


class _Reader:
    """Read a tidy text by the grammar; `fold` takes capitals for small letters."""

    def __init__(self, text: str, *, fold: bool) -> None:
        self.text, self.fold, self.at = text, fold, 0

    def read(self) -> _Product:
        product = self.expression()
        if self.at < len(self.text):
            raise UnknownUnit(f"unit `{self.text}` is not known")
        # 10^9 L^-1 and uL^-1 are counts as well; L^-1 alone is none.
        if _is_volume(product.units, below=True) and (product.ten or _SMALL & product.units.keys()):
            return _Product(product.ten, {"cell": Fraction(1), **product.units})
        return product

    def expression(self) -> _Product:
        product = self.head()
        while self.at < len(self.text) and self.text[self.at] in "*/.":
            sign = -1 if self.text[self.at] == "/" else 1
            self.at += 1
            product = product.times(self.factor(), Fraction(sign))
        return product

    def head(self) -> _Product:
        """Read the first factor; a power of ten over a volume or over kg counts cells."""
        if self.rest.startswith("/"):
            return self.counted(0, weight=True)
        if re.match(r"[xX*](?=[\dEe])", self.rest):
            self.at += 1
        word = _WORD.match(self.text, self.at)
        if word is not None and (ten := self.word(word[1])) is not None:
            self.at = word.end()
            if not self.rest.startswith("/"):
                return _Product(ten).times(self.factor())
            return self.counted(ten, weight=word[1].lower() not in {"k", "m", "g", "t"})
        number = _TEN.match(self.text, self.at)
        if number is None:
            return self.factor()
        return self.numbered(number)

    def numbered(self, number: re.Match[str]) -> _Product:
        """Read the rest of a factor that begins with a power of ten."""
        *powers, zeros = number.groups()
        ten = next((int(power) for power in powers if power), len(zeros or ""))
        self.at = number.end()
        if self.rest.startswith("/"):
            try:
                # `1/day` and `1/L` are rates and no counts; `1/nL` is a count.
                small = ten > 0 or re.match(r"/(u|mc|n|p|µ)l|/mm\^?3", self.rest, re.IGNORECASE)
                return self.counted(ten, weight=ten > 0) if small else _Product(ten)
            except UnknownUnit:
                return _Product(ten)
        if self.rest and self.rest[0] not in "*.)":
            if re.match(r"x(cell|particle)", self.rest, re.IGNORECASE):
                self.at += 1
            return _Product(ten).times(self.factor())
        return _Product(ten)

    def counted(self, ten: int, *, weight: bool) -> _Product:
        """Return a number of cells where a volume, or a body weight, follows the slash."""
        ahead = _Reader(self.text, fold=self.fold)
        ahead.at = self.at + 1
        below = ahead.factor().units
        if not _is_volume(below) and not (weight and below == {"kg": 1}):
            raise UnknownUnit(f"unit `{self.text}` is not known")
        return _Product(ten, {"cell": Fraction(1)})

    def word(self, text: str) -> int | None:
        """Return the power of ten that a word or letter stands for."""
        if text.lower() in _TENS:
            return _TENS[text.lower()]
        if text == "M" or (text in _LETTERS and not self.fold and self.rest[1:] in {"/L", "/l"}):
            return _LETTERS[text]
        return None

    def factor(self) -> _Product:
        """Read a unit, a power of ten or a bracket, and the power that follows."""
        if self.rest.startswith("("):
            self.at += 1
            product = self.expression()
            if not self.rest.startswith(")"):
                raise UnknownUnit(f"unit `{self.text}` is not known")
            self.at += 1
        elif name := _NAME.match(self.text, self.at):
            self.at = name.end()
            product = self.unit(name[0])
        elif number := re.match(r"10*(?=[^\W\d_])", self.rest):
            self.at += number.end()
            return _Product(len(number[0]) - 1).times(self.factor())
        else:
            raise UnknownUnit(f"unit `{self.text}` is not known")
        power = _POWER.match(self.text, self.at)
        if power is None:
            return product
        self.at = power.end()
        return _Product().times(product, Fraction(power[1] or power[2]))

    def unit(self, text: str) -> _Product:
        text = text.replace("^", "")
        found = _EXACT.get(text) or (_FOLDED.get(text.lower()) if self.fold else None)
        if found is None:
            raise UnknownUnit(f"unit `{text}` is not known")
        name = found[0]
        if name == "1":
            return _Product()
        if name.endswith("/L"):
            return _Product(0, {name[:-2]: Fraction(1), "L": Fraction(-1)})
        return _Product(0, {name: Fraction(1)})

    @property
    def rest(self) -> str:
        return self.text[self.at :]


@lru_cache(4096)
def _read(text: str) -> tuple[_Product, ...]:
    """Return what a text can mean, its capitals taken as they are first; empty where unknown."""
    found: list[_Product] = []
    tidy = _tidy(text[: LONGEST + 1])
    for fold in (False, True) if 0 < len(text) <= LONGEST else ():
        try:
            product = _Reader(tidy, fold=fold).read()
        except (UnknownUnit, ZeroDivisionError, OverflowError):
            continue
        # A power of ten alone measures nothing: `10^6` may be cells, or cells per kg.
        if (product.units or not product.ten) and product not in found:
            found.append(product)
    return tuple(found)


def read_measure(text: str) -> Measure:
    """Return the measure of a unit's text.

    Raises
    ------
    UnknownUnit
        A part of the text is no unit that is known.

    Examples
    --------
    >>> read_measure("1/day").powers
    (('s', Fraction(-1, 1)),)
    """
    found = _read(text.strip())
    if not found:
        raise UnknownUnit(f"unit `{text}` is not known")
    return found[0].measure(body=False)


def _unit(product: _Product) -> Unit:
    size = product.measure(body=True)
    words = _DIMENSIONS.get(Measure(Fraction(1), size.powers))
    return Unit(product.name, words or str(Measure(Fraction(1), size.powers)), size.factor)


def find_unit(text: str, like: str | None = None) -> Unit:
    """Return the unit of a text; UnknownUnit where it has none.

    Files that write every unit in capitals have haemoglobin in `G/L`, which for counts is giga per
    litre: `like`, a unit of the same thing, decides. Counts in `g/l` stay grams, because they may
    be a shifted cell.

    Examples
    --------
    >>> find_unit("K/µL").name, find_unit("10E9/L").name, find_unit("lakh/cumm").name
    ('10^3/uL', '10^9/L', '10^5/mm3')
    >>> find_unit("G/L").name, find_unit("G/L", "g/dL").name
    ('10^9/L', 'g/L')
    """
    found = [_unit(product) for product in _read(text)]
    if not found:
        raise UnknownUnit(f"unit `{text}` is not known")
    if like is not None and len(found) > 1:
        wanted = find_unit(like).dimension
        return next((unit for unit in found if unit.dimension == wanted), found[0])
    return found[0]


@lru_cache(4096)
def conversion_factor(unit: str, to: str, per_mole: Fraction | None = None) -> Fraction:
    """Return what a value in `unit` is multiplied by to be in `to`.

    Parameters
    ----------
    per_mole
        Grams per mole, to convert between mass and moles per volume.

    Raises
    ------
    UnknownUnit
        A spelling is unknown, or the two units do not measure the same thing.

    Examples
    --------
    >>> float(conversion_factor("/uL", "10^9/L") * 49000)
    49.0
    >>> float(conversion_factor("mmol/L", "g/L", Fraction(16114)) * 5)
    80.57
    """
    source, target = find_unit(unit, to), find_unit(to)
    ratio = source.factor / target.factor
    if source.dimension == target.dimension:
        return ratio
    pair = (source.dimension, target.dimension)
    if per_mole is not None and pair == ("moles per volume", "mass per volume"):
        return ratio * per_mole / 1000
    if per_mole is not None and pair == ("mass per volume", "moles per volume"):
        return ratio / per_mole * 1000
    raise UnknownUnit(f"unit `{unit}` cannot be read as {to}")


def convert(value: float, unit: str, to: str, per_mole: Fraction | None = None) -> float:
    """Return a value in another unit, exact up to the last rounding.

    Examples
    --------
    >>> convert(9.9, "g/dL", "g/L")
    99.0
    """
    return float(Fraction(str(value)) * conversion_factor(unit, to, per_mole))
