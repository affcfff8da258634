"""Entries of the factors: as text they are what the plan says."""

import pytest

from stromal.kernels.compile.entries import store_entry
from stromal.kernels.compile.graph import Graph, Node
from stromal.kernels.compile.lu import Entry
from stromal.kernels.compile.source import PLAIN, Place, Writer


def text_of(graph: Graph, entry: Entry, node: Node | None, shared: frozenset[Node]) -> str:
    places = {graph.symbol("k"): Place("k"), graph.symbol("d"): Place("d")}
    places |= {graph.symbol("v"): Place("v")}
    places |= {graph.symbol(f"w{i}"): Place(f"w{i}") for i in range(9)}
    jacobian = {} if node is None else {(entry.row, entry.column): node}
    store = store_entry(graph, entry, jacobian, shared, ["A", "B"])
    lines = Writer(PLAIN, places).function("factor", "w", "W", [store]).splitlines()
    assert lines[-1] == f"    w[8] = w8  # {'AB'[entry.row]}, {'AB'[entry.column]}"
    return "; ".join(line.strip() for line in lines[2:-1])


DIAGONAL = Entry(8, 0, 0, (), None)
ABOVE = Entry(8, 0, 1, ((1, 2),), None)
BELOW = Entry(8, 1, 0, ((1, 2), (3, 4)), 5)


@pytest.mark.parametrize(
    ("entry", "kind", "expected"),
    [
        (DIAGONAL, "none", "w8 = 1.0/d + 0.0*d"),
        (DIAGONAL, "minus", "t0 = d + k; w8 = 1.0/t0 + 0.0*t0"),
        (DIAGONAL, "sum", "t0 = d + k - v; w8 = 1.0/t0 + 0.0*t0"),
        (DIAGONAL, "number", "t0 = 2.0 + d; w8 = 1.0/t0 + 0.0*t0"),
        (ABOVE, "none", "w8 = -w1*w2"),
        (ABOVE, "minus", "w8 = k - w1*w2"),
        (BELOW, "none", "w8 = (-w1*w2 - w3*w4)*w5"),
        (Entry(8, 1, 0, (), 5), "number", "w8 = 2.0*w5"),
        (Entry(8, 1, 0, (), 5), "minus", "w8 = k*w5"),
        (Entry(8, 1, 0, (), None), "number", "w8 = 2.0"),
    ],
)
def test_text(entry: Entry, kind: str, expected: str) -> None:
    graph = Graph()
    k, v = graph.symbol("k"), graph.symbol("v")
    nodes = {
        "none": None,
        "minus": graph.negate(k),
        "sum": graph.subtract(v, k),
        "number": graph.number(-2.0),
    }
    assert text_of(graph, entry, nodes[kind], frozenset()) == expected


def test_a_sum_used_elsewhere_is_not_opened() -> None:
    graph = Graph()
    node = graph.subtract(graph.symbol("v"), graph.symbol("k"))
    expected = "t0 = d - (v - k); w8 = 1.0/t0 + 0.0*t0"
    assert text_of(graph, DIAGONAL, node, frozenset({node})) == expected
