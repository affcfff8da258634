import math

import pytest

from stromal.report.words import (
    capitalise,
    count_noun,
    decapitalise,
    join_unit,
    render_count,
    render_interval,
    render_name,
    render_number,
    render_p_value,
    render_percent,
    render_powers,
    render_range,
    render_unit,
    render_value,
    typeset,
)


def test_numbers_carry_no_more_digits_than_are_worth_reading():
    found = [render_number(value) for value in (0.123456, 12.3456, 2204.0, -4.0, math.nan, 1e-7)]
    assert found == ["0.123", "12.3", "2204", "−4", "–", "0.0000001"]


def test_what_rounds_to_zero_has_no_sign():
    assert render_number(-1e-9, 2) == "0.00"


def test_a_p_value_never_rounds_to_zero_or_across_its_digits():
    found = [render_p_value(p) for p in (0.0, 0.00099, 0.0946, 0.0954, 0.999, None)]
    assert found == ["P < 0.001", "P < 0.001", "P = 0.095", "P = 0.10", "P > 0.99", "–"]


def test_ranges_with_negative_or_open_ends():
    assert render_range(-2, 3) == "−2 to 3"
    assert render_range(192, None) == "192 to –"
    assert render_range(None, None) == "–"
    assert render_range(7, 16) == "7–16"


def test_counts():
    assert render_count(0, 4) == "0/4 (0 %)"
    assert render_percent(None) == "–"
    assert count_noun(0, "patient") == "0 patients"


def test_names_and_powers():
    assert capitalise("mTOR") == "MTOR"
    assert render_name("overall_response") == "overall response"
    assert render_powers("1 x 10^-6/kg, box 10^3") == "1\u00a0×\u00a010⁻⁶/kg, box 10³"


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("10^9/L", "10⁹/L"),
        ("51 x 10^9/L on day 11", "51~×~10⁹/L on day~11"),
        ("2 × 10^6 cell/kg", "2~×~10⁶~cells/kg"),
        ("MSC 2 x 10^6/kg", "MSC 2~×~10⁶/kg"),
        ("10^-3", "10⁻³"),
        ("text 10 days", "text 10~days"),
        ("P = 0.001, n < 5", "P~=~0.001, n~<~5"),
        ("excellent x-ray of cell/matrix", "excellent x-ray of cell/matrix"),
    ],
)
def test_words_of_a_protocol_are_typeset(written, printed):
    assert typeset(written).replace("\u00a0", "~") == printed
    assert typeset(typeset(written)) == typeset(written)


def test_units_follow_their_numbers():
    assert render_unit("10^9/L") == "10⁹/L"
    assert render_unit("mg/dL") == "mg/dL"
    assert join_unit("4", "mg/kg").replace("\u00a0", " ") == "4 mg/kg"
    assert join_unit("–", "day") == "–"


def test_an_open_interval_says_so():
    assert render_interval(641, None, "day") == "641 to not reached"
    assert render_interval(0.5, 0.875, "1", 2000) == "50.0 to 87.5"


def test_ranges_share_their_decimals_unless_an_end_is_whole():
    assert render_range(0.54, 2.8) == "0.54–2.80"
    assert render_range(56, 96.25) == "56–96.2"


def test_small_letters_keep_abbreviations():
    assert [decapitalise(text) for text in ("Overall", "ALL", "", "A b")] == [
        "overall", "ALL", "", "a b",
    ]  # fmt: skip


def test_values_in_their_units():
    assert render_value(0.5, "1") == "50 %"
    assert render_value(13.8, "1") == "13.8"
    assert render_value(418.0, "day") == "418\u00a0days"
    assert render_value(None, "1") == "–"
