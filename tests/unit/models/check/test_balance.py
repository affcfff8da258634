"""Units balance, in every kind of formula."""

from __future__ import annotations

import pytest

from stromal.models.check.balance import check_units_balance
from tests.unit.models.check.examples import tell

TEXT = "unit time_unit = 86400 second; K = 2; k = 1; h = 2; s = 3; r = 1; {}"
ROWS = [
    {"name": name, "value": 1.0, "unit": unit}
    for name, unit in {
        "x": "10^9/L",
        "K": "10^9/L",
        "k": "1/day",
        "r": "1/hour",
        "h": "1",
        "s": "10^9/L/day",
    }.items()
]


@pytest.mark.parametrize(
    "formula",
    [
        "x' = s - k*x",
        "x' = k*x*(1 - x/K)",
        "x' = s*x^h/(K^h + x^h) - k*x",
        "x' = k*x*ln(K/x)",
        "x' = s*exp(-k*time)",
        "x' = piecewise(s, x > K, 0)",
        "x' = s*tanh(x/K) - k*max(x, 0)",
        "x' = abs(s); y := sqrt(x*K); z := y + x",
        "x' = 0; y := k + mystery; mystery = 1",
        "x' = s; x = K; at (time > 1/k): x = 2*x",
        "x' = s*(1 + 0.5*x/K)",
        "x' = 0; y := min(x, K)",
    ],
)
def test_balanced(formula):
    assert tell(check_units_balance, TEXT.format(formula), *ROWS) == ""


@pytest.mark.parametrize(
    "formula",
    [
        "x' = s - x",
        "x' = k*x - r*x",
        "x' = k",
        "x' = 0; y := exp(x)",
        "x' = 0; y := ln(x)",
        "x' = 0; y := sin(time)",
        "x' = 0; y := x + 5",
        "x' = 0; y := x^k",
        "x' = 0; y := x^(x/K)",
        "x' = 0; y := piecewise(x, x > 2, k)",
        "x' = 0; y := piecewise(1, x > 2, 0)",
        "x' = 0; y := max(x, k)",
        "x' = 0; y := x + k; z := y + x",
        "x' = s; x = k",
        "x' = s; at (time > h): x = k",
    ],
)
def test_unbalanced(formula, snapshot):
    assert tell(check_units_balance, TEXT.format(formula), *ROWS) == snapshot


def test_reactions(snapshot):
    text = (
        "unit time_unit = 86400 second; unit substance = mole; unit extent = mole; "
        "unit volume = litre; unit perday = 1/(86400 second); "
        "compartment C = 1; species S in C = 1; k = 1; k has perday; J: S -> ; {}"
    )
    assert tell(check_units_balance, text.format("k*S*C")) == ""
    assert tell(check_units_balance, text.format("k*S")) == snapshot


def test_nothing_is_known():
    assert tell(check_units_balance, TEXT.format("x' = s - x + exp(x)")) == ""
