"""Derivatives of nodes with respect to states."""

from __future__ import annotations

from collections.abc import Sequence

from stromal.errors import InvalidInput, Issue
from stromal.kernels.compile.graph import Graph, Node, Part, reachable

Gradient = dict[int, Node]


def derive_jacobian(graph: Graph, rates: Sequence[Node]) -> dict[tuple[int, int], Node]:
    """Entries of d rate i / d state j that are not zero everywhere.

    The derivative of a choice is that of the branch chosen; steps (floor, comparisons) have
    derivative zero, and |x| has derivative zero at x = 0.

    Examples
    --------
    >>> graph = Graph()
    >>> x, y = graph.symbol("x", state=0), graph.symbol("y", state=1)
    >>> entries = derive_jacobian(graph, [graph.multiply(x, y), graph.call("floor", x)])
    >>> {place: node.name for place, node in entries.items()}
    {(0, 0): 'y', (0, 1): 'x'}
    """
    gradients: dict[Node, Gradient] = {}
    for node in reachable(rates):
        gradients[node] = _gradient(graph, node, gradients)
    return {
        (row, column): gradients[rate][column]
        for row, rate in enumerate(rates)
        for column in sorted(gradients[rate])
    }


def _gradient(graph: Graph, node: Node, known: dict[Node, Gradient]) -> Gradient:
    if not node.varies:
        return {}
    if node.kind == "symbol":
        return {node.uses.bit_length() - 1: graph.number(1.0)}
    if node.kind == "sum":
        slopes: list[Part] = [(part, factor) for part, factor in node.parts]
        return _chain(graph, [(graph.number(c), known[part]) for part, c in slopes])
    if node.kind == "product":
        return _chain(graph, _product_slopes(graph, node, known))
    if node.kind == "power":
        return _chain(graph, _power_slopes(graph, node, known))
    return _call_gradient(graph, node, known)


def _chain(graph: Graph, slopes: Sequence[tuple[Node, Gradient]]) -> Gradient:
    """Sum over parts of (slope with respect to the part) * (gradient of the part)."""
    terms: dict[int, list[Part]] = {}
    for slope, gradient in slopes:
        for state, inner in gradient.items():
            terms.setdefault(state, []).append((graph.multiply(slope, inner), 1.0))
    summed = {state: graph.gathered_sum_of(parts) for state, parts in terms.items()}
    return {state: node for state, node in summed.items() if not _is_zero(node)}


def _is_zero(node: Node) -> bool:
    return node.is_number and node.value == 0


def _product_slopes(
    graph: Graph, node: Node, known: dict[Node, Gradient]
) -> list[tuple[Node, Gradient]]:
    slopes = []
    for place, (factor, exponent) in enumerate(node.parts):
        if factor.varies:
            others = [part for other, part in enumerate(node.parts) if other != place]
            lowered = [*others, (factor, exponent - 1)]
            slopes.append((graph.product_of(lowered, node.value * exponent), known[factor]))
    return slopes


def _power_slopes(
    graph: Graph, node: Node, known: dict[Node, Gradient]
) -> list[tuple[Node, Gradient]]:
    base, exponent = node.parts[0][0], node.parts[1][0]
    lowered = graph.power(base, graph.sum_of([(exponent, 1.0)], -1.0))
    slopes = [(graph.multiply(exponent, lowered), known[base])]
    if exponent.varies:
        slopes.append((graph.multiply(node, graph.call("log", base)), known[exponent]))
    return slopes


def _call_gradient(graph: Graph, node: Node, known: dict[Node, Gradient]) -> Gradient:
    inner = [part for part, _ in node.parts]
    if node.name == "select":
        return _choice(graph, inner[0], known[inner[1]], known[inner[2]])
    if node.name in ("minimum", "maximum"):
        test = graph.call("le" if node.name == "minimum" else "ge", inner[0], inner[1])
        return _choice(graph, test, known[inner[0]], known[inner[1]])
    if node.name in _STEPS:
        return {}
    return _chain(graph, [(_slope(graph, node, inner[0]), known[inner[0]])])


def _choice(graph: Graph, test: Node, yes: Gradient, no: Gradient) -> Gradient:
    zero = graph.number(0.0)
    chosen = {
        state: graph.call("select", test, yes.get(state, zero), no.get(state, zero))
        for state in sorted({*yes, *no})
    }
    return {state: node for state, node in chosen.items() if not _is_zero(node)}


_STEPS = frozenset(
    ("floor", "ceil", "lt", "le", "gt", "ge", "eq", "ne", "both", "either", "negate")
)


def _slope(graph: Graph, node: Node, x: Node) -> Node:
    """The derivative g'(x) of a function of one argument."""
    one = graph.number(1.0)
    square = graph.product_of([(x, 2)])
    if node.name in ("sinh", "cosh", "sin"):
        return graph.call({"sinh": "cosh", "cosh": "sinh", "sin": "cos"}[node.name], x)
    if node.name == "cos":
        return graph.negate(graph.call("sin", x))
    if node.name == "exp":
        return node
    if node.name == "log":
        return graph.product_of([(x, -1)])
    if node.name == "sqrt":
        return graph.product_of([(node, -1)], 0.5)
    if node.name == "tan":
        return graph.sum_of([(graph.product_of([(node, 2)]), 1.0)], 1.0)
    if node.name == "tanh":
        return graph.sum_of([(graph.product_of([(node, 2)]), -1.0)], 1.0)
    if node.name == "absolute":
        zero = graph.number(0.0)
        return graph.subtract(graph.call("gt", x, zero), graph.call("lt", x, zero))
    inside = {
        "arctan": graph.add(one, square),
        "arctanh": graph.subtract(one, square),
        "arcsin": graph.subtract(one, square),
        "arccos": graph.subtract(one, square),
        "arcsinh": graph.add(square, one),
        "arccosh": graph.subtract(square, one),
    }
    if node.name not in inside:
        hint = "keep it to parameters, where it is a number"
        raise InvalidInput(
            [Issue(f"the function `{node.name}` of a state has no derivative here", hint=hint)]
        )
    if node.name in ("arctan", "arctanh"):
        return graph.divide(one, inside[node.name])
    slope = graph.divide(one, graph.call("sqrt", inside[node.name]))
    return graph.negate(slope) if node.name == "arccos" else slope
