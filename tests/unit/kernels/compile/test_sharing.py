"""Shared parts: fewer operations, the same values, the same text every time."""

import subprocess
import sys

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stromal.kernels.compile.graph import Graph, Node, reachable
from stromal.kernels.compile.sharing import share


def evaluate(node: Node, values: dict[str, float]) -> float:
    known: dict[Node, float] = {}
    for each in reachable([node]):
        if each.kind == "number":
            known[each] = each.value
        elif each.kind == "symbol":
            known[each] = values[each.name]
        elif each.kind == "sum":
            known[each] = each.value + sum(f * known[part] for part, f in each.parts)
        else:
            factors = [known[part] ** exponent for part, exponent in each.parts]
            known[each] = each.value * float(np.prod(factors))
    return known[node]


def operations(nodes: list[Node]) -> int:
    return sum(len(node.parts) - 1 for node in reachable(nodes) if node.kind in ("sum", "product"))


TERM = st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from([-2, -1, 1, 2, 5])), max_size=4)
SUM = st.lists(st.tuples(TERM, st.sampled_from([-2.0, -1.0, 1.0, 0.5])), min_size=1, max_size=5)


@settings(max_examples=80, deadline=None)
@given(st.lists(SUM, min_size=1, max_size=4))
def test_values_remain(sums: list[list[tuple[list[tuple[str, int]], float]]]) -> None:
    graph = Graph()
    at = {name: graph.symbol(name, state) for state, name in enumerate("abcde")}
    inner = [
        graph.sum_of(
            (graph.product_of([(at[name], e) for name, e in term]), factor)
            for term, factor in terms
        )
        for terms in sums
    ]
    roots = [*inner, graph.multiply(*inner), graph.add(*inner)]
    values = dict(zip("abcde", (1.25, 0.5, 2.0, 1.5, 0.75), strict=True))
    shared = share(graph, roots)
    for root, made in zip(roots, shared, strict=True):
        np.testing.assert_allclose(
            evaluate(made, values), evaluate(root, values), rtol=1e-11, atol=1e-11
        )


def test_a_common_divisor_is_inverted_once_and_single_ones_are_gathered() -> None:
    graph = Graph()
    a, b, c, d = (graph.symbol(name, state) for state, name in enumerate("abcd"))
    twice = share(graph, [graph.divide(a, c), graph.divide(b, c)])
    assert sum(e < 0 for node in reachable(twice) for _, e in node.parts) == 1
    [once] = share(graph, [graph.divide(a, graph.multiply(b, graph.add(c, d)))])
    assert [exponent for _, exponent in once.parts] == [1, -1, -1]


def test_common_parts_cost_once() -> None:
    graph = Graph()
    a, b, c, d = (graph.symbol(name, state) for state, name in enumerate("abcd"))
    roots = [graph.multiply(a, b, c), graph.multiply(a, b, d), graph.multiply(a, b, c, d)]
    assert operations(share(graph, roots)) == 4


def test_large_powers_are_squared_up() -> None:
    graph = Graph()
    x = graph.symbol("x", 0)
    [node] = share(graph, [graph.product_of([(x, 20)])])
    assert evaluate(node, {"x": 1.5}) == 1.5**20
    assert len(reachable([node])) <= 6


PROGRAM = """
import sympy
from stromal.kernels.compile.program import compile_program
from stromal.models.odes import Odes
x, y, z, k, h = sympy.symbols("x y z k h", real=True)
hill = x**h / (k + x**h)
odes = Odes("same", (x, y, z), (hill * y - x, x * y * z / (k + x) + sympy.Max(x, y, z), -z * hill),
            (sympy.Integer(1),) * 3, (k, h), (1.0, 2.0), {"x": x, "y": y})
print(compile_program(odes, outputs=["x", "y"], vary=["h"], keep=False).digest)
"""


def test_every_process_generates_the_same_text() -> None:
    digests = set()
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(run.stdout)
    assert len(digests) == 1
