import math

from stromal.report.words import (
    capitalise,
    count_noun,
    render_count,
    render_list,
    render_name,
    render_number,
    render_p_value,
    render_percent,
    render_powers,
    render_range,
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


def test_counts_and_lists():
    assert render_count(0, 4) == "0/4 (0 %)"
    assert render_percent(None) == "–"
    assert render_list(["a", "b"]) == "a and b"
    assert count_noun(0, "patient") == "0 patients"


def test_names_and_powers():
    assert capitalise("mTOR") == "MTOR"
    assert render_name("overall_response") == "overall response"
    assert render_powers("1 x 10^-6/kg, box 10^3") == "1 × 10⁻⁶/kg, box 10³"
