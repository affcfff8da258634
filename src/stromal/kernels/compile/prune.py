"""States that need not be integrated: those that stay zero, and those nothing asked for sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stromal.kernels.compile.graph import Graph, Node, replace

STAYS_ZERO = "it starts at zero and nothing makes it anything else"
NOT_SEEN = "no output depends on it"


@dataclass(frozen=True, slots=True)
class System:
    """Equations as nodes: states by number, with rates, start, outputs and changes."""

    states: tuple[Node, ...]
    rates: tuple[Node, ...]
    initial: tuple[Node, ...]
    outputs: tuple[Node, ...]
    changes: tuple[tuple[tuple[int, Node], ...], ...] = ()

    @property
    def roots(self) -> tuple[Node, ...]:
        """Every expression of the system."""
        updates = [value for change in self.changes for _, value in change]
        return (*self.rates, *self.initial, *self.outputs, *updates)


def find_zero_states(graph: Graph, system: System, dosed: frozenset[int]) -> frozenset[int]:
    """States that start at zero, have no rate while all of them are zero, and are not dosed.

    The largest such set is found by starting with every candidate and giving up those that
    something in the remaining system moves, until none is moved.

    Examples
    --------
    >>> graph = Graph()
    >>> x, y = graph.symbol("x", state=0), graph.symbol("y", state=1)
    >>> zero = graph.number(0.0)
    >>> rates = (graph.negate(x), graph.subtract(x, y))
    >>> system = System((x, y), rates, (zero, zero), (y,))
    >>> sorted(find_zero_states(graph, system, frozenset()))
    [0, 1]
    >>> sorted(find_zero_states(graph, system, frozenset({0})))
    []
    """
    zero = {
        state
        for state, start in enumerate(system.initial)
        if start.is_number and start.value == 0 and state not in dosed
    }
    while zero:
        given = {system.states[state]: graph.number(0.0) for state in zero}
        rates = replace(graph, system.rates, given)
        moved = {state for state in zero if not _is_zero(rates[state])}
        for change in system.changes:
            values = replace(graph, [value for _, value in change], given)
            for (state, _), value in zip(change, values, strict=True):
                if state in zero and not _is_zero(value):
                    moved.add(state)
        if not moved:
            break
        zero -= moved
    return frozenset(zero)


def find_seen_states(system: System) -> frozenset[int]:
    """States that the outputs depend on, directly or through rates and changes of others.

    Examples
    --------
    >>> graph = Graph()
    >>> x, y = graph.symbol("x", state=0), graph.symbol("y", state=1)
    >>> system = System((x, y), (graph.negate(x), x), (x, x), (x,))
    >>> sorted(find_seen_states(system))
    [0]
    """
    needs = {state: rate.uses for state, rate in enumerate(system.rates)}
    for change in system.changes:
        for state, value in change:
            needs[state] |= value.uses
    seen: set[int] = set()
    waiting = _bits(_union(output.uses for output in system.outputs))
    while waiting:
        state = waiting.pop()
        if state not in seen:
            seen.add(state)
            waiting.extend(_bits(needs[state]))
    return frozenset(seen)


def prune(
    graph: Graph, system: System, dosed: frozenset[int]
) -> tuple[System, tuple[int, ...], Mapping[int, str]]:
    """The system with its zero states put to zero, the states to keep, and why others are not."""
    zero = find_zero_states(graph, system, dosed)
    given = {system.states[state]: graph.number(0.0) for state in zero}
    roots = iter(replace(graph, system.roots, given))
    count = len(system.states)
    rates = tuple(next(roots) for _ in range(count))
    initial = tuple(next(roots) for _ in range(count))
    outputs = tuple(next(roots) for _ in system.outputs)
    changes = tuple(tuple((state, next(roots)) for state, _ in change) for change in system.changes)
    reduced = System(system.states, rates, initial, outputs, changes)
    seen = find_seen_states(reduced)
    reasons = dict.fromkeys(sorted(zero), STAYS_ZERO)
    for state in range(count):
        if state not in zero and state not in seen:
            reasons[state] = NOT_SEEN
    kept = tuple(state for state in range(count) if state not in reasons)
    return reduced, kept, reasons


def _is_zero(node: Node) -> bool:
    return node.is_number and node.value == 0


def _union(masks: Iterable[int]) -> int:
    union = 0
    for mask in masks:
        union |= mask
    return union


def _bits(mask: int) -> list[int]:
    return [place for place in range(mask.bit_length()) if mask >> place & 1]
