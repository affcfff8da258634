import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stromal.errors import UnknownUnit
from stromal.units import ANALYTES, UNITS, analyte_range, conversion_factor, convert, find_unit

# What the same amount is in two units, from the definitions the registry follows.
PAIRS = [
    (13.2, "g/dL", 132.0, "g/L", "haemoglobin"),
    (49000, "/µL", 49.0, "10^9/L", "platelets"),
    (49, "10^3/uL", 49.0, "10^9/L", "platelets"),
    (49, "K/uL", 49.0, "10^9/L", "platelets"),
    (49, "10⁹/L", 49.0, "10^9/L", "platelets"),
    (49, "Gpt/L", 49.0, "10^9/L", "platelets"),
    (17.1, "umol/L", 1.0, "mg/dL", "bilirubin"),
    (88.4, "µmol/l", 1.0, "mg/dL", "creatinine"),
    (10, "mg/L", 1.0, "mg/dL", "crp"),
    (500, "ug/L", 500.0, "ng/mL", "ferritin"),
]


@pytest.mark.parametrize(("value", "unit", "expected", "to", "analyte"), PAIRS)
def test_the_same_amount_in_two_units(value, unit, expected, to, analyte):
    assert convert(value, unit, to, analyte) == expected


def test_haemoglobin_in_moles_is_of_one_chain():
    assert convert(4.9, "mmol/L", "g/L", "haemoglobin") == pytest.approx(79.0, abs=0.05)


@pytest.mark.parametrize("unit", ["", "10e9/L", "g per litre", "U", "x"])
def test_a_spelling_that_is_not_in_the_registry_is_refused(unit):
    with pytest.raises(UnknownUnit):
        find_unit(unit)


def test_another_dimension_is_refused():
    with pytest.raises(UnknownUnit, match="for platelets"):
        conversion_factor("g/L", "10^9/L", "platelets")
    with pytest.raises(UnknownUnit):
        conversion_factor("mmol/L", "mg/dL", "crp")


def test_giga_and_gram_are_told_apart_by_their_capital():
    assert find_unit("G/L").name == "10^9/L"
    assert find_unit("g/l").name == "g/L"


def test_no_two_spellings_differ_only_in_capitals_but_giga_and_gram():
    by_fold: dict[str, set[str]] = {}
    for spelling, unit in UNITS.items():
        by_fold.setdefault(spelling.lower(), set()).add(unit.name)
    assert {fold for fold, names in by_fold.items() if len(names) > 1} == {"g/l"}


def test_every_canonical_name_finds_itself():
    for unit in UNITS.values():
        assert find_unit(unit.name) == unit


@given(st.floats(-1e9, 1e9, allow_nan=False), st.sampled_from(sorted(UNITS)))
def test_there_and_back_is_the_same_to_15_digits(value, spelling):
    unit = UNITS[spelling]
    same = [other.name for other in UNITS.values() if other.dimension == unit.dimension]
    back = convert(convert(value, unit.name, same[0]), same[0], unit.name)
    assert back == pytest.approx(value, rel=1e-14, abs=1e-300)


def test_ranges_are_ranges_and_mice_have_their_own():
    for analyte, species in itertools.product(ANALYTES, ("human", "mouse")):
        low, high = analyte_range(analyte, species)
        assert low < high
    assert analyte_range("platelets", "mouse")[1] > 3000
    assert analyte_range("haemoglobin") == (20, 250)


@pytest.mark.parametrize(
    ("text", "analyte", "name"),
    [
        ("G/L", "platelets", "10^9/L"),
        ("g/l", "platelets", "g/L"),
        ("G/L", "haemoglobin", "g/L"),
        ("g/l", "haemoglobin", "g/L"),
        ("G/L", None, "10^9/L"),
        ("g/l", None, "g/L"),
    ],
)
def test_the_analyte_decides_where_only_capitals_differ(text, analyte, name):
    assert find_unit(text, analyte).name == name


def test_an_analyte_never_turns_a_unit_into_another_quantity():
    assert find_unit("mg/dL", "platelets").dimension == "mass per volume"
    with pytest.raises(UnknownUnit):
        convert(1, "mg/dL", "10^9/L", "platelets")
