"""Logarithms and powers of states: which are safe, and what is said of the others."""

from __future__ import annotations

import pytest

from stromal.models.check.domains import check_logarithms, check_powers
from tests.unit.models.check.examples import tell

DECAY = "k = 1; K = 5; h = 1.5; x = {}; x' = -k*x; z = 1; z' = {}"
HELD = "k = 1; h = 1.5; x = 1; x' = k - x; z = 1; z' = {}"


@pytest.mark.parametrize("formula", ["ln(x)", "x*ln(K/(x + 1e-9))", "ln(1/x)"])
@pytest.mark.parametrize("start", [0, 1])
def test_logarithm_of_what_decays(formula, start, snapshot):
    assert tell(check_logarithms, DECAY.format(start, formula)) == snapshot


@pytest.mark.parametrize(
    "formula", ["ln(max(x, 0) + 1e-9)", "ln(1 + x)", "ln(K)", "ln(x^2 + 1e-9)", "ln(1 + exp(x))"]
)
def test_safe_logarithms(formula):
    assert tell(check_logarithms, DECAY.format(0, formula)) == ""


def test_logarithm_of_what_production_holds():
    assert tell(check_logarithms, HELD.format("ln(x)")) == ""
    assert tell(check_powers, HELD.format("x^h")) == ""


def test_logarithm_that_only_watches_is_a_warning(snapshot):
    assert tell(check_logarithms, "x = 0; x' = -x; y := ln(x)") == snapshot


def test_logarithm_of_what_has_no_sign(snapshot):
    assert tell(check_logarithms, "x = 1; x' = -1; y = 0; y' = ln(x + 1)") == snapshot


@pytest.mark.parametrize("formula", ["x^h", "x^1.5", "sqrt(x)", "x^-0.5", "(K/x)^0.25", "(2*x)^h"])
def test_power_of_what_decays(formula, snapshot):
    assert tell(check_powers, DECAY.format(0, formula)) == snapshot


@pytest.mark.parametrize(
    "formula",
    [
        "x^2",
        "x^3/(K^3 + x^3)",
        "(x^2 + 1e-8)^(h/2)",
        "max(x, 1e-9)^h",
        "max(x, 0)^h",
        "abs(x)^0.5",
        "K^h",
        "K^x",
        "piecewise(x^h, x > 0, 0)",
        "piecewise(0, x <= 0, x^h)",
        "piecewise((x - 1)^h, x > 1, 0)",
        "piecewise(1, x < 2, piecewise(sqrt(x - 1), K > 0, 0))",
        "exp(h*ln(max(x, 0)))",
    ],
)
def test_safe_powers(formula):
    assert tell(check_powers, DECAY.format(0, formula)) == ""


def test_whole_exponents_are_safe_until_they_vary(snapshot):
    text = "h = 2; x = 0; x' = -x; z = 1; z' = x^h"
    row = {"name": "h", "value": 2.0, "low": None, "high": None, "distribution": "fixed"}
    assert tell(check_powers, text) == ""
    assert tell(check_powers, text, row) == ""
    assert tell(check_powers, text, row | {"distribution": "lognormal", "sd": 0.1}) == snapshot


@pytest.mark.parametrize("rate", ["1 - sqrt(x)", "1 - x^1.5/(1 + x^1.5)"])
def test_what_grows_from_zero_is_not_taken_below(rate):
    assert tell(check_powers, f"x = 0; x' = {rate}") == ""


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("sqrt(x)", "sqrt(x) has no value where x is below 0"),
        ("exp(h*ln(x) - 1)", "exp(h*ln(x) - 1) has no value where x is below 0"),
        ("piecewise(sqrt(x - 1), x > 0, 0)", "x - 1 may be less than zero"),
        ("piecewise(sqrt(x), x > -1, 0)", "sqrt(x) has no value where x is below 0"),
        ("x^-0.5", "1/sqrt(x) has no value once x falls to 0"),
    ],
)
def test_a_power_has_a_value_at_zero_where_its_exponent_is_positive(formula, said):
    assert said in tell(check_powers, DECAY.format(1, formula))


@pytest.mark.parametrize("formula", ["exp(h*ln(x))", "exp(h*ln(x) - 1)", "exp(1 - h*ln(x))"])
def test_a_logarithm_in_an_exponential_is_a_power(formula):
    assert tell(check_logarithms, DECAY.format(0, formula)) == ""
    assert "has no value" in tell(check_powers, DECAY.format(0, formula))


def test_a_logarithm_is_guarded_by_the_condition_of_its_piece():
    assert tell(check_logarithms, DECAY.format(0, "piecewise(x*ln(x), x > 0, 0)")) == ""
    assert "ln(x)" in tell(check_logarithms, DECAY.format(0, "piecewise(x*ln(x), x >= 0, 0)"))


def test_the_first_ensemble_draft(snapshot):
    text = "keF = 1.4; hF = 1.5; E = 1.2; EC = 0.4; FLU = 0; FLU' = -keF*FLU; M = 1; M' = 1 - {}*M"
    trap = "E*FLU^hF/(EC^hF + FLU^hF)"
    cure = "E*(FLU^2 + 1e-8)^(0.5*hF)/(EC^hF + (FLU^2 + 1e-8)^(0.5*hF))"
    assert tell(check_powers, text.format(trap)) == snapshot
    assert tell(check_powers, text.format(cure)) == ""


def test_no_equations_no_word():
    assert tell(check_logarithms, "y = 1; y' = -k*ln(y)") == ""
