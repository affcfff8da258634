"""How much is given: an amount, or a range of amounts, with its unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from stromal.units import conversion_factor, find_unit

# A dose per body weight, and the same dose for the whole body.
_WHOLE_BODY: Mapping[str, str] = MappingProxyType(
    {
        "cells per body weight": "cells",
        "particles per body weight": "particles",
        "drug per body weight": "mass",
        "drug units per body weight": "drug units",
        "volume per body weight": "volume",
    }
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A dose: the least and the most that is given, equal where it is one number.

    Examples
    --------
    >>> dose = Quantity(50.0, 50.0, "10^6 cell")
    >>> dose.convert("cell/kg")
    (Quantity(low=50000000.0, high=50000000.0, unit='cell/kg'), -1)
    """

    low: float
    high: float
    unit: str

    def convert(self, unit: str) -> tuple[Quantity, int]:
        """Return the dose in another unit, and the power of body weight that it still lacks.

        Parameters
        ----------
        unit
            Any unit of a dose. Between a dose per kg and one for the whole body stands the body
            weight; between either and a dose per m2 there is no way.

        Returns
        -------
        Quantity
            The dose in `unit`, for a body of 1 kg.
        int
            The power p: a patient of w kg is given the dose times w ** p. It is 0 where everybody
            has the same dose in `unit`, -1 where a dose for the whole body is wanted per kg, 1
            where one per kg is wanted for the whole body.

        Raises
        ------
        UnknownUnit
            A unit is unknown, or the two do not measure the same thing.
        """
        source, target = find_unit(self.unit), find_unit(unit)
        power = 0
        factor = source.factor / target.factor
        if _WHOLE_BODY.get(source.dimension) == target.dimension:
            power = 1
        elif _WHOLE_BODY.get(target.dimension) == source.dimension:
            power = -1
        else:
            factor = conversion_factor(self.unit, unit)
        low, high = (float(Fraction(str(end)) * factor) for end in (self.low, self.high))
        return Quantity(low, high, unit), power
