"""The text of functions: readable, each value read once, numbers exact."""

import ast
import keyword
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from stromal.kernels.compile.functions import FUNCTIONS
from stromal.kernels.compile.graph import Graph, Node
from stromal.kernels.compile.lu import plan_factorisation
from stromal.kernels.compile.source import (
    LANES,
    PLAIN,
    Place,
    Store,
    Writer,
    name_locals,
)


def write(graph: Graph, node: Node, lanes: bool = False) -> str:
    places = {
        graph.symbol("x", 0): Place("PLT", "y", 0),
        graph.symbol("y", 1): Place("TPO", "y", 1),
        graph.symbol("k"): Place("kplt", "c", 0),
    }
    writer = Writer(LANES if lanes else PLAIN, places)
    return writer.function("rates", "y, c, f", "dy/dt", [Store("f", 0, node, "PLT")])


@settings(deadline=None)
@given(st.lists(st.one_of(st.text(), st.sampled_from(["exp", "y0", "if", "A", "A_", "c12"]))))
def test_local_names_are_distinct_and_take_nothing_that_is_needed(wanted: list[str]) -> None:
    names = name_locals(wanted)
    assert len(set(names)) == len(names)
    for name in names:
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
        assert name not in FUNCTIONS
        assert name not in ("y0", "c12", "t3", "w1", "d", "f", "p", "x", "y", "inf", "nan")


def test_a_value_used_twice_is_computed_once() -> None:
    graph = Graph()
    x, y, k = graph.symbol("x", 0), graph.symbol("y", 1), graph.symbol("k")
    used = graph.call("exp", graph.multiply(k, x))
    text = write(graph, graph.multiply(used, graph.add(used, y)))
    assert text.splitlines()[2:] == [
        "    PLT = y[0]",
        "    kplt = c[0]",
        "    t0 = exp(PLT*kplt)",
        "    TPO = y[1]",
        "    f[0] = t0*(TPO + t0)  # PLT",
    ]


def test_lanes_differ_in_reading_and_writing_only() -> None:
    graph = Graph()
    x, k = graph.symbol("x", 0), graph.symbol("k")
    lines = write(graph, graph.divide(x, graph.add(k, x)), lanes=True).splitlines()
    assert lines[2:] == [
        "    PLT = load(y, 0)",
        "    kplt = load(c, 0)",
        "    store(f, 0, PLT/(PLT + kplt))  # PLT",
    ]


@settings(deadline=None)
@given(st.floats(allow_nan=False))
def test_numbers_come_back_exactly(value: float) -> None:
    graph = Graph()
    text = write(graph, graph.number(value))
    f = [0.0]
    scope = {"inf": float("inf")}
    exec(text, scope)
    scope["rates"]([], [], f)  # type: ignore[operator]
    assert f[0] == value


def test_long_expressions_are_cut_into_lines() -> None:
    graph = Graph()
    x, k = graph.symbol("x", 0), graph.symbol("k")
    node = x
    for _ in range(40):
        node = graph.call("sin", graph.add(node, k))
    text = write(graph, node)
    assert max(map(len, text.splitlines())) < 200
    ast.parse(text)


def test_substitutions_read_every_factor_once() -> None:
    plan = plan_factorisation(3, [(0, 1), (1, 2), (2, 0)])
    text = Writer(PLAIN, {}).resolve(plan, ["a", "b", "c"])
    for entry in plan.entries:
        assert text.count(f"w[{entry.slot}]") == 1


def test_a_comment_stays_on_its_line() -> None:
    graph = Graph()
    store = Store("f", 0, graph.number(1.0), "name\nimport os")
    text = Writer(PLAIN, {}).function("rates", "y, c, f", "dy/dt", [store])
    assert text.splitlines()[-1] == "    f[0] = 1.0  # name import os"


def test_names_that_python_keeps_for_itself_are_replaced() -> None:
    assert name_locals(["__", "__init__", "_x", "v0"]) == ("v0", "v1", "_x", "v0_")


def test_scheduled_statements_compute_the_same() -> None:
    graph = Graph()
    x, y, k = graph.symbol("x", 0), graph.symbol("y", 1), graph.symbol("k")
    slow = graph.call("exp", graph.multiply(k, y))
    first = graph.add(x, graph.multiply(k, k, k))
    second = graph.multiply(graph.divide(x, graph.add(slow, graph.number(1.0))), slow)
    stores = [Store("f", 0, first, "PLT"), Store("f", 1, second, "TPO"), Store("f", 2, slow)]
    places = {x: Place("PLT", "y", 0), y: Place("TPO", "y", 1), k: Place("kplt", "c", 0)}
    found = []
    for scheduled in (False, True):
        text = Writer(PLAIN, places).function("rates", "y, c, f", "", stores, scheduled=scheduled)
        scope: dict[str, object] = {"exp": math.exp}
        exec(text, scope)
        f = [0.0, 0.0, 0.0]
        scope["rates"]([2.0, 3.0], [0.5], f)  # type: ignore[operator]
        found.append(f)
        assert text.count("exp(") == 1
        if scheduled:
            assert text.index("exp(") < text.index("f[0]")
    assert found[0] == found[1]
