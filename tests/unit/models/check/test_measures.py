"""Units as sizes and powers: texts that are read, texts that are not guessed at."""

from __future__ import annotations

from fractions import Fraction

import pytest

from stromal.errors import UnknownUnit
from stromal.models.check.measures import measure_of_unit
from stromal.models.model import Unit
from stromal.tables.vocabulary.units import UNITS
from stromal.units import read_measure


@pytest.mark.parametrize("text", sorted({unit.name for unit in UNITS.values()}))
def test_every_unit_of_the_registry_is_read(text):
    assert read_measure(text).factor > 0


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("10^9/L", "10^3/uL"),
        ("mm3", "uL"),
        ("1/(cell*day)", "1/cell/day"),
        ("(10^9/L)/day", "10^9/L/day"),
        ("day^-1", "1/day"),
        ("10^9/L*mL", "10^6 cell"),
        ("mol/L", "mmol/mL"),
        ("cell/kg*kg", "cell"),
        ("week", "day*week/day"),
        ("mg/kg", "ug/g"),
    ],
)
def test_the_same_unit_in_other_words(one, same):
    assert read_measure(one).fits(read_measure(same))


@pytest.mark.parametrize(
    ("one", "other"), [("1/day", "1/hour"), ("mm3", "mm"), ("%", "1"), ("cell", "mol"), ("Gy", "1")]
)
def test_other_units(one, other):
    assert not read_measure(one).fits(read_measure(other))


@pytest.mark.parametrize(
    "text", ["", "day/", "furlong", "1/furlong", "10^9/L per day", "(day", "^2"]
)
def test_unknown_units_are_not_guessed(text):
    with pytest.raises(UnknownUnit):
        read_measure(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1/day", "1/day"),
        ("10^9/L", "1e+09 cell/L"),
        ("1", "1"),
        ("%", "0.01"),
        ("mg/m2", "1e-06 kg/m^2"),
        ("mm3/day", "1e-06 L/day"),
    ],
)
def test_shown(text, shown):
    assert str(read_measure(text)) == shown


def test_products_and_powers():
    speed = read_measure("mm") / read_measure("day")
    assert (speed * read_measure("day")).fits(read_measure("mm"))
    assert (speed ** Fraction(1, 2) * speed ** Fraction(1, 2)).fits(speed)
    assert (speed / speed).is_pure
    assert not speed.fits(read_measure("cm") / read_measure("day"))


def test_units_of_a_model():
    units = {
        "perday": Unit("perday", 1 / 86400, (("second", -1.0),)),
        "odd": Unit("odd", 1, (("yarn", 1.0),)),
    }
    assert measure_of_unit("perday", units).fits(read_measure("1/day"))
    assert measure_of_unit("mole", units).fits(read_measure("mol"))
    for name in ("odd", "none"):
        with pytest.raises(UnknownUnit):
            measure_of_unit(name, units)
