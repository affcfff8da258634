"""Measures: sizes in base units with powers of base quantities, multiplied exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

_EXACT_BITS = 4096

DAY = 86400
"""Seconds of a day."""

_READABLE = {"s": ("day", float(DAY)), "item": ("cell", 1.0)}


@dataclass(frozen=True, slots=True)
class Measure:
    """A size in base units, and the power of each base quantity (sorted, none zero).

    Base units are m, kg, s, mol, degC, Gy, and one item (cell), particle, copy or enzyme unit.

    Examples
    --------
    >>> per_day, concentration = measure("1/86400", s=-1), measure("1/1000", kg=1, m=-3)
    >>> print(per_day * concentration)
    1e-06 kg/L/day
    """

    factor: Fraction = Fraction(1)
    powers: tuple[tuple[str, Fraction], ...] = ()

    def __mul__(self, other: Measure) -> Measure:
        powers = dict(self.powers)
        for base, power in other.powers:
            powers[base] = powers.get(base, Fraction(0)) + power
        return Measure(self.factor * other.factor, _sorted(powers))

    def __truediv__(self, other: Measure) -> Measure:
        return self * other ** Fraction(-1)

    def __pow__(self, exponent: Fraction) -> Measure:
        powers = {base: power * exponent for base, power in self.powers}
        bits = max(self.factor.numerator.bit_length(), self.factor.denominator.bit_length())
        if exponent.denominator == 1 and abs(exponent) * bits <= _EXACT_BITS:
            factor = Fraction(self.factor**exponent.numerator)
        else:
            # A root is no fraction, and a fraction of many digits would never end.
            factor = Fraction(float(self.factor) ** float(exponent))
        return Measure(factor, _sorted(powers))

    def fits(self, other: Measure) -> bool:
        """Tell whether two quantities can be added: same powers, same size."""
        near = abs(self.factor - other.factor) * 10**9 <= max(self.factor, other.factor)
        return self.powers == other.powers and near

    @property
    def is_pure(self) -> bool:
        """Tell whether this is the unit of a pure number."""
        return self.fits(PURE)

    def __str__(self) -> str:
        size, above, below = float(self.factor), "", ""
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


def measure(factor: str | int | Fraction = 1, **powers: int) -> Measure:
    """Return the measure of a size and powers of base quantities.

    Examples
    --------
    >>> litre = measure("1/1000", m=3)
    >>> print(litre)
    L
    """
    return Measure(Fraction(factor), _sorted({b: Fraction(power) for b, power in powers.items()}))


PURE = Measure()
"""The measure of a pure number."""
