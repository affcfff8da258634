"""No logarithm and no non-integer power of what can reach zero or fall below it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy

from stromal.errors import Issue, Severity
from stromal.models.check.ranges import Bounds
from stromal.models.check.roots import find_nearest_root
from stromal.models.check.subject import Node, Subject, list_names, show

# How far below zero the error of a solver is taken to go, in units of a state's scale.
SLACK = 1e-3


def check_logarithms(subject: Subject) -> Iterator[Issue]:
    """Logarithms have positive arguments, also when states are a little below zero."""
    for node in subject.nodes(sympy.log):
        argument = node.expanded.args[0] if node.expanded.args else node.expanded
        hint = "write ln(max({state}, 0) + 1e-9), or make the state its logarithm"
        yield from _check_positive(subject, node, argument, hint)


def check_powers(subject: Subject) -> Iterator[Issue]:
    """Non-integer powers have positive bases, also when states are a little below zero."""
    for node in subject.nodes(sympy.Pow):
        expanded = node.expanded
        if expanded.is_Pow and not _is_integer(subject, expanded.exp):
            hint = "write ({state}^2 + 1e-9)^(h/2) for {state}^h, or max({state}, 0)^h"
            yield from _check_positive(subject, node, expanded.base, hint)


def _is_integer(subject: Subject, exponent: sympy.Expr) -> bool:
    """Whether an exponent is a whole number, and stays one when patients vary."""
    if exponent.is_Number:
        return float(exponent).is_integer()
    if subject.region is None or exponent.free_symbols & subject.states:
        return False
    varied = {n for n, row in subject.rows.items() if row["distribution"] not in (None, "fixed")}
    values = subject.region.bounds().of(exponent)
    fixed = not {name.name for name in exponent.free_symbols} & varied
    return fixed and values.low == values.high and float(values.low).is_integer()


def _check_positive(subject: Subject, node: Node, inner: sympy.Expr, hint: str) -> Iterator[Issue]:
    region = subject.region
    names = sorted(inner.free_symbols & subject.states, key=str)
    if region is None or not names or region.bounds(SLACK).of(inner).is_positive:
        return
    lifted = {
        name: replace(region.box[name], low=SLACK * region.scale[name], never_zero=True)
        for name in names
        if name in region.can_vanish
    }
    if not Bounds({**region.box, **lifted}).of(inner).is_positive:
        yield subject.issue(
            f"{node} cannot be shown to have a value: {show(inner)} may be zero or less",
            node.place,
            f"make it positive for all values of {list_names([n.name for n in names])}",
            Severity.WARNING,
        )
        return
    for name in lifted:
        others = {other: kept for other, kept in lifted.items() if other != name}
        if not Bounds({**region.bounds(SLACK).box, **others}).of(inner).is_positive:
            yield _fault(subject, node, inner, name, hint)


def _fault(
    subject: Subject, node: Node, inner: sympy.Expr, state: sympy.Symbol, hint: str
) -> Issue:
    root = find_nearest_root(subject, inner, state)
    if root is None:
        root = find_nearest_root(subject, 1 / inner, state)
    edge = "0" if root is None or root == 0 else f"{root:.3g}"
    at_rest = subject.start[state] == 0
    return subject.issue(
        f"{node} has no value once {state} falls to {edge}, and nothing holds {state} above zero",
        node.place,
        hint.format(state=state),
        Severity.ERROR if at_rest and node.drives else Severity.WARNING,
    )
