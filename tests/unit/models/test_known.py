from __future__ import annotations

import pytest

from stromal.models.known import find_integrated, names_in
from stromal.models.model import RATE_OF, symbol
from stromal.models.parse import read_model


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n = 2; x = 1; x' = -x; at (time > n): n = n + 2", {"x"}),
        ("n = 2; x = 1; x' = -x; at (time > 1): n = x", {"n", "x"}),
        ("x = 1; x' = -x; y := 2*x; z := y + 1; w := time", {"x", "y", "z"}),
        ("compartment V = 1; species S in V, $B in V; S = 1; B = 2; J: S -> B; S", {"S", "J"}),
        ("compartment V = 1; V' = 1; species $B in V; B = 2", {"V", "B"}),
    ],
)
def test_what_depends_on_a_state(text, expected):
    assert find_integrated(read_model(text)) == expected


def test_the_rate_of_a_name_counts_as_the_name():
    assert names_in(symbol("a") + RATE_OF(symbol("b"))) == {"a", "b"}
