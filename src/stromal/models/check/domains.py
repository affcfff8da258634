"""No logarithm and no non-integer power of what can reach zero or fall below it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy

from stromal.errors import Issue, Severity
from stromal.models.check.ranges import Bounds, exactly
from stromal.models.check.roots import find_nearest_root
from stromal.models.check.subject import Node, Subject, list_names, show

# How far below zero the error of a solver is taken to go, in units of a state's scale.
SLACK = 1e-3


def check_logarithms(subject: Subject) -> Iterator[Issue]:
    """Logarithms have positive arguments, also when states are a little below zero."""
    raised = {each for node in subject.nodes(sympy.exp) for each, _ in _raised(node.written)}
    for node in subject.nodes(sympy.log):
        if node.written in raised:
            continue
        argument = node.expanded.args[0] if node.expanded.args else node.expanded
        hint = "write ln(max({state}, 0) + 1e-9), or make the state its logarithm"
        yield from _check_sign(subject, node, argument, hint)


def check_powers(subject: Subject) -> Iterator[Issue]:
    """Non-integer powers have positive bases, also when states are a little below zero.

    The base of a power above zero may be zero.
    """
    hint = "write ({state}^2 + 1e-9)^(h/2) for {state}^h, or max({state}, 0)^h"
    for node, base, exponent in _powers(subject):
        if not _is_integer(subject, exponent):
            above = subject.region is not None and subject.region.bounds().of(exponent).low > 0
            zero = above and not _is_divided(subject, base)
            yield from _check_sign(subject, node, base, hint, zero=zero)


def _is_divided(subject: Subject, base: sympy.Expr) -> bool:
    """Whether something is divided by a state, so that a state that is zero makes it infinite."""
    powers = base.atoms(sympy.Pow)
    return any(each.exp.is_negative and each.free_symbols & subject.states for each in powers)


def _powers(subject: Subject) -> Iterator[tuple[Node, sympy.Expr, sympy.Expr]]:
    """Powers with base and exponent, also those that are written exp(n*ln(u))."""
    for node in subject.nodes(sympy.Pow, sympy.exp):
        if node.expanded.is_Pow:
            yield node, node.expanded.base, node.expanded.exp
        for logarithm, exponent in _raised(node.written):
            yield node, subject.expand(logarithm.args[0]), subject.expand(exponent)


def _raised(expression: sympy.Basic) -> Iterator[tuple[sympy.Basic, sympy.Expr]]:
    """Logarithms in the exponent of an exponential, which is a power, each with its factor."""
    if isinstance(expression, sympy.exp):
        for term in sympy.Add.make_args(expression.args[0]):
            factors = sympy.Mul.make_args(term)
            logarithms = [factor for factor in factors if isinstance(factor, sympy.log)]
            if len(logarithms) == 1:
                others = (factor for factor in factors if factor != logarithms[0])
                yield logarithms[0], sympy.Mul(*others)


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


def _check_sign(
    subject: Subject, node: Node, inner: sympy.Expr, hint: str, *, zero: bool = False
) -> Iterator[Issue]:
    """The inner expression is positive, or not negative where it may be `zero`."""
    region = subject.region
    names = sorted(inner.free_symbols & subject.states, key=str)
    if region is None or not names:
        return

    def fits(bounds: Bounds) -> bool:
        values = bounds.under(node.guards, inner)
        return values.is_positive or (zero and values.low >= 0)

    loose = dict(region.bounds(SLACK).box)
    if zero:
        loose |= {name: region.box[name] for name in names if _is_pushed(subject, name)}
    if fits(Bounds(loose)):
        return
    lifted = {
        name: replace(region.box[name], low=SLACK * region.scale[name], never_zero=True)
        for name in names
        if name in region.can_vanish
    }
    if not fits(Bounds({**region.box, **lifted})):
        yield subject.issue(
            f"{node} cannot be shown to have a value: {show(inner)} may be "
            + ("less than zero" if zero else "zero or less"),
            node.place,
            f"make it positive for all values of {list_names([n.name for n in names])}",
            Severity.WARNING,
        )
        return
    for name in lifted:
        others = {other: kept for other, kept in lifted.items() if other != name}
        if not fits(Bounds({**loose, **others})):
            yield _fault(subject, node, inner, name, hint, zero=zero)


def _is_pushed(subject: Subject, state: sympy.Symbol) -> bool:
    """Whether a state that is zero grows: then it is not taken below."""
    if subject.region is None or state not in subject.region.can_vanish:
        return False
    at_zero = Bounds({**subject.region.box, state: exactly(0.0)})
    return at_zero.of(subject.rate(state)).is_positive


def _fault(
    subject: Subject,
    node: Node,
    inner: sympy.Expr,
    state: sympy.Symbol,
    hint: str,
    *,
    zero: bool,
) -> Issue:
    root = find_nearest_root(subject, inner, state)
    if root is None:
        root = find_nearest_root(subject, 1 / inner, state)
    edge = "0" if root is None or root == 0 else f"{root:.3g}"
    at_rest = subject.start[state] == 0 and not zero
    lost = f"where {state} is below {edge}" if zero else f"once {state} falls to {edge}"
    return subject.issue(
        f"{node} has no value {lost}, and nothing holds {state} above zero",
        node.place,
        hint.format(state=state),
        Severity.ERROR if at_rest and node.drives else Severity.WARNING,
    )
