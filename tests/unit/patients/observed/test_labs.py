import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stromal.patients.observed.labs import read_labs
from stromal.tables.labs import LABS
from stromal.tables.patients import TableFile
from stromal.tables.vocabulary.analytes import ANALYTES

FILE = TableFile("labs.csv", 2)


def read(**columns):
    return read_labs(LABS.conform(pl.DataFrame({n: [v] for n, v in columns.items()})), FILE)


def test_value_and_limits_are_converted_together():
    frame, issues = read(
        analyte="haemoglobin", value=9.9, unit="g/dl", lower_limit=12.0, upper_limit=16.1
    )
    names = ("value", "unit", "lower_limit", "upper_limit", "reported_unit")
    assert frame.select(names).row(0) == (99.0, "g/L", 120.0, 161.0, "g/dL")
    assert issues == ()


@given(st.floats(0.01, 1e6).map(lambda number: float(f"{number:.6g}")))
def test_a_conversion_is_exact_to_15_digits(value):
    frame, _ = read(analyte="bilirubin", value=value, unit="umol/L")
    exact = ANALYTES["bilirubin"].convert(value, "umol/L")
    assert frame["value"][0] == pytest.approx(exact, rel=1e-14)


@pytest.mark.parametrize(
    ("analyte", "unit", "message", "hint"),
    [
        ("Hb", "g/dL", "`Hb` is not an analyte", "is `haemoglobin` meant?"),
        ("platelet", "g/dL", "`platelet` is not an analyte", "is `platelets` meant?"),
        ("platelets", "g/L", "`g/L` is not a unit of platelets", None),
        ("platelets", None, "platelets is 9 without a unit", None),
        (
            "temperature",
            "degF",
            "`degF` is not a unit of temperature",
            "degrees Fahrenheit are not read: write (value - 32) / 1.8 as `degC`",
        ),
    ],
)
def test_what_is_not_known_is_an_issue_and_never_a_guess(analyte, unit, message, hint):
    frame, (issue,) = read(analyte=analyte, value=9.0, unit=unit)
    assert frame.select("value", "unit").row(0) == (None, None)
    assert issue.message == message
    assert hint is None or issue.hint == hint


@pytest.mark.parametrize("unit", ["10^4/uLL", "10^9/Ll", "10^8", "mmg/L", "k", "10^3"])
def test_a_unit_is_never_hinted_by_its_letters(unit):
    _, (issue,) = read(analyte="platelets", value=9.0, unit=unit)
    assert issue.hint.startswith("write one of 10^9/L, 10^3/uL, ")


@pytest.mark.parametrize(
    ("unit", "start"),
    [
        ("g/l", "`g/l` is grams per litre; giga per litre is `G/L`, or write one of 10^9/L"),
        ("mil/mm3", "`mil` is a million in English and a thousand in Spanish; write one of"),
        ("mg/dL", "`mg/dL` measures mass per volume; write one of 10^9/L"),
    ],
)
def test_a_hint_says_what_the_unit_is(unit, start):
    _, (issue,) = read(analyte="platelets", value=9.0, unit=unit)
    assert issue.hint.startswith(start)


def test_a_missing_value_needs_no_unit():
    assert read(analyte="platelets", value=None, unit=None)[1] == ()
