"""Powers share logarithms, constants are taken out, and values remain."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stromal.kernels.compile.functions import power_of
from stromal.kernels.compile.graph import Graph, Node, reachable, replace
from stromal.kernels.compile.simplify import Constants, lower_powers


def calls(nodes: list[Node], name: str) -> int:
    return sum(node.kind == "call" and node.name == name for node in reachable(nodes))


def at(graph: Graph, node: Node, **values: float) -> float:
    put = {graph.symbol("x", 0): graph.number(values["x"])}
    put[graph.symbol("h")] = graph.number(values.get("h", math.nan))
    return replace(graph, [node], put)[0].value


SHIFTS = st.lists(st.sampled_from([0.3, 1.3, 2.3, -0.7, 0.6, -0.4, 1.6, 0.5, 1.5, -0.5, -1.5]))


@settings(deadline=None)
@given(SHIFTS, st.floats(0.01, 100))
def test_powers_keep_their_values(shifts: list[float], x: float) -> None:
    graph = Graph()
    base = graph.symbol("x", 0)
    powers = [graph.power(base, graph.number(shift)) for shift in shifts]
    for shift, node in zip(shifts, lower_powers(graph, powers), strict=True):
        np.testing.assert_allclose(at(graph, node, x=x), x**shift, rtol=1e-14)


def test_a_power_and_those_of_its_slopes_are_one_exponential() -> None:
    graph = Graph()
    x, h = graph.symbol("x", 0), graph.symbol("h")
    for exponent in (graph.number(0.785), h):
        lowered = [
            graph.power(x, exponent),
            graph.power(x, graph.sum_of([(exponent, 1.0)], -1.0)),
        ]
        assert calls(lower_powers(graph, lowered), "exp") == 1


@pytest.mark.parametrize("h", [0.3, 0.5, 1.5, 2.3])
def test_at_zero_a_power_is_zero_and_its_slope_is_a_number(h: float) -> None:
    graph = Graph()
    x = graph.symbol("x", 0)
    nodes = [graph.power(x, graph.number(h)), graph.power(x, graph.number(h - 1))]
    power, slope = lower_powers(graph, nodes)
    assert at(graph, power, x=0.0) == 0.0
    assert at(graph, slope, x=0.0) == 0.0 or h <= 0.5


def test_powers_of_parameters_remain_powers() -> None:
    graph = Graph()
    node = graph.power(graph.symbol("k"), graph.symbol("h"))
    assert lower_powers(graph, [node]) == [node]


def test_every_part_without_a_state_gets_a_name_once() -> None:
    graph = Graph()
    x, h, k = graph.symbol("x", 0), graph.symbol("h"), graph.symbol("k")
    constants = Constants(graph, first=2)
    rate = graph.add(
        graph.multiply(x, graph.divide(h, k)),
        graph.call("exp", graph.multiply(h, k)),
        graph.multiply(graph.divide(h, k), graph.call("sin", x)),
    )
    [hoisted] = constants.hoist([rate])
    assert len(constants.definitions) == 2
    for node in reachable([hoisted]):
        assert node.varies or node.is_atom
    back = {symbol: node for node, symbol in constants.definitions.items()}
    assert replace(graph, [hoisted], back) == [rate]


def test_a_lone_parameter_needs_no_constant() -> None:
    graph = Graph()
    x, k = graph.symbol("x", 0), graph.symbol("k")
    constants = Constants(graph, first=1)
    constants.hoist([graph.negate(graph.multiply(k, x)), graph.subtract(x, k), graph.negate(k)])
    assert not constants.definitions


@pytest.mark.parametrize("exponent", [-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 0.5, -0.5])
@pytest.mark.parametrize("x", [-2.0, 0.0, 3.0])
def test_an_exponent_that_varies_gives_the_power_of_one_that_does_not(exponent, x) -> None:
    graph = Graph()
    base, h = graph.symbol("x", 0), graph.symbol("h")
    with_next = [graph.power(base, h), graph.power(base, graph.add(h, graph.number(-1.0)))]
    for shift, node in enumerate(lower_powers(graph, with_next)):
        expected = power_of(x, exponent - shift)
        found = at(graph, node, x=x, h=exponent)
        np.testing.assert_allclose(abs(found), abs(expected), rtol=1e-14)
        assert math.isinf(expected) or np.sign(found) == np.sign(expected) or math.isnan(expected)
