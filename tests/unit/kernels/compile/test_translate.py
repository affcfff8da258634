"""sympy expressions become nodes with the same value."""

import math

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from stromal.errors import InvalidInput
from stromal.kernels.compile.derivatives import derive_jacobian
from stromal.kernels.compile.graph import Graph, reachable
from stromal.kernels.compile.translate import Translator
from stromal.kernels.sensitivity import derive_sensitivities
from stromal.models.derive import derive_odes
from stromal.models.parse import read_model

X, Y, K = sympy.symbols("x y k", real=True)


def value_of(expression: sympy.Basic, x: float = 0.7, y: float = 1.9) -> float:
    graph = Graph()
    return Translator(graph, {X: graph.number(x), Y: graph.number(y)})(expression).value


@settings(deadline=None)
@given(st.floats(-3, 3), st.floats(-3, 3))
def test_conditions(x: float, y: float) -> None:
    inside = sympy.And(X > -1, sympy.Or(Y < 1, X >= Y), sympy.Not(sympy.Eq(X, 0)))
    expected = x > -1 and (y < 1 or x >= y) and x != 0
    assert value_of(inside, x, y) == float(expected)
    choice = sympy.Piecewise((1, sympy.Xor(X > 0, Y > 0)), (2, sympy.true))
    assert value_of(choice, x, y) == (1.0 if (x > 0) != (y > 0) else 2.0)


def test_where_no_condition_holds_there_is_no_value() -> None:
    assert math.isnan(value_of(sympy.Piecewise((1, X > 5))))


def test_numbers() -> None:
    assert value_of(sympy.pi) == math.pi
    assert value_of(sympy.Rational(1, 3)) == 1 / 3
    assert value_of(sympy.Float(0.1)) == 0.1
    assert value_of(sympy.factorial(sympy.Symbol("x", real=True)), 4.0) == pytest.approx(24.0)
    assert value_of(sympy.oo) == math.inf
    assert math.isnan(value_of(sympy.nan))
    assert math.isnan(value_of(sympy.zoo))


def test_a_deep_expression_needs_no_deep_stack() -> None:
    expression: sympy.Expr = X
    for _ in range(400):
        expression = sympy.sin(expression, evaluate=False)
    assert abs(value_of(expression)) < 1


@pytest.mark.parametrize(
    ("expression", "word"), [(sympy.Symbol("z"), "`z`"), (sympy.Function("g")(X), "`g`")]
)
def test_what_cannot_be_compiled_is_named(expression: sympy.Expr, word: str) -> None:
    with pytest.raises(InvalidInput, match=word):
        value_of(expression)


def chain_nodes(links: int) -> int:
    """Nodes of a rate, its slopes and those of its sensitivity, where each link divides twice."""
    written = "; ".join(f"a{i} := a{i - 1}/(1 + a{i - 1}^2) + k" for i in range(1, links + 1))
    text = f"k = 0.01; x = 1; a0 := x; {written}; x' = -a{links}*x"
    odes = derive_sensitivities(derive_odes(read_model(text)), ["k"])
    graph = Graph()
    states = [graph.symbol(f"y{place}", place) for place in range(len(odes.states))]
    names = dict(zip(odes.states, states, strict=True)) | {K: graph.number(0.01)}
    rates = [Translator(graph, names)(rate) for rate in odes.rates]
    entries = derive_jacobian(graph, rates)
    return sum(len(node.parts) for node in reachable([*rates, *entries.values()]))


def test_a_chain_is_compiled_in_its_length() -> None:
    assert chain_nodes(75) < 3.4 * chain_nodes(25)
