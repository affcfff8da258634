"""How large the flows of a state are, and which states only what is left of them brings back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from stromal.kernels.compile.graph import Graph, Node, reachable
from stromal.kernels.compile.graph import replace as substitute

CLOSE = 1e-9
"""Rounding of a sum of flows, beside the sum."""


def measure_flows(
    graph: Graph, rates: Sequence[Node], given: Mapping[Node, Node]
) -> tuple[float, ...]:
    """Add up what flows into and out of each state, where a rate is only their difference.

    Two flows that should be equal leave rounding behind, whose size follows from theirs and not
    from that of the state.

    Parameters
    ----------
    graph, rates
        The rates of S states.
    given
        Numbers for the symbols they speak of.

    Returns
    -------
    tuple of float
        (S,); not finite where a symbol has no number.

    Examples
    --------
    >>> graph = Graph()
    >>> a, b = graph.symbol("a", 0), graph.symbol("b", 1)
    >>> rate = graph.sum_of([(a, 2.0), (b, -2.0)])
    >>> measure_flows(graph, [rate], {a: graph.number(5.0), b: graph.number(5.0)})
    (20.0,)
    """
    nodes = reachable(rates)
    values = dict(zip(nodes, substitute(graph, nodes, dict(given)), strict=True))
    sizes: dict[Node, float] = {}
    for node in nodes:
        value = abs(values[node].value) if values[node].is_number else math.nan
        if node.kind == "sum":
            terms = (abs(coefficient) * sizes[term] for term, coefficient in node.parts)
            value = abs(node.value) + sum(terms)
        elif node.kind == "product":
            value = abs(node.value)
            for factor, exponent in node.parts:
                # what a flow is divided by makes it no larger for being a difference
                size = sizes[factor] if exponent > 0 else abs(values[factor].value)
                value *= _power(size, exponent)
        sizes[node] = value
    return tuple(sizes[rate] for rate in rates)


def _power(size: float, exponent: float) -> float:
    try:
        return float(size**exponent)
    except (OverflowError, ZeroDivisionError):
        return math.nan


def find_renewing(
    graph: Graph, states: Sequence[Node], rates: Sequence[Node], given: Mapping[Node, Node]
) -> tuple[int, ...]:
    """Find states that grow from what is left of them: cells that divide, a tumour, a virus.

    Where such a state is zero it stays zero, and it is no drug that only decays: some part of its
    rate is above zero where all states are one.

    Parameters
    ----------
    graph, states, rates
        S states and their rates.
    given
        Numbers for the other symbols they speak of.

    Returns
    -------
    tuple of int
        Their places.

    Examples
    --------
    >>> graph = Graph()
    >>> x, y = graph.symbol("x", 0), graph.symbol("y", 1)
    >>> growth, decay = graph.multiply(x, y), graph.sum_of([(y, -1.0)])
    >>> find_renewing(graph, [x, y], [growth, decay], {})
    (0,)
    """
    ones = dict.fromkeys(states, graph.number(1.0))
    fed = find_fed(graph, states, rates)
    flows = measure_flows(graph, rates, {**given, **ones})
    there = substitute(graph, rates, {**given, **ones})

    def decays(place: int) -> bool:
        return there[place].is_number and -there[place].value >= flows[place] * (1 - CLOSE)

    alone = (place for place in range(len(states)) if place not in fed)
    return tuple(place for place in alone if rates[place].varies and not decays(place))


def find_fed(graph: Graph, states: Sequence[Node], rates: Sequence[Node]) -> frozenset[int]:
    """Find states that something else feeds: where such a state is zero its rate is not.

    Examples
    --------
    >>> graph = Graph()
    >>> x, y = graph.symbol("x", 0), graph.symbol("y", 1)
    >>> sorted(find_fed(graph, [x, y], [graph.multiply(x, y), graph.sum_of([(x, 1.0)])]))
    [1]
    """
    zero = graph.number(0.0)
    left = (substitute(graph, [r], {s: zero})[0] for s, r in zip(states, rates, strict=True))
    return frozenset(
        place for place, rate in enumerate(left) if not (rate.is_number and rate.value == 0.0)
    )
