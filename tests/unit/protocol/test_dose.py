"""Doses between units, and through the body weight."""

from __future__ import annotations

import pytest

from stromal.errors import UnknownUnit
from stromal.protocol.dose import Quantity


@pytest.mark.parametrize(
    ("unit", "to", "high", "power"),
    [
        ("10^6 cell/kg", "cell/kg", 2e6, 0),
        ("10^6 cell", "cell/kg", 2e6, -1),
        ("10^6 cell/kg", "10^6 cell", 2.0, 1),
        ("mg", "mg/kg", 2.0, -1),
        ("mg/kg", "g", 0.002, 1),
        ("g/m2", "mg/m2", 2000.0, 0),
        ("cGy", "Gy", 0.02, 0),
    ],
)
def test_a_dose_in_another_unit(unit: str, to: str, high: float, power: int) -> None:
    dose, lacks = Quantity(1.0, 2.0, unit).convert(to)
    assert (dose.low, dose.high, dose.unit, lacks) == (high / 2, high, to, power)


@pytest.mark.parametrize(
    ("unit", "to"),
    [("mg/m2", "mg"), ("mg/m2", "mg/kg"), ("cell/kg", "mg/kg"), ("Gy", "mg"), ("mg", "bottle")],
)
def test_there_is_no_way_between_doses_of_other_things(unit: str, to: str) -> None:
    with pytest.raises(UnknownUnit):
        Quantity(1.0, 1.0, unit).convert(to)


def test_decimal_doses_stay_exact() -> None:
    assert Quantity(0.1, 0.3, "10^6 cell/kg").convert("cell/kg")[0].high == 300_000.0
