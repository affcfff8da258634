"""Derivatives of every function against finite differences, and of those that jump."""

import numpy as np
import pytest
import sympy

from stromal.errors import InvalidInput
from stromal.kernels.compile.derivatives import derive_jacobian
from stromal.kernels.compile.graph import Graph, Node, replace
from stromal.kernels.compile.simplify import lower_powers
from stromal.kernels.compile.translate import Translator

X = sympy.Symbol("x", real=True)


def at(graph: Graph, node: Node, value: float) -> float:
    return replace(graph, [node], {graph.symbol("x", 0): graph.number(value)})[0].value


SMOOTH = [
    sympy.exp(X), sympy.log(X), sympy.sqrt(X), sympy.sin(X), sympy.cos(X), sympy.tan(X),
    sympy.asin(X), sympy.acos(X), sympy.atan(X), sympy.sinh(X), sympy.cosh(X), sympy.tanh(X),
    sympy.asinh(X), sympy.acosh(X + 2), sympy.atanh(X), X**2.3, X**X, 1.5**X, 1 / (1 + X) ** 3,
    sympy.Abs(X - 2), sympy.Min(X, X**2), sympy.Max(X, X**2), sympy.sec(X), sympy.csc(X),
    sympy.cot(X), sympy.sech(X), sympy.csch(X), sympy.coth(X), sympy.asec(X + 2),
    sympy.acsc(X + 2), sympy.acot(X), sympy.asech(X), sympy.acsch(X), sympy.acoth(X + 2),
    sympy.Piecewise((X**3, X < 0.3), (X**2, True)), sympy.Mod(X, 0.25), sympy.sign(X) * X,
]  # fmt: skip


@pytest.mark.parametrize("expression", SMOOTH, ids=str)
def test_slopes(expression: sympy.Expr) -> None:
    graph = Graph()
    node = Translator(graph, {X: graph.symbol("x", 0)})(expression)
    slope = derive_jacobian(graph, [node])[0, 0]
    for value in (0.2, 0.45, 0.8):
        step = 1e-6
        by_difference = (at(graph, node, value + step) - at(graph, node, value - step)) / 2 / step
        np.testing.assert_allclose(at(graph, slope, value), by_difference, rtol=1e-6, atol=1e-8)
        expected = float(expression.subs(X, value))
        np.testing.assert_allclose(at(graph, node, value), expected, rtol=1e-13)


@pytest.mark.parametrize("step", [sympy.floor(X), sympy.ceiling(X), sympy.sign(X)], ids=str)
def test_steps_are_flat(step: sympy.Expr) -> None:
    graph = Graph()
    node = Translator(graph, {X: graph.symbol("x", 0)})(step)
    assert derive_jacobian(graph, [node]) == {}


def test_a_kink_has_slope_zero() -> None:
    graph = Graph()
    node = Translator(graph, {X: graph.symbol("x", 0)})(sympy.Abs(X))
    assert at(graph, derive_jacobian(graph, [node])[0, 0], 0.0) == 0.0


def test_the_branch_not_taken_does_not_spoil_the_slope() -> None:
    graph = Graph()
    choice = sympy.Piecewise((sympy.log(X), X > 0), (0, True))
    node = Translator(graph, {X: graph.symbol("x", 0)})(choice)
    assert at(graph, derive_jacobian(graph, [node])[0, 0], 0.0) == 0.0


def test_a_function_without_a_slope_is_refused_by_name() -> None:
    graph = Graph()
    node = Translator(graph, {X: graph.symbol("x", 0)})(sympy.gamma(X))
    with pytest.raises(InvalidInput, match="gamma"):
        derive_jacobian(graph, [node])


N = sympy.Symbol("n", real=True)


@pytest.mark.parametrize(
    ("formula", "exponent", "slope"),
    [
        (X**N, 2.5, 0.0),
        (X**N, 1.0, 1.0),
        (X**N, 0.0, 0.0),
        (X**N, 0.5, 0.0),  # infinite: none
        (sympy.exp(N * sympy.log(2 * X)), 2.5, 0.0),
        (sympy.exp(N * sympy.log(2 * X) - 3 * X), 20.1, 0.0),
        (sympy.exp(N * sympy.log(2 * X) - 3 * X + 1), 1.0, 2 * np.e),
        (sympy.exp(N * sympy.log(2 * X) + 1), 0.5, 0.0),  # infinite: none
        (sympy.sqrt(X), 0.0, 0.0),  # infinite: none
        (X**X, 0.0, 0.0),  # infinite: none
    ],
)
def test_slopes_at_zero_are_their_limits(formula, exponent, slope) -> None:
    """Closed forms: n*x^(n - 1), and those of exp(n*ln(u) + r) = u^n*exp(r)."""
    for varied in (True, False):
        graph = Graph()
        n = graph.symbol("n") if varied else graph.number(exponent)
        rate = Translator(graph, {X: graph.symbol("x", 0), N: n})(formula)
        jacobian = list(derive_jacobian(graph, [rate]).values())
        given = {graph.symbol("x", 0): graph.number(0.0), graph.symbol("n"): graph.number(exponent)}
        for form in (jacobian, lower_powers(graph, jacobian)):
            values = [node.value for node in replace(graph, form, given)]
            assert sum(values) == pytest.approx(slope, rel=1e-14)
