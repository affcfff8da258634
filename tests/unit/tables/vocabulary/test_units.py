import pytest

from stromal.tables.vocabulary.units import SPELLINGS, UNITS, list_units
from stromal.units import find_unit


def test_every_unit_is_written_in_its_canonical_way():
    for name, unit in UNITS.items():
        assert unit.name == name


@pytest.mark.parametrize(
    ("name", "spelling"), [(name, text) for name, texts in SPELLINGS.items() for text in texts]
)
def test_every_spelling_is_the_same_amount(name, spelling):
    found = find_unit(spelling, name)
    assert (found.dimension, found.factor) == (UNITS[name].dimension, UNITS[name].factor)


def test_units_of_a_dimension():
    assert list_units("absorbed dose") == ("Gy", "cGy")
    assert list_units("luck") == ()
