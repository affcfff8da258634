"""Cheaper ways to say the same: powers by shared logarithms, and what is constant taken out."""

from __future__ import annotations

import math
from collections.abc import Sequence

from stromal.kernels.compile.graph import (
    LOWEST_LOGARITHM,
    Graph,
    Node,
    Part,
    reachable,
    rebuild,
    round_whole,
)


def lower_powers(graph: Graph, roots: Sequence[Node]) -> list[Node]:
    """Powers written by exp, log, sqrt and multiplication.

    Of the powers of one base whose exponents differ by whole numbers (x**h and the x**(h - 1) of
    its derivative), or are twice another, one only is computed as exp(h*log(x)). The one chosen is
    the smallest that is not negative, so that x = 0 needs no division where it can be avoided.
    Where the exponent is not a number, 0**0 is 1 and a negative x has its whole powers, as it has
    where the exponent is one. Powers of parameters alone remain powers: they are computed once per
    patient.

    Examples
    --------
    >>> graph = Graph()
    >>> x = graph.symbol("x", state=0)
    >>> powers = [graph.power(x, graph.number(h)) for h in (1.5, 2.5)]
    >>> [node.kind for node in lower_powers(graph, powers)]
    ['product', 'product']
    """
    put: dict[Node, Node] = {}
    nodes = reachable(roots)
    known: dict[tuple[Node, Node | None], list[float]] = {}
    for node in nodes:
        if node.kind == "power" and node.varies:
            base, symbolic, shift = _apart(graph, node)
            known.setdefault((base, symbolic), []).append(shift)
    chosen = {key: _representatives(shifts, key[1]) for key, shifts in known.items()}
    for node in nodes:
        if node.kind == "power" and node.varies:
            base, symbolic, shift = _apart(graph, node)
            exponent = put.get(symbolic, symbolic) if symbolic else None
            put[node] = _lowered(graph, put[base], exponent, shift, chosen[base, symbolic])
        elif node.kind == "power":
            put[node] = node
        else:
            put[node] = rebuild(graph, node, put)
    return [put[root] for root in roots]


def _apart(graph: Graph, node: Node) -> tuple[Node, Node | None, float]:
    """Base, symbolic part and number of the exponent."""
    base, exponent = node.parts[0][0], node.parts[1][0]
    if exponent.is_number:
        return base, None, exponent.value
    if exponent.kind == "sum" and exponent.value == round_whole(exponent.value):
        return base, graph.sum_of(exponent.parts), exponent.value
    return base, exponent, 0.0


def _representatives(shifts: Sequence[float], symbolic: Node | None) -> list[float]:
    """The exponents that are computed; every other one differs from one of them by a whole number.

    Of a symbolic exponent the sign is not known: the largest is taken, which is the model's own.
    """
    if symbolic is not None:
        return [max(shifts)]
    upwards = sorted({shift for shift in shifts if shift >= 0})
    downwards = sorted({shift for shift in shifts if shift < 0}, reverse=True)
    chosen: list[float] = []
    for shift in [*upwards, *downwards]:
        if _half(shift) or any(_whole(shift - one) is not None for one in chosen):
            continue
        if any((_whole(shift - 2 * one) or 0.0) > 0 or shift == 2 * one for one in chosen):
            continue
        chosen.append(shift)
    return chosen


def _half(shift: float) -> bool:
    return 2 * shift == round_whole(2 * shift)


def _whole(difference: float) -> float | None:
    """The whole number a difference of exponents is, up to the last digits."""
    nearest = round_whole(difference)
    return nearest if abs(difference - nearest) < 4e-16 * max(1.0, abs(difference)) else None


def _lowered(
    graph: Graph, base: Node, symbolic: Node | None, shift: float, chosen: list[float]
) -> Node:
    if symbolic is None and _half(shift):
        return _by_root(graph, base, shift)
    for one in chosen:
        times = _whole(shift - one)
        if times is not None:
            power = _by_log(graph, base, symbolic, one)
            moved = graph.multiply(power, graph.product_of([(base, times)]))
            return _at_zero(graph, base, symbolic, shift, moved) if times < 0 else moved
        times = _whole(shift - 2 * one)
        if times is not None and times >= 0:
            power = _by_log(graph, base, symbolic, one)
            return graph.multiply(power, power, graph.product_of([(base, times)]))
    return _by_log(graph, base, symbolic, shift)


def _at_zero(graph: Graph, base: Node, symbolic: Node | None, shift: float, moved: Node) -> Node:
    """The power x**h / x**n; at x = 0 it is that of 0, not 0/0."""
    if base.is_number or (symbolic is None and shift < 0 and _never_zero(base)):
        return moved
    zero = graph.number(0.0)
    exponent, one = _exponent(graph, symbolic, shift), graph.number(1.0)
    below = graph.call("select", graph.call("lt", exponent, zero), graph.number(math.inf), one)
    limit = graph.call("select", graph.call("gt", exponent, zero), zero, below)
    return graph.call("select", graph.call("eq", base, zero), limit, moved)


def _never_zero(base: Node) -> bool:
    return base.kind == "call" and base.name == "exp"


def _exponent(graph: Graph, symbolic: Node | None, shift: float) -> Node:
    return graph.number(shift) if symbolic is None else graph.sum_of([(symbolic, 1.0)], shift)


def _by_root(graph: Graph, base: Node, shift: float) -> Node:
    root = graph.call("sqrt", base)
    if shift > 0:
        return graph.product_of([(root, 1), (base, shift - 0.5)])
    return graph.product_of([(root, -1), (base, shift + 0.5)])


def _by_log(graph: Graph, base: Node, symbolic: Node | None, shift: float) -> Node:
    exponent = _exponent(graph, symbolic, shift)
    if base.is_number and base.value <= 0:
        return graph.call("power", base, exponent)
    if exponent.is_number or base.is_number or _never_zero(base):
        return graph.plain_exp(graph.multiply(exponent, graph.call("log", base)))
    # the sign of x**n is known where n is whole; the logarithm of 0 is finite, so that 0**0 is 1
    zero, size = graph.number(0.0), base
    if not _never_negative(base):
        size = graph.call("absolute", base)
    logarithm = graph.call("maximum", graph.call("log", size), graph.number(LOWEST_LOGARITHM))
    power = graph.plain_exp(graph.multiply(exponent, logarithm))
    if size is base:
        return power
    below = graph.call("lt", base, zero)
    sign = graph.call("select", below, _sign(graph, exponent), graph.number(1.0))
    return graph.multiply(power, sign)


def _never_negative(base: Node) -> bool:
    if base.kind == "product":
        return base.value > 0 and all(e % 2 == 0 or _never_negative(part) for part, e in base.parts)
    if base.kind != "call":
        return False
    if base.name == "maximum":
        return any(part.is_number and part.value >= 0 for part, _ in base.parts)
    return base.name in ("exp", "sqrt", "absolute")


def _sign(graph: Graph, exponent: Node) -> Node:
    """The power (-1)**exponent: 1, -1, or nan where the exponent is not whole."""
    half = graph.product_of([(exponent, 1)], 0.5)
    odd = graph.call("ne", graph.call("floor", half), half)
    whole = graph.call("eq", graph.call("floor", exponent), exponent)
    one, minus, none = (graph.number(value) for value in (1.0, -1.0, math.nan))
    return graph.call("select", whole, graph.call("select", odd, minus, one), none)


class Constants:
    """What is one number per patient, taken out of expressions and given a name.

    Examples
    --------
    >>> graph = Graph()
    >>> x, k, v = graph.symbol("x", state=0), graph.symbol("k"), graph.symbol("v")
    >>> constants = Constants(graph, first=2)
    >>> [node] = constants.hoist([graph.multiply(x, graph.divide(k, v))])
    >>> [part.name for part, _ in node.parts], len(constants.definitions)
    (['x', 'c2'], 1)
    """

    def __init__(self, graph: Graph, first: int) -> None:
        self._graph = graph
        self._first = first
        self.definitions: dict[Node, Node] = {}

    def hoist(self, roots: Sequence[Node]) -> list[Node]:
        """The roots with every part that no state occurs in replaced by a named constant."""
        put: dict[Node, Node] = {}
        for node in reachable(roots):
            if not node.varies or node.is_atom:
                put[node] = node
            elif node.kind == "sum":
                put[node] = self._sum(node, put)
            elif node.kind == "product":
                put[node] = self._product(node.parts, node.value, put)
            else:
                named = {part: self._named(put[part]) for part, _ in node.parts}
                put[node] = rebuild(self._graph, node, named)
        return [self._named(put[root]) for root in roots]

    def _named(self, node: Node) -> Node:
        if node.varies or node.is_atom:
            return node
        if node.kind == "product" and node.value < 0:
            positive = self._graph.product_of(node.parts, -node.value)
            return self._graph.negate(self._named(positive))
        if node not in self.definitions:
            name = f"c{self._first + len(self.definitions)}"
            self.definitions[node] = self._graph.symbol(name)
        return self.definitions[node]

    def _sum(self, node: Node, put: dict[Node, Node]) -> Node:
        fixed = [(part, factor) for part, factor in node.parts if not part.varies]
        terms: list[Part] = []
        for part, factor in node.parts:
            if part.varies and part.kind == "product" and any(not p.varies for p, _ in part.parts):
                scaled = self._product(part.parts, part.value * abs(factor), put)
                terms.append((scaled, math.copysign(1.0, factor)))
            elif part.varies:
                terms.append((put[part], factor))
        constant = node.value
        if fixed and (constant or len(fixed) > 1 or abs(fixed[0][1]) != 1):
            sign = math.copysign(1.0, fixed[0][1])
            turned = [(part, sign * factor) for part, factor in fixed]
            terms.append((self._named(self._graph.sum_of(turned, sign * constant)), sign))
            constant = 0.0
        elif fixed:
            terms.append((self._named(fixed[0][0]), fixed[0][1]))
        return self._graph.sum_of(terms, constant)

    def _product(self, parts: Sequence[Part], value: float, put: dict[Node, Node]) -> Node:
        fixed = [(part, exponent) for part, exponent in parts if not part.varies]
        factors = [(put[part], exponent) for part, exponent in parts if part.varies]
        if not fixed:
            return self._graph.product_of(factors, value)
        constant = self._named(self._graph.product_of(fixed, abs(value)))
        return self._graph.product_of([(constant, 1), *factors], math.copysign(1.0, value))
