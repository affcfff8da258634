from fractions import Fraction

import pytest

from stromal.errors import UnknownUnit
from stromal.tables.vocabulary.analytes import ANALYTES
from stromal.units import find_unit

# What the same amount is in two units, from the definitions that laboratories follow.
PAIRS = [
    ("haemoglobin", 13.2, "g/dL", 132.0),
    ("platelets", 49000, "/µL", 49.0),
    ("platelets", 49, "K/uL", 49.0),
    ("platelets", 4.9, "10^4/uL", 49.0),
    ("bilirubin", 17.1, "umol/L", 1.0),
    ("creatinine", 88.4, "µmol/l", 1.0),
    ("crp", 10, "mg/L", 1.0),
    ("ferritin", 500, "ug/L", 500.0),
    ("d_dimer", 500, "ng/mL", 0.5),
    ("fibrinogen", 350, "mg/dL", 3.5),
    ("albumin", 3.5, "g/dL", 35.0),
    ("cd4_cells", 200, "cells/uL", 0.2),
]


@pytest.mark.parametrize(("analyte", "value", "unit", "expected"), PAIRS)
def test_the_same_amount_in_two_units(analyte, value, unit, expected):
    assert ANALYTES[analyte].convert(value, unit) == expected


@pytest.mark.parametrize(
    ("analyte", "value", "unit", "expected", "within"),
    [
        ("haemoglobin", 4.9, "mmol/L", 79.0, 0.05),
        ("glucose", 5.55, "mmol/L", 100.0, 0.1),
        ("triglycerides", 1.0, "mmol/L", 88.57, 0.01),
        ("uric_acid", 59.5, "umol/L", 1.0, 0.01),
        ("urea_nitrogen", 1.0, "mmol/L", 2.8, 0.01),
        ("urea", 1.0, "mmol/L", 6.0, 0.01),
        ("lactate", 1.0, "mmol/L", 9.0, 9.0),
    ],
)
def test_moles_convert_by_the_usual_factor(analyte, value, unit, expected, within):
    assert ANALYTES[analyte].convert(value, unit) == pytest.approx(expected, abs=within)


def test_factors_are_exact():
    assert ANALYTES["platelets"].factor("/uL") == Fraction(1, 1000)
    assert ANALYTES["bilirubin"].factor("umol/L") == Fraction(10, 171)


def test_every_analyte_has_a_unit_ranges_in_order_and_a_source():
    for analyte in ANALYTES.values():
        assert find_unit(analyte.unit).name == analyte.unit
        assert analyte.label
        assert analyte.source
        for species in ("human", "mouse"):
            low, high = analyte.limits(species)
            assert low is not None
            assert high is not None
            assert low < high
        low, high = analyte.plausible
        for limit in analyte.normal:
            assert limit is None or low <= limit <= high


def test_mice_have_their_own_ranges():
    assert ANALYTES["body_weight"].limits("mouse") == (0.005, 0.1)
    assert ANALYTES["haemoglobin"].limits("mouse") == (20, 250)


def test_an_analyte_decides_what_capitals_mean():
    assert ANALYTES["haemoglobin"].find_unit("G/L").name == "g/L"
    assert ANALYTES["platelets"].find_unit("G/L").name == "10^9/L"
    with pytest.raises(UnknownUnit):
        ANALYTES["crp"].factor("mmol/L")
