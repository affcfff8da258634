"""No kink where the model rests: a solver, and the sensitivities, stumble over it at each step."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import combinations

import sympy

from stromal.errors import Issue, Severity
from stromal.models.arithmetic import rebuild
from stromal.models.check.region import Region
from stromal.models.check.rest import find_resting_point
from stromal.models.check.subject import Node, Subject, as_number, show
from stromal.models.switches import split_times

CLOSE = 0.05
_KINKED = (sympy.Piecewise, sympy.Min, sympy.Max, sympy.Abs, sympy.floor, sympy.ceiling)


class _Point:
    """Values of states and constants, and of the expressions that were asked for."""

    def __init__(self, values: Mapping[sympy.Symbol, float]) -> None:
        self._values = {name: sympy.Float(value) for name, value in values.items()}
        self._done: dict[sympy.Basic, sympy.Basic] = {}

    def value(self, expression: sympy.Expr) -> float:
        return as_number(rebuild(expression, self._values, self._done))


def check_kinks(subject: Subject) -> Iterator[Issue]:
    """Piecewise, min, max and abs do not switch where the model starts or rests."""
    region = subject.region
    if region is None:
        return
    nodes = list(subject.nodes(*_KINKED))
    rest = find_resting_point(subject) if nodes else None
    points = {"start": _Point(subject.start), "rest": _Point(rest or {})}
    for node in nodes:
        crossed = [
            (surface, away)
            for left, right in _surfaces(node.expanded)
            if (surface := _crossed(subject, region, left, right))
            for away in [_distances(left, right, points)]
        ]
        if crossed:
            surface, away = min(crossed, key=lambda pair: min(pair[1].values(), default=1.0))
            yield _kink(subject, node, surface, away)


def _crossed(subject: Subject, region: Region, left: sympy.Expr, right: sympy.Expr) -> str | None:
    """The surface where two values change their order, in words; None where no state crosses it."""
    gap = sympy.Add(left, -right)
    bounds = region.signs().of(gap)
    if not gap.free_symbols & subject.states or bounds.low >= 0 or bounds.high <= 0:
        return None
    if right.has(sympy.floor):
        return f"whole numbers of {show(left)}"
    return f"{show(left)} = {show(right)}"


def check_switches_in_time(subject: Subject) -> Iterator[Issue]:
    """Times at which something switches can be worked out, so that a solver stops there."""
    if subject.odes is None:
        return
    for condition in split_times(subject.odes).describe_open():
        yield subject.issue(
            f"when {condition} changes cannot be worked out before a run, and a step may pass over "
            "it",
            None,
            "write it with sums, products, powers and exponentials of time, or as an event",
            Severity.WARNING,
        )


def _kink(subject: Subject, node: Node, surface: str, away: dict[str, float]) -> Issue:
    close = [name for name, distance in away.items() if distance < CLOSE]
    if close:
        where = "starts" if "start" in close else "rests"
        return subject.issue(
            f"{node} has a kink at {surface}, where the model {where}",
            node.place,
            "write it smoothly, as in 0.02 + w*ln(1 + exp((x - 0.02)/w)) for max(x, 0.02)",
            Severity.WARNING,
        )
    parts = [f"{distance:.0%} from the {name}" for name, distance in away.items()]
    return subject.issue(
        f"{node} has a kink at {surface}" + (f", {' and '.join(parts)}" if parts else ""),
        node.place,
        "leave it if patients stay on one side of it; a smooth form is safe on both",
        Severity.NOTE,
    )


def _surfaces(node: sympy.Basic) -> Iterator[tuple[sympy.Expr, sympy.Expr]]:
    """Pairs of values whose order a node looks at."""
    if isinstance(node, sympy.Piecewise):
        for _, condition in node.args:
            for relation in sorted(condition.atoms(sympy.core.relational.Relational), key=str):
                yield relation.lhs, relation.rhs
    elif isinstance(node, sympy.Min | sympy.Max):
        yield from combinations(node.args, 2)
    elif isinstance(node, sympy.Abs):
        yield node.args[0], sympy.Integer(0)
    elif isinstance(node, sympy.floor | sympy.ceiling):
        yield node.args[0], sympy.floor(node.args[0] + sympy.Rational(1, 2))


def _distances(
    left: sympy.Expr, right: sympy.Expr, points: Mapping[str, _Point]
) -> dict[str, float]:
    found = {name: _distance(left, right, point) for name, point in points.items()}
    return {name: distance for name, distance in found.items() if distance is not None}


def _distance(left: sympy.Expr, right: sympy.Expr, point: _Point) -> float | None:
    """Distance of two values in units of the larger; None where they cannot be computed."""
    one, other = point.value(left), point.value(right)
    if math.isnan(one) or math.isnan(other):
        return None
    size = max(abs(one), abs(other))
    return abs(one - other) / size if size > 0 else 0.0
