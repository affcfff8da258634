"""Expressions as a graph in which equal expressions are one node.

Sums keep a constant and terms with coefficients, products a coefficient and factors with whole
exponents; both are put in one canonical form when they are made, so that like terms meet and equal
parts are found without a search. Nothing is multiplied out, so no cancellation is introduced.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from stromal.kernels.compile.functions import FUNCTIONS, power_of

Part = tuple["Node", float]

LONGEST = 32
"""Parts of a sum or product that is opened within another: along a chain of a thousand products all
would otherwise stand in each, a number of parts that grows with the square of the links."""

LOWEST_LOGARITHM = -1e30
"""The logarithm of 0 where an exponent multiplies it: 0 times it is 0, so 0^0 is 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One expression; made by a Graph only, and equal to another only if it is the same one.

    Parameters
    ----------
    kind
        number, symbol, sum, product, power or call.
    value
        The number; the constant of a sum; the coefficient of a product.
    name
        Of a symbol or of the function called.
    parts
        Terms with coefficients, factors with whole exponents, base and exponent, or arguments.
    uses
        The states it depends on: bit i is set when state i occurs in it.
    index
        Order of making: what a node is made of has smaller indices.
    """

    kind: str
    value: float
    name: str
    parts: tuple[Part, ...]
    uses: int
    index: int

    @property
    def is_number(self) -> bool:
        """Whether it is a plain number."""
        return self.kind == "number"

    @property
    def is_atom(self) -> bool:
        """Whether it is a number or a symbol."""
        return self.kind in ("number", "symbol")

    @property
    def varies(self) -> bool:
        """Whether it depends on a state; otherwise it is one number per patient."""
        return self.uses != 0


class Graph:
    """Makes nodes, each once.

    Examples
    --------
    >>> graph = Graph()
    >>> x, k = graph.symbol("x", state=0), graph.symbol("k")
    >>> graph.subtract(graph.multiply(k, x), graph.multiply(x, k)).value
    0.0
    >>> graph.multiply(x, x) is graph.power(x, graph.number(2.0))
    True
    """

    def __init__(self) -> None:
        self._nodes: dict[tuple[object, ...], Node] = {}

    def number(self, value: float) -> Node:
        """A number; minus zero becomes zero."""
        # repr tells nan from nan no more than needed, and 1 from 1.0 not at all
        return self._make("number", float(value) + 0.0, "", ())

    def symbol(self, name: str, state: int | None = None) -> Node:
        """A state (with its number) or something that is constant for a patient."""
        return self._make("symbol", 0.0, name, (), 0 if state is None else 1 << state)

    def sum_of(self, terms: Iterable[Part], constant: float = 0.0) -> Node:
        """The constant and all coefficient * node; inner sums are opened, like terms gathered."""
        gathered: dict[Node, float] = {}
        for node, coefficient in terms:
            constant += self._gather(node, coefficient, gathered)
        if math.isnan(constant):
            return self.number(constant)
        left = [(node, coefficient) for node, coefficient in gathered.items() if coefficient]
        if not left:
            return self.number(constant)
        if len(left) == 1 and not constant:
            return self.product_of([(left[0][0], 1)], left[0][1])
        return self._make("sum", constant + 0.0, "", _sorted(left))

    def _gather(self, node: Node, coefficient: float, gathered: dict[Node, float]) -> float:
        """Add coefficient * node to the gathered terms; what is constant in it is returned."""
        if node.is_number:
            return coefficient * node.value
        if node.kind == "sum" and abs(coefficient) == 1 and len(node.parts) <= LONGEST:
            for term, inner in node.parts:
                gathered[term] = gathered.get(term, 0.0) + coefficient * inner
            return coefficient * node.value
        if node.kind == "product" and node.value != 1:
            bare = self.product_of(node.parts)
            gathered[bare] = gathered.get(bare, 0.0) + coefficient * node.value
            return 0.0
        gathered[node] = gathered.get(node, 0.0) + coefficient
        return 0.0

    def product_of(self, factors: Iterable[Part], coefficient: float = 1.0) -> Node:
        """The coefficient times the product of node**exponent; products inside are opened."""
        gathered: dict[Node, float] = {}
        for node, exponent in factors:
            if node.is_number:
                coefficient *= power_of(node.value, exponent)
            elif node.kind == "product" and len(node.parts) > LONGEST:
                bare = self._make("product", 1.0, "", node.parts)
                coefficient *= power_of(node.value, exponent)
                gathered[bare] = gathered.get(bare, 0) + exponent
            elif node.kind == "product":
                coefficient *= power_of(node.value, exponent)
                for factor, inner in node.parts:
                    gathered[factor] = gathered.get(factor, 0) + inner * exponent
            elif node.kind == "sum" and node.parts[0][1] < 0:
                # one sign for a - b and b - a, so that both are one node
                coefficient *= (-1.0) ** int(exponent)
                turned = self.negate(node)
                gathered[turned] = gathered.get(turned, 0) + exponent
            else:
                gathered[node] = gathered.get(node, 0) + exponent
        left = [(node, exponent) for node, exponent in gathered.items() if exponent]
        if not left or coefficient == 0 or math.isnan(coefficient):
            return self.number(coefficient)
        if len(left) == 1 and coefficient == 1 and left[0][1] == 1:
            return left[0][0]
        if len(left) == 1 and left[0][1] == 1 and left[0][0].kind == "sum" and coefficient == -1:
            return self.negate(left[0][0])
        return self._make("product", coefficient, "", _sorted(left))

    def gathered_sum_of(self, terms: Iterable[Part]) -> Node:
        """The sum of the terms, written as a product with what all terms have in common.

        Examples
        --------
        >>> graph = Graph()
        >>> x, y, z = (graph.symbol(name, state=place) for place, name in enumerate("xyz"))
        >>> node = graph.gathered_sum_of([(graph.multiply(x, y), 2.0), (graph.multiply(x, z), 2.0)])
        >>> node.kind, node.value, len(node.parts)
        ('product', 2.0, 2)
        """
        node = self.sum_of(terms)
        if node.kind != "sum" or node.value:
            return node
        common = _powers(node.parts[0][0])
        for part, _ in node.parts[1:]:
            powers = _powers(part)
            common = {
                factor: min(exponent, powers[factor], key=abs)
                for factor, exponent in common.items()
                if factor in powers and powers[factor] * exponent > 0
            }
        scale = abs(node.parts[0][1])
        if any(abs(coefficient) != scale for _, coefficient in node.parts):
            scale = 1.0
        if not common and scale == 1:
            return node
        rest = self.sum_of(
            (self._without(part, common), coefficient / scale) for part, coefficient in node.parts
        )
        return self.product_of([*common.items(), (rest, 1)], scale)

    def _without(self, node: Node, common: Mapping[Node, float]) -> Node:
        """The node without factors that it has; a long product is no whole here (0/0 at zero)."""
        whole = node.kind != "product" or len(node.parts) <= LONGEST
        parts = [(node, 1)] if whole else list(node.parts)
        divisor = [(factor, -exponent) for factor, exponent in common.items()]
        return self.product_of([*parts, *divisor], 1.0 if whole else node.value)

    def negate(self, node: Node) -> Node:
        """The node with its sign turned."""
        if node.kind == "sum":
            turned = tuple((term, -coefficient) for term, coefficient in node.parts)
            return self._make("sum", -node.value + 0.0, "", turned)
        return self.product_of([(node, 1)], -1.0)

    def add(self, *nodes: Node) -> Node:
        """Sum of nodes."""
        return self.sum_of([(node, 1.0) for node in nodes])

    def subtract(self, left: Node, right: Node) -> Node:
        """Left minus right."""
        return self.sum_of([(left, 1.0), (right, -1.0)])

    def multiply(self, *nodes: Node) -> Node:
        """Product of nodes."""
        return self.product_of([(node, 1) for node in nodes])

    def divide(self, left: Node, right: Node) -> Node:
        """Left over right."""
        return self.product_of([(left, 1), (right, -1)])

    def power(self, base: Node, exponent: Node) -> Node:
        """base**exponent; whole exponents become products.

        (c/x)**h with a positive number c becomes c**h * x**-h and exp(u)**h becomes exp(h*u); both
        hold wherever the power is a number at all.
        """
        if exponent.is_number and exponent.value == round_whole(exponent.value):
            return self.product_of([(base, exponent.value)])
        if base.is_number and exponent.is_number:
            return self.number(power_of(base.value, exponent.value))
        if base.is_number and base.value == 1:
            return base
        if base.kind == "call" and base.name == "exp":
            return self.call("exp", self.multiply(exponent, base.parts[0][0]))
        if base.kind == "product" and len(base.parts) == 1 and base.value > 0:
            factor, inner = base.parts[0]
            if abs(inner) == 1 and (base.value != 1 or inner != 1):
                scale = self.power(self.number(base.value), exponent)
                turned = self.product_of([(exponent, 1)], inner)
                return self.multiply(scale, self.power(factor, turned))
        return self._make("power", 0.0, "", ((base, 1.0), (exponent, 1.0)))

    def call(self, name: str, *arguments: Node) -> Node:
        """A function of FUNCTIONS; numbers are folded, a known choice is taken."""
        if all(argument.is_number for argument in arguments):
            return self.number(FUNCTIONS[name](*(argument.value for argument in arguments)))
        if name == "select":
            test, yes, no = arguments
            if yes is no or (test.is_number and test.value > 0):
                return yes
            if test.is_number:
                return no
        if name == "log" and arguments[0].kind == "call" and arguments[0].name == "exp":
            return arguments[0].parts[0][0]
        if name == "exp":
            return self._exponential(arguments[0])
        return self._make("call", 0.0, name, tuple((argument, 1.0) for argument in arguments))

    def _exponential(self, inner: Node) -> Node:
        """The node exp(inner): exp(n*log(u)) is u**n, in a sum the logarithm of 0 is finite."""
        found = split_logarithm(self, inner, 1.0)
        if found is not None:
            return self.power(found[1], found[2])
        if inner.kind == "sum":
            terms = [self._floored(term, factor) for term, factor in inner.parts]
            inner = self.sum_of(terms, inner.value)
        return self.plain_exp(inner)

    def plain_exp(self, inner: Node) -> Node:
        """The node exp(inner) as it is, also of a logarithm: what powers are computed by."""
        return self._make("call", 0.0, "exp", ((inner, 1.0),))

    def _floored(self, term: Node, factor: float) -> Part:
        found = split_logarithm(self, term, factor)
        if found is None or found[0].name == "maximum":
            return term, factor
        logarithm, _, exponent = found
        lowest = self.number(LOWEST_LOGARITHM)
        return self.multiply(exponent, self.call("maximum", logarithm, lowest)), 1.0

    def plain(self, kind: str, parts: Sequence[Part], value: float) -> Node:
        """A sum or product exactly as given, nothing opened: for the last steps before printing."""
        return self._make(kind, value, "", tuple(parts))

    def _make(
        self, kind: str, value: float, name: str, parts: tuple[Part, ...], uses: int = 0
    ) -> Node:
        key = (kind, repr(value), name, *((node.index, factor) for node, factor in parts))
        if key not in self._nodes:
            for node, _ in parts:
                uses |= node.uses
            self._nodes[key] = Node(kind, value, name, parts, uses, len(self._nodes))
        return self._nodes[key]


def split_logarithm(graph: Graph, term: Node, factor: float) -> tuple[Node, Node, Node] | None:
    """The logarithm, what it is of, and what it is multiplied by in a term; None where not one.

    Examples
    --------
    >>> graph = Graph()
    >>> x, n = graph.symbol("x", state=0), graph.symbol("n")
    >>> _, base, exponent = split_logarithm(graph, graph.multiply(n, graph.call("log", x)), 1.0)
    >>> base is x, exponent is n
    (True, True)
    """
    parts = term.parts if term.kind == "product" else ((term, 1.0),)
    scale = factor * term.value if term.kind == "product" else factor
    places = [place for place, part in enumerate(parts) if part[1] == 1 and _is_log(part[0])]
    if len(places) != 1:
        return None
    logarithm = parts[places[0]][0]
    inner = logarithm.parts[0][0] if logarithm.name == "maximum" else logarithm
    exponent = graph.product_of([part for i, part in enumerate(parts) if i != places[0]], scale)
    return logarithm, inner.parts[0][0], exponent


def _is_log(node: Node) -> bool:
    if node.kind != "call":
        return False
    if node.name == "maximum":
        inner, lowest = node.parts[0][0], node.parts[1][0]
        return lowest.is_number and lowest.value == LOWEST_LOGARITHM and _is_log(inner)
    return node.name == "log"


def round_whole(value: float) -> float:
    """The nearest whole number where there is one; nan otherwise."""
    return float(round(value)) if math.isfinite(value) else math.nan


def reachable(roots: Iterable[Node]) -> list[Node]:
    """Every node the roots are made of and the roots, parts before what is made of them.

    Examples
    --------
    >>> graph = Graph()
    >>> x = graph.symbol("x", state=0)
    >>> [node.kind for node in reachable([graph.call("exp", graph.add(x, graph.number(1.0)))])]
    ['symbol', 'sum', 'call']
    """
    found: set[Node] = set()
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(part for part, _ in node.parts)
    ordered = sorted(found, key=lambda node: node.index)
    if any(one.index == two.index for one, two in pairwise(ordered)):
        raise ValueError("nodes of two graphs are mixed")
    return ordered


def rebuild(graph: Graph, node: Node, put: dict[Node, Node]) -> Node:
    """The node made again from what stands in `put` for its parts."""
    parts = [(put[part], factor) for part, factor in node.parts]
    if node.kind == "sum":
        return graph.sum_of(parts, node.value)
    if node.kind == "product":
        return graph.product_of(parts, node.value)
    if node.kind == "power":
        return graph.power(parts[0][0], parts[1][0])
    if node.kind == "call" and node.name == "exp" and not parts[0][0].is_number:
        return graph.plain_exp(parts[0][0])
    if node.kind == "call":
        return graph.call(node.name, *(part for part, _ in parts))
    return node


def replace(graph: Graph, roots: Sequence[Node], given: dict[Node, Node]) -> list[Node]:
    """The roots with nodes replaced by others, and folded again.

    Examples
    --------
    >>> graph = Graph()
    >>> x, y = graph.symbol("x", state=0), graph.symbol("y", state=1)
    >>> replace(graph, [graph.multiply(x, y)], {x: graph.number(0.0)})[0].value
    0.0
    """
    put: dict[Node, Node] = {}
    for node in reachable(roots):
        put[node] = given[node] if node in given else rebuild(graph, node, put)
    return [put[root] for root in roots]


def _powers(node: Node) -> dict[Node, float]:
    return dict(node.parts) if node.kind == "product" else {node: 1}


def _sorted(parts: list[Part]) -> tuple[Part, ...]:
    return tuple(sorted(parts, key=lambda part: part[0].index))
