"""Slopes of formulas: steps, kinks and powers."""

from __future__ import annotations

import math

import pytest
import sympy

from stromal.models.arithmetic import number, rebuild
from stromal.models.model import symbol
from stromal.models.parse import read_model
from stromal.models.shared import Shared, substitute
from stromal.models.slopes import differentiate

X, K, N = sympy.symbols("x k n", real=True)
S = {"x": X, "k": K, "n": N}


def value(expression, **point):
    return float(rebuild(expression, {S[name]: number(at) for name, at in point.items()}))


def test_steps_and_kinks():
    assert differentiate(sympy.floor(K * X), X) == 0
    assert differentiate(sympy.sign(X) * X, X) == sympy.sign(X)
    assert differentiate(sympy.Abs(X), X) == sympy.sign(X)
    assert differentiate(sympy.Mod(X, 2), X) == 1
    assert value(differentiate(sympy.Min(X, K), X), x=1, k=2) == 1


@pytest.mark.parametrize("n", [1.0, 1.5, 3.0])
def test_the_slope_of_a_power_has_its_value_at_zero(n):
    assert value(differentiate(X**N, X), x=0.0, n=n) == (n == 1)
    assert value(differentiate(X**N, N), x=0.0, n=n) == 0
    assert value(differentiate(X**N, N), x=2.0, n=n) == pytest.approx(2**n * math.log(2))


def test_powers_inside_powers_and_hill_terms():
    point = {"x": 1.3, "k": 0.7, "n": 1.6}
    for whole in (X**N / (K**N + X**N), (X**N + K) ** N, X**X, sympy.exp(X**N)):
        for to in (X, N):
            wanted = value(sympy.diff(whole, to), **point)
            assert value(differentiate(whole, to), **point) == pytest.approx(wanted, rel=1e-12)


def test_a_piecewise_in_a_condition_is_differentiated() -> None:
    model = read_model("x = 1; x' = 1; y := x % 0.7")
    slope = differentiate(model.assignment_rules["y"], symbol("x"))
    assert sympy.lambdify([symbol("x")], slope)(2.0) == pytest.approx(1.0)


def test_a_shared_formula_is_differentiated_through_every_link() -> None:
    x, k = symbol("x"), symbol("k")
    held = x
    for link in range(300):
        held = Shared(held * k + x, f"a{link}")
    values = {x: sympy.Float(0.5), k: sympy.Float(0.9)}
    by_x = substitute(differentiate(held, x), values)
    by_k = substitute(differentiate(held, k), values)
    assert float(by_x) == pytest.approx(10.0, rel=1e-9)
    assert float(by_k) == pytest.approx(50.0, rel=1e-9)
    assert differentiate(held, symbol("y")) == 0


def test_a_deep_formula_is_differentiated() -> None:
    deep = X
    for _ in range(90):
        deep = 1 / (1 + deep)
    slope = differentiate(deep, X)
    # 1/(1 + y) goes to g = (sqrt(5) - 1)/2 and its slope there is -g^2 in each link
    start = sympy.Float((math.sqrt(5) - 1) / 2)
    found = float(substitute(slope, {X: start}))
    assert found == pytest.approx(float(start) ** 180, rel=1e-6)
