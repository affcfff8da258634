import re

import pytest

from stromal.tables.cell_hints import explain_cell

# Cells that hold information, as laboratories print them.
FINDINGS = ["neg", "Negative", "neg.", "pos", "+", "++", "(+)", "trace", "traces", "present"]
HELD = [
    *FINDINGS,
    *("18 L", "45*", "clumped", "pending", "TNP", "18-22", "~20", "ca. 20", "18 K/uL", "1,050"),
    *("<LOD", "1:40", "&lt;LOD", "8.5 H", "20240119x", "5/7"),
]


@pytest.mark.parametrize("cell", HELD)
@pytest.mark.parametrize("kind", ["number", "number or bound", "day"])
def test_nobody_is_told_to_empty_a_cell_that_holds_information(cell, kind):
    message, hint = explain_cell(kind, cell, decimal_commas=False)
    assert message == f"`{cell}` is not a number"
    assert "empty" not in hint or "only where none was" in hint


@pytest.mark.parametrize("cell", ["n.d.", "nd", "ND", "n. d.", "N.D", "n.b."])
def test_not_done_and_not_detected_are_asked_apart(cell):
    for decimal_commas in (False, True):
        hint = explain_cell("number or bound", cell, decimal_commas=decimal_commas)[1]
        assert "not done or not detected" in hint
        assert "decimal" not in hint


@pytest.mark.parametrize("cell", FINDINGS)
def test_a_finding_in_words_is_never_turned_into_a_number(cell):
    assert "ask the laboratory" in explain_cell("number or bound", cell, decimal_commas=False)[1]


@pytest.mark.parametrize(
    "cell",
    [
        *("2024-05-18", "2024-01-09 07:30", "18/07/2024", "31.01.24", "9-Jan-24", "Jan 20 2024"),
        *("20 January 2024", "3. Mär 2024", "2024年1月21日"),
    ],
)
def test_dates_are_told_from_numbers(cell):
    assert "looks like a date" in explain_cell("day", cell, decimal_commas=False)[1]
    assert "made a date of a number" in explain_cell("number", cell, decimal_commas=False)[1]


@pytest.mark.parametrize(
    ("cell", "day"),
    [("D+7", "7"), ("Day 14", "14"), ("d-3", "-3"), ("d −3", "-3"), ("Tag 2.5", "2.5")],
)
def test_a_day_with_a_word_is_named_without_it(cell, day):
    assert explain_cell("day", cell, decimal_commas=False)[1].endswith(f"alone: `{day}`")


@pytest.mark.parametrize(("cell", "number"), [("１８", "18"), ("−18", "-18"), ("–3", "-3")])
def test_typographic_numbers_are_named_in_plain_digits(cell, number):
    hint = explain_cell("number or bound", cell, decimal_commas=False)[1]
    assert re.search(rf"`{number}`$", hint)


def test_a_sign_is_a_bound_only_where_it_may_be():
    assert "`<0.1`" in explain_cell("number or bound", "<LOD", decimal_commas=False)[1]
    assert explain_cell("day", "<5", decimal_commas=False)[1].startswith("a day takes no sign")
    assert "takes no sign" in explain_cell("number", ">1.5", decimal_commas=False)[1]


def test_a_bound_with_a_comma_keeps_its_sign_in_the_message():
    message, hint = explain_cell("number or bound", "<0,1", decimal_commas=False)
    assert message == "`<0,1` is not a number"
    assert hint == "write a decimal point and no thousands separator"


@pytest.mark.parametrize(
    ("cell", "message", "hint"),
    [
        ("2147483621", "a code for missing", "Stata"),
        ("8.98846567431158e307", "a code for missing", "Stata"),
        ("-2147483648", "a code for missing", "R and others"),
        ("-1.7976931348623157e308", "a code for missing", "SPSS"),
        ("1e+37", "a code for missing", "some programs"),
        ("<3e15", "too large", "measured"),
        ("-4e20", "too large", "measured"),
    ],
)
def test_numbers_that_cannot_be(cell, message, hint):
    found = explain_cell("code", cell, decimal_commas=False)
    assert message in found[0]
    assert hint in found[1]


@pytest.mark.parametrize("cell", ["-", "?", "N/A", "unknown", "None", ".a"])
def test_a_cell_without_information_may_be_emptied(cell):
    assert explain_cell("number", cell, decimal_commas=False)[1] == (
        "leave the cell empty where nothing is known"
    )


def test_a_hostile_cell_is_shown_short_and_printable():
    message, _ = explain_cell("number", "\x1b[31m" + "x" * 999, decimal_commas=False)
    assert "\x1b" not in message
    assert len(message) < 80
