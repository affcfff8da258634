"""Entries of the LU factors as nodes: from the Jacobian and from entries before them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stromal.kernels.compile.graph import Graph, Node, Part
from stromal.kernels.compile.lu import Entry
from stromal.kernels.compile.source import Store


def store_entry(
    graph: Graph,
    entry: Entry,
    jacobian: Mapping[tuple[int, int], Node],
    shared: frozenset[Node],
    names: Sequence[str],
) -> Store:
    """One entry of the LU factors of d*I - J.

    A sum in the Jacobian that is used nowhere else (not in `shared`) is opened into the entry.

    Examples
    --------
    >>> graph = Graph()
    >>> k = graph.symbol("k")
    >>> place = Entry(slot=0, row=0, column=0, products=(), pivot=None)
    >>> store = store_entry(graph, place, {(0, 0): graph.negate(k)}, frozenset(), ["PLT"])
    >>> store.array, store.index, store.comment
    ('w', 0, 'PLT, PLT')
    """
    terms: list[Part] = [(graph.symbol("d"), 1.0)] if entry.row == entry.column else []
    constant = 0.0
    node = jacobian.get((entry.row, entry.column))
    if node is not None and node.is_number:
        constant = -node.value
    elif node is not None and node.kind == "sum" and node not in shared:
        terms += [(part, -factor) for part, factor in node.parts]
        constant = -node.value
    elif node is not None:
        terms.append((node, -1.0))
    for left, right in entry.products:
        pair = [(graph.symbol(f"w{left}"), 1.0), (graph.symbol(f"w{right}"), 1.0)]
        terms.append((graph.plain("product", pair, 1.0), -1.0))
    factors = [] if entry.pivot is None else [(graph.symbol(f"w{entry.pivot}"), 1.0)]
    value = _scaled(graph, [_signed(graph, *term) for term in terms], constant, factors)
    if entry.row == entry.column:
        # an infinite pivot, as of a root at zero, must not pass as an inverse of zero: it gives nan
        inverse = graph.plain("product", [(value, -1.0)], 1.0)
        value = graph.plain("sum", [(inverse, 1.0), (value, 0.0)], 0.0)
    comment = f"{names[entry.row]}, {names[entry.column]}"
    return Store("w", entry.slot, value, comment, f"w{entry.slot}")


def _signed(graph: Graph, node: Node, factor: float) -> Part:
    """The node without a number in front, and the factor with it."""
    if node.kind != "product" or node.value == 1:
        return node, factor
    if len(node.parts) == 1 and node.parts[0][1] == 1:
        return node.parts[0][0], factor * node.value
    return graph.plain("product", node.parts, 1.0), factor * node.value


def _scaled(graph: Graph, terms: list[Part], constant: float, factors: list[Part]) -> Node:
    """(constant + terms) * factors, exactly so."""
    if not terms:
        number = graph.number(constant)
        return graph.plain("product", factors, constant) if factors and constant else number
    if len(terms) > 1 or constant:
        value = graph.plain("sum", terms, constant)
        return graph.plain("product", [(value, 1.0), *factors], 1.0) if factors else value
    node, factor = terms[0]
    if factor == 1 and not factors:
        return node
    return graph.plain("product", [(node, 1.0), *factors], factor)
