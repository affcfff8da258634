"""Expressions as a graph: one node for equal expressions, nothing multiplied out."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stromal.kernels.compile.graph import LONGEST, Graph, Node, reachable, replace, round_whole


@pytest.fixture
def graph() -> Graph:
    return Graph()


def symbols(graph: Graph) -> tuple[Node, Node, Node]:
    return graph.symbol("x", 0), graph.symbol("y", 1), graph.symbol("k")


def test_order_and_grouping_do_not_matter(graph: Graph) -> None:
    x, y, k = symbols(graph)
    assert graph.add(x, graph.add(y, k)) is graph.add(graph.add(k, y), x)
    assert graph.multiply(x, graph.multiply(y, k)) is graph.multiply(graph.multiply(k, y), x)
    assert graph.subtract(x, y) is graph.negate(graph.subtract(y, x))


def test_like_terms_and_factors_meet(graph: Graph) -> None:
    x, y, _ = symbols(graph)
    assert graph.add(x, x) is graph.product_of([(x, 1)], 2.0)
    assert graph.divide(graph.multiply(x, y), y) is x
    assert graph.subtract(x, x).value == 0.0


def test_products_of_sums_stay_products(graph: Graph) -> None:
    x, y, k = symbols(graph)
    node = graph.multiply(k, graph.add(x, y))
    assert node.kind == "product"
    assert len(node.parts) == 2


def test_what_depends_on_states_is_known(graph: Graph) -> None:
    x, y, k = symbols(graph)
    assert graph.multiply(x, k).uses == 0b01
    assert graph.call("select", graph.call("gt", y, k), x, k).uses == 0b11
    assert not graph.call("exp", k).varies


def test_a_common_factor_is_taken_in_front(graph: Graph) -> None:
    x, y, k = symbols(graph)
    over = graph.product_of([(y, -1)])
    terms = [(graph.multiply(x, over), 1.0), (graph.multiply(k, over, over), 1.0)]
    node = graph.gathered_sum_of(terms)
    assert dict(node.parts)[y] == -1
    put = {x: graph.number(3.0), y: graph.number(4.0), k: graph.number(5.0)}
    assert replace(graph, [node], put)[0].value == pytest.approx(3 / 4 + 5 / 16)


def test_zero_times_infinity_is_not_zero(graph: Graph) -> None:
    x, _, _ = symbols(graph)
    ratio = graph.divide(graph.add(x, graph.number(1.0)), x)
    assert math.isinf(replace(graph, [ratio], {x: graph.number(0.0)})[0].value)
    bad = graph.multiply(x, graph.call("log", x))
    assert math.isnan(replace(graph, [bad], {x: graph.number(0.0)})[0].value)


def test_powers_are_brought_to_one_form(graph: Graph) -> None:
    x, _, k = symbols(graph)
    half = graph.number(0.5)
    assert graph.power(graph.product_of([(x, -1)]), half) is graph.power(x, graph.number(-0.5))
    assert graph.power(graph.call("exp", x), k) is graph.call("exp", graph.multiply(k, x))
    assert graph.power(x, graph.number(3.0)).kind == "product"
    # (-x)**h is not x**h times anything
    assert graph.power(graph.negate(x), half).kind == "power"


def test_nodes_of_two_graphs_do_not_mix(graph: Graph) -> None:
    other = Graph().symbol("z", 2)
    with pytest.raises(ValueError, match="two graphs"):
        reachable([graph.symbol("x", 0), other])


@settings(deadline=None)
@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_whole_number_is_found_only_near_one(value: float) -> None:
    whole = round_whole(value)
    assert math.isnan(whole) or abs(whole - value) <= 0.5


def test_long_products_and_sums_stay_whole_in_others(graph: Graph) -> None:
    many = [graph.symbol(f"x{place}", place) for place in range(LONGEST + 1)]
    product, total = graph.multiply(*many), graph.add(*many)
    k = graph.symbol("k")
    assert {part for part, _ in graph.multiply(product, k).parts} == {product, k}
    assert {part for part, _ in graph.add(total, k).parts} == {total, k}
    assert graph.divide(graph.multiply(product, k), product) is k


def test_what_long_products_have_in_common_is_not_divided_by(graph: Graph) -> None:
    many = [graph.symbol(f"x{place}", place) for place in range(LONGEST + 1)]
    one, other = (graph.multiply(*many, graph.symbol(name)) for name in "kl")
    node = graph.gathered_sum_of([(one, 1.0), (other, 2.0)])
    given = {each: graph.number(0.0) for each in many}
    given |= {graph.symbol(name): graph.number(1.0) for name in "kl"}
    assert replace(graph, [node], given)[0].value == 0.0
