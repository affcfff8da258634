from __future__ import annotations

import pytest

from stromal.models.antimony_text.outline import read_outline
from stromal.models.antimony_text.tokens import read_tokens
from stromal.models.antimony_text.units import check_units, find_units, read_units
from stromal.models.parse import read_model


def outline(text):
    return read_outline(read_tokens(text))


@pytest.mark.parametrize(
    ("text", "row", "name"),
    [
        ("x = 1\nx has day", 2, "day"),
        ("x = 1\nspecies y has mole, z has cells, a = 1", 2, "cells"),
        ("x = 1\nx has 1/day", 2, "day"),
        ("unit week = 7 day\nx = 1", 1, "day"),
        ("unit perday = 1/day", 1, "day"),
        ("unit day\nx has day", 2, "day"),
        ("x has time", 1, "time"),
    ],
)
def test_names_that_are_no_units(text, row, name):
    (issue,) = check_units(outline(text))
    assert (issue.row, issue.message) == (row, f"`{name}` is no unit")
    assert issue.hint == f"define it as `unit {name} = ...`"


@pytest.mark.parametrize(
    "text",
    [
        "x = 1; x has mole / litre",
        "x = 1; x has seconds",
        "x = 1; x has perday; unit perday = 1/(86400 second)",
        "unit day = 86400 second; unit week = 7 day; x = 1 week",
        "unit substance = item; x = 1; x has substance",
        "unit none = dimensionless; x = 1 none",
        'x = 1; x is "one has a name"',
    ],
)
def test_names_that_are_units(text):
    assert check_units(outline(text)) == []
    read_model(text)


def test_units_of_a_text():
    found = find_units(outline("unit day = 86400 second; unit bare; mL = 3"))
    assert {"day", "second", "litre"} <= found
    assert not {"bare", "mL", "time"} & found


def test_formulas_of_units():
    found = [read_units(item) for item in outline("unit a = 2 b; x has c; y = 3").statements]
    assert [[token.text for token in tokens] for tokens in found] == [["2", "b"], ["c"], []]
