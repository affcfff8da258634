"""Derivatives of nodes with respect to states."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from stromal.errors import InvalidInput, Issue
from stromal.kernels.compile.graph import Graph, Node, Part, reachable, split_logarithm

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
    """Slopes p*x**(p - 1) and x**p * log(x); one that is infinite at x = 0 counts as none there.

    Steps are then bounded by the error alone, as they are beside a kink.
    """
    base, exponent = node.parts[0][0], node.parts[1][0]
    lowered = graph.power(base, graph.sum_of([(exponent, 1.0)], -1.0))
    slope = _without_pole(graph, base, exponent, graph.multiply(exponent, lowered))
    slopes = [(slope, known[base])] if base.varies else []
    if exponent.varies:
        zero = graph.number(0.0)
        turned = graph.multiply(node, graph.call("log", base))
        above = graph.call("gt", base, zero)
        slopes.append((graph.call("select", above, turned, zero), known[exponent]))
    return slopes


def _without_pole(graph: Graph, base: Node, exponent: Node, slope: Node) -> Node:
    """The slope of base**exponent; 0 at base 0 where the exponent is less than 1."""
    zero, one = graph.number(0.0), graph.number(1.0)
    if exponent.is_number and not 0 < exponent.value < 1:
        return slope
    pole = graph.call("both", graph.call("eq", base, zero), graph.call("lt", exponent, one))
    if exponent.is_number:
        pole = graph.call("eq", base, zero)
    return graph.call("select", pole, zero, slope)


def _exponential_slopes(
    graph: Graph, node: Node, known: dict[Node, Gradient]
) -> list[tuple[Node, Gradient]]:
    """Slopes of exp(r + p*log(u)): by u it is p*exp(r + (p - 1)*log(u)), which u = 0 has too."""
    inner = node.parts[0][0]
    terms = inner.parts if inner.kind == "sum" else ()
    slopes: list[tuple[Node, Gradient]] = []
    left: list[Part] = []
    for place, (term, factor) in enumerate(terms):
        found = split_logarithm(graph, term, factor)
        if found is None or not found[1].varies:
            left.append((term, factor))
            continue
        logarithm, base, exponent = found
        others: list[Part] = [part for other, part in enumerate(terms) if other != place]
        lowered = graph.sum_of([(exponent, 1.0)], -1.0)
        others.append((graph.multiply(lowered, logarithm), 1.0))
        raised = graph.call("exp", graph.sum_of(others, inner.value))
        slope = _without_pole(graph, base, exponent, graph.multiply(exponent, raised))
        slopes.append((slope, known[base]))
        if exponent.varies:
            slopes.append((graph.multiply(node, logarithm), known[exponent]))
    if len(left) == len(terms):
        return [(node, known[inner])]
    return [*slopes, *((graph.multiply(node, graph.number(c)), known[part]) for part, c in left)]


def _call_gradient(graph: Graph, node: Node, known: dict[Node, Gradient]) -> Gradient:
    inner = [part for part, _ in node.parts]
    if node.name == "select":
        return _choice(graph, inner[0], known[inner[1]], known[inner[2]])
    if node.name in ("minimum", "maximum"):
        test = graph.call("le" if node.name == "minimum" else "ge", inner[0], inner[1])
        return _choice(graph, test, known[inner[0]], known[inner[1]])
    if node.name in _STEPS:
        return {}
    if node.name == "exp":
        return _chain(graph, _exponential_slopes(graph, node, known))
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
    if node.name not in _SLOPES:
        hint = "keep it to parameters, where it is a number"
        raise InvalidInput(
            [Issue(f"the function `{node.name}` of a state has no derivative here", hint=hint)]
        )
    return _SLOPES[node.name](graph, node, x)


def _sign(graph: Graph, _: Node, x: Node) -> Node:
    zero = graph.number(0.0)
    return graph.subtract(graph.call("gt", x, zero), graph.call("lt", x, zero))


def _quadratic(graph: Graph, constant: float, factor: float, x: Node) -> Node:
    """The node constant + factor * x**2."""
    return graph.sum_of([(graph.product_of([(x, 2)]), factor)], constant)


def _over_root(graph: Graph, sign: float, constant: float, factor: float, x: Node) -> Node:
    """The node sign / sqrt(constant + factor * x**2)."""
    root = graph.call("sqrt", _quadratic(graph, constant, factor, x))
    return graph.product_of([(root, -1)], sign)


_SLOPES: Mapping[str, Callable[[Graph, Node, Node], Node]] = {
    "log": lambda graph, _, x: graph.product_of([(x, -1)]),
    "sqrt": lambda graph, node, x: _without_pole(
        graph, x, graph.number(0.5), graph.product_of([(node, -1)], 0.5)
    ),
    "sin": lambda graph, _, x: graph.call("cos", x),
    "cos": lambda graph, _, x: graph.negate(graph.call("sin", x)),
    "tan": lambda graph, node, _: _quadratic(graph, 1.0, 1.0, node),
    "sinh": lambda graph, _, x: graph.call("cosh", x),
    "cosh": lambda graph, _, x: graph.call("sinh", x),
    "tanh": lambda graph, node, _: _quadratic(graph, 1.0, -1.0, node),
    "absolute": _sign,
    "arctan": lambda graph, _, x: graph.product_of([(_quadratic(graph, 1.0, 1.0, x), -1)]),
    "arctanh": lambda graph, _, x: graph.product_of([(_quadratic(graph, 1.0, -1.0, x), -1)]),
    "arcsin": lambda graph, _, x: _over_root(graph, 1.0, 1.0, -1.0, x),
    "arccos": lambda graph, _, x: _over_root(graph, -1.0, 1.0, -1.0, x),
    "arcsinh": lambda graph, _, x: _over_root(graph, 1.0, 1.0, 1.0, x),
    "arccosh": lambda graph, _, x: _over_root(graph, 1.0, -1.0, 1.0, x),
}
