"""No division by what can be zero, nor by what is zero just below the region of a state."""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from stromal.errors import Issue, Severity
from stromal.models.check.ranges import Bounds, exactly
from stromal.models.check.roots import find_nearest_root
from stromal.models.check.subject import Node, Subject
from stromal.models.slopes import differentiate

NEAR = 1e-2
TOO_NEAR = 1e-6


def check_zero_denominators(subject: Subject) -> Iterator[Issue]:
    """Nothing is divided by what is zero inside the region of the states."""
    region = subject.region
    if region is None:
        return
    told = _inside_powers(subject)
    for node, bottom in _denominators(subject):
        if node.expanded in told or region.bounds().of(bottom).excludes_zero:
            continue
        for state in sorted(bottom.free_symbols & subject.states, key=str):
            root = find_nearest_root(subject, bottom, state, sign=1)
            box = region.box[state]
            if root is not None and box.low <= root <= box.high and state not in region.held:
                yield subject.issue(
                    f"{node} divides by zero at {state} = {root:.3g}, which {state} can reach",
                    node.place,
                    f"add a constant to the denominator, or write max({state}, 1e-9)"
                    if root == 0
                    else "write the denominator so that it keeps its sign",
                    Severity.ERROR if subject.start[state] == root else Severity.WARNING,
                )


def check_poles_below_zero(subject: Subject) -> Iterator[Issue]:
    """Denominators do not become zero just below zero, where the error of a solver can go."""
    region = subject.region
    if region is None:
        return
    told = _inside_powers(subject)
    for node, bottom in _denominators(subject):
        if node.expanded in told:
            continue
        near = [
            (state, root)
            for state, root in _roots(subject, bottom)
            if 0 < -root / region.scale[state] < NEAR
        ]
        if near:
            state, root = min(near, key=lambda pair: -pair[1])
            distance = -root / region.scale[state]
            places = " or ".join(f"{name} = {at:.3g}" for name, at in near)
            yield subject.issue(
                f"{node} has a pole just below zero, at {places}: {distance:.2g} of the scale "
                f"of {state} ({region.scale[state]:.3g})",
                node.place,
                f"write max({state}, 0) in it, or keep the absolute tolerance of {state} "
                f"below {-root / 100:.1g}",
                Severity.ERROR if distance < TOO_NEAR and node.drives else Severity.WARNING,
            )


def check_runaways(subject: Subject) -> Iterator[Issue]:
    """A state that grows away from zero once it is negative does not run into a pole."""
    waiting: dict[sympy.Symbol, list[tuple[float, Node]]] = {}
    for node, bottom in _denominators(subject):
        for state, root in _roots(subject, bottom):
            if root < 0 and node.drives and runs_away(subject, state):
                waiting.setdefault(state, []).append((root, node))
    for state, poles in waiting.items():
        poles.sort(key=lambda pole: -pole[0])
        shown = ", ".join(f"{root:.3g} ({node} in {node.place})" for root, node in poles[:3])
        more = f" and {len(poles) - 3} more" if len(poles) > 3 else ""
        yield subject.issue(
            f"{state} can run away below zero: it may grow in proportion to itself and nothing "
            f"holds it above zero; there its rate has poles at {state} = {shown}{more}",
            f"rate of {state}",
            f"write max({state}, 0) where it is divided by, or make the state its logarithm",
            Severity.WARNING,
        )


def runs_away(subject: Subject, state: sympy.Symbol) -> bool:
    """Whether a state that is slightly negative may become more so."""
    region = subject.region
    if region is None or state not in region.can_vanish:
        return False
    rate = subject.rate(state)
    if state not in rate.free_symbols:
        return False
    growth = Bounds({**region.box, state: exactly(0.0)}).of(differentiate(rate, state))
    return growth.high > 0


def _inside_powers(subject: Subject) -> set[sympy.Basic]:
    """What stands inside logarithms and non-integer powers, of which `domains` speaks."""
    return {
        inner
        for node in subject.nodes(sympy.log, sympy.Pow)
        if not (node.expanded.is_Pow and node.expanded.exp.is_Integer)
        for inner in sympy.preorder_traversal(node.expanded)
        if inner is not node.expanded
    }


def _denominators(subject: Subject) -> Iterator[tuple[Node, sympy.Expr]]:
    """Denominators, but for those that conditions keep away from zero."""
    region = subject.region
    for node in subject.nodes(sympy.Pow):
        expanded = node.expanded
        if expanded.is_Pow and expanded.exp.is_negative:
            bounds = region.bounds() if region is not None and node.guards else None
            if bounds is None or bounds.under(node.guards, expanded.base).low <= 0:
                yield node, expanded.base


def _roots(subject: Subject, bottom: sympy.Expr) -> Iterator[tuple[sympy.Symbol, float]]:
    """States that can vanish, and where below zero each makes the denominator zero."""
    region = subject.region
    if region is None:
        return
    for state in sorted(bottom.free_symbols & region.can_vanish, key=str):
        root = find_nearest_root(subject, bottom, state)
        if root is not None:
            yield state, root
