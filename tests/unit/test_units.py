from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stromal.errors import UnknownUnit
from stromal.measures import measure
from stromal.units import (
    conversion_factor,
    convert,
    find_unit,
    read_measure,
)

# Counts as laboratories print them, and the power of ten per litre that each stands for.
COUNTS = {
    12: "10^12/L 10*12/L T/L Tpt/L 10^6/uL M/uL Mio/µl million/mm3 1012/L /pL млн/мкл",
    11: "10^5/uL lakh/cumm lakhs/cumm",
    10: "10^4/uL ×10^4/μl 万/μL",
    9: "10^9/L 1e9/L 10e9/L 10E9/L 10E+9/L 10E09/L E9/L x10(9)/L x10[9]/L 10*9/L 10**9/L 109/L "
    "x109/L 10⁹/L G/L G/l Gpt/L Mrd/l bn/L /nL 1/nL 10^3/uL x10E3/uL ×10³/µL x10^3/mcL K/uL k/ul "
    "K/UL K/mcL K/cumm K/mm3 thou/uL Thousand/uL Tsd/µl Tsd./µl 1000/uL 1000/mm3 103/uL 10^6/mL "
    "10x3/uL 10ˆ3/µL Tsd.Zellen/µl 10*3{cells}/uL 10⁹·L⁻¹ тыс/мкл 10^9/л 10^6/cc",
    8: "10^2/uL",
    6: "Zellen/µl cellules/µL células/mm3 "
    "/uL cells/uL cells/mcL 1/uL uL^-1 /mm3 /mm^3 /cumm cells/cumm /cmm 10^6/L M/L 10^3/mL",
    3: "/mL cells/mL",
}


@pytest.mark.parametrize(
    ("text", "power"), [(text, power) for power, row in COUNTS.items() for text in row.split()]
)
def test_a_count_follows_from_its_power_of_ten(text, power):
    unit = find_unit(text)
    assert unit.dimension == "cells per volume"
    assert unit.factor == Fraction(10) ** (power + 3)
    assert find_unit(unit.name) == unit


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("per uL", "/uL"),
        ("cells per µL", "/uL"),
        ("10^9 L^-1", "10^9/L"),
        ("X 10^9 / L", "10^9/L"),
        ("/cu. mm", "/mm3"),
        ("gm/dL", "g/dL"),
        ("g/100 mL", "g/dL"),
        ("g%", "g/dL"),
        ("MG/DL", "mg/dL"),
        ("mcg/L", "ug/L"),
        ("㎎/㎗", "mg/dL"),
        ("г/л", "g/L"),
        ("mM", "mmol/L"),
        ("MM", "mm"),
        ("[IU]/L", "U/L"),
        ("℃", "degC"),
        ("10^6 cells/kg", "10^6 cell/kg"),
        ("1e6/kg", "10^6 cell/kg"),
        ("10^8 x cells/kg", "10^8 cell/kg"),
        ("10^9 particles/kg", "10^9 particle/kg"),
        ("mg per kg", "mg/kg"),
        ("mg/m²", "mg/m2"),
        ("mL/min/1.73 m²", "mL/minute/1.73 m2"),
        ("G/KG", "g/kg"),
    ],
)
def test_other_spellings(text, name):
    assert find_unit(text).name == name


def test_10e9_is_what_laboratories_mean_by_it():
    """The convention of printed reports: ten to the ninth, not ten times ten to the ninth."""
    assert conversion_factor("10E9/L", "1e9/L") == 1


@pytest.mark.parametrize(
    "unit",
    "|".join(
        (
            "|x|furlong|10^9|1000|10^-9/L|10-9/L|10.9/L|10x10^9/L|10x109/L|2/uL|mil/mm3|K/kg|T|M|day/|(day|^2|1/furlong",
            "10^9/L per day|g/|/|//L|10^200/L|L^9999|m^101|((1)|" + "(" * 99 + "|" + "L" * 101,
        )
    ).split("|"),
)
def test_a_text_that_is_no_unit_is_refused(unit):
    with pytest.raises(UnknownUnit):
        find_unit(unit)
    with pytest.raises(UnknownUnit):
        read_measure(unit)


@given(st.text("0123456789eEx^*/().-kKMGTLlgmudscelpri% µ³", max_size=30))
def test_any_text_is_read_or_refused(text):
    try:
        unit = find_unit(text)
    except UnknownUnit:
        return
    assert unit.factor > 0
    assert find_unit(unit.name) == unit


def test_body_weight_is_no_mass_in_a_dose():
    assert find_unit("mg/kg").dimension == "drug per body weight"
    assert read_measure("mg/kg").is_pure is False
    assert read_measure("mg/kg") == measure("1/1000000")
    with pytest.raises(UnknownUnit):
        conversion_factor("particles/kg", "cell/kg")


def test_another_dimension_is_refused():
    with pytest.raises(UnknownUnit, match="`g/L` cannot be read as 10"):
        conversion_factor("g/L", "10^9/L")
    with pytest.raises(UnknownUnit):
        conversion_factor("mmol/L", "mg/dL")


def test_moles_need_a_molar_mass():
    assert conversion_factor("mmol/L", "mg/dL", Fraction(180)) == 18
    assert conversion_factor("mg/dL", "mmol/L", Fraction(180)) == Fraction(1, 18)
    with pytest.raises(UnknownUnit):
        conversion_factor("mmol/L", "10^9/L", Fraction(180))


def test_giga_and_gram_are_told_apart_by_their_capital():
    assert find_unit("G/L").name == "10^9/L"
    assert find_unit("g/l").name == "g/L"


@pytest.mark.parametrize(
    ("text", "like", "name"),
    [
        ("G/L", "10^9/L", "10^9/L"),
        ("g/l", "10^9/L", "g/L"),
        ("G/L", "g/dL", "g/L"),
        ("g/l", "g/dL", "g/L"),
        ("G/L", None, "10^9/L"),
        ("g/l", None, "g/L"),
        ("mg/dL", "10^9/L", "mg/dL"),
    ],
)
def test_what_is_measured_decides_where_only_capitals_differ(text, like, name):
    assert find_unit(text, like).name == name


@given(st.floats(-1e9, 1e9, allow_nan=False), st.sampled_from(["/uL", "10^4/uL", "lakh/cumm"]))
def test_there_and_back_is_the_same_to_15_digits(value, unit):
    back = convert(convert(value, unit, "10^9/L"), "10^9/L", unit)
    assert back == pytest.approx(value, rel=1e-14, abs=1e-300)
