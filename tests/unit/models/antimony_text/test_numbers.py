from __future__ import annotations

import pytest

from stromal.models.antimony_text.numbers import check_numbers
from stromal.models.antimony_text.outline import read_outline
from stromal.models.antimony_text.tokens import read_tokens
from stromal.models.parse import read_model

UNITS = "unit mL = 1e-3 litre; unit day = 86400 second; unit eV = 1.6e-19 joule;"


def issues(text):
    return [(item.row, item.message) for item in check_numbers(read_outline(read_tokens(text)))]


def places(number):
    """A number wherever there may be one, always in row 2."""
    return [
        f"y = 1;\nx = {number}",
        f"y = 1;\nx := y + {number}*y",
        f"y = 1;\nx' = -{number}*x",
        f"y = 1;\nJ: {number} A -> B; 1",
        f"y = 1;\nJ: A -> B; {number}",
        f"x = 1;\nat time > {number}: x = 2",
        f"x = 1;\nat time > 2: x = {number}",
        f"unit a = second;\nunit b = {number} second",
        f"function f(a)\n{number}*a\nend",
        f"model m()\nspecies S = {number}; end",
    ]


@pytest.mark.parametrize(
    "number", ["1e400", "1e309", "1.7976931348623157e308", "9" * 309, "1.05E999"]
)
def test_numbers_too_large(number):
    shown = number if len(number) < 30 else f"{number[:30]}..."
    said = f"the number {shown} is larger than a double can hold"
    assert [issues(text) for text in places(number)] == [[(2, said)]] * 10


@pytest.mark.parametrize("number", ["1e-400", "5e-324", "1e-310", "0." + "0" * 308 + "1"])
def test_numbers_too_small(number):
    shown = number if len(number) < 30 else f"{number[:30]}..."
    said = f"the number {shown} is closer to zero than a double can hold"
    assert [issues(text) for text in places(number)] == [[(2, said)]] * 10


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 0x10", "`0x10` is no number and `x10` is no unit"),
        ("x = 0b1", "`0b1` is no number and `b1` is no unit"),
        ("x = 1_000", "`1_000` is no number and `_000` is no unit"),
        ("x = 1d5", "`1d5` is no number and `d5` is no unit"),
        ("x = 1f", "`1f` is no number and `f` is no unit"),
        ("x = 1e", "`1e` is no number"),
        ("x = 1e5e5", "`1e5e5` is no number"),
        ("unit eV = joule; x = 1.05eV", "`1.05eV` is no number"),
        ("J: 2.05e -> B; 1", "`2.05e` is no number"),
        ("x = 3 day", "`3 day` is no number and `day` is no unit"),
        ("unit day; x = 3 day", "`3 day` is no number and `day` is no unit"),
        ("const a has mole, b = 3 day", "`3 day` is no number and `day` is no unit"),
        ("k = 1; x := 2 k", "`2 k` is no number and `k` is no unit"),
        ("x = 2 time", "`2 time` is no number and `time` is no unit"),
        ("x = 2 pi", "`2 pi` is no number and `pi` is no unit"),
        ("J: A -> B; 2 A", "`2 A` is no number and `A` is no unit"),
    ],
)
def test_words_after_a_number_that_are_no_unit(text, message):
    assert issues(text) == [(1, message)]


@pytest.mark.parametrize("text", ["x = 1e400", "x = 1e-400", "x = 0x10", "x = 1e"])
def test_hints_say_what_to_write(text):
    (issue,) = check_numbers(read_outline(read_tokens(text)))
    assert "write" in issue.hint


@pytest.mark.parametrize(
    ("number", "value"),
    [
        (".5", 0.5),
        ("5.", 5.0),
        ("1.e2", 100.0),
        ("1e+5", 1e5),
        ("1E-5", 1e-5),
        ("1e0005", 1e5),
        ("00012", 12.0),
        ("0e400", 0.0),
        ("0.000e-999", 0.0),
        ("1e308", 1e308),
        ("2.3e-308", 2.3e-308),
        ("1" + "0" * 308, 1e308),
        ("inf", float("inf")),
        ("INF", float("inf")),
        ("infinity", float("inf")),
        ("-inf", -float("inf")),
        ("3 second", 3.0),
        ("3 seconds", 3.0),
        ("3 meter", 3.0),
        ("3 mL", 3.0),
        ("3mL", 3.0),
        ("3 day", 3.0),
        ("1.05 eV", 1.05),
    ],
)
def test_numbers_that_are_read_rightly(number, value):
    text = f"{UNITS} x = {number}"
    assert issues(text) == []
    assert read_model(text).parameters[0].value == value


@pytest.mark.parametrize(
    "text",
    [
        "J: 2 A + 3B -> 4 C; 1",
        "2 A -> B; 1",
        "unit week = 7 day",
        "J: A -> B; 3 in c",
        "at 5 after time > 3: x = 1",
        "function f(a) a + 2 end",
        "S -> P; 1\nx.sboTerm = SBO:0000236",
        'x is "1e400"; // 0x10\ny = 2',
    ],
)
def test_words_after_a_number_that_are_rightly_there(text):
    assert issues(text) == []
