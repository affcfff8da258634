"""Where an expression becomes zero as one state moves, found on a grid of its scale."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import sympy

from stromal.models.check.subject import Subject
from stromal.models.shared import name_shared

_STEPS = np.concatenate([[0.0], 10.0 ** np.arange(-14.0, 4.01, 0.125)])


def find_root(
    expression: sympy.Expr,
    state: sympy.Symbol,
    others: Mapping[sympy.Symbol, float],
    scale: float,
    sign: int = -1,
) -> float | None:
    """The value of a state nearest to zero, on one side, at which an expression is zero.

    Parameters
    ----------
    expression
        Of the state and the others.
    others
        Values of every other symbol.
    scale
        Size of the state; up to 10 000 times this is looked at.
    sign
        -1 for values below zero, 1 for those above.

    Examples
    --------
    >>> x, k = sympy.symbols("x k", real=True)
    >>> round(find_root(k + x, x, {k: 5.0}, scale=1.0), 9)
    -5.0
    >>> find_root(k + x**2, x, {k: 5.0}, scale=1.0) is None
    True
    """
    names = sorted(expression.free_symbols - {state}, key=str)
    function = sympy.lambdify([state, *names], expression, ["numpy", "scipy"], cse=name_shared)
    fixed = [np.float64(others.get(name, 0.0)) for name in names]

    def value(at: float) -> float:
        with np.errstate(all="ignore"):
            return float(function(np.float64(at), *fixed))

    grid = sign * scale * _STEPS
    values = [value(at) for at in grid]
    for at, before, now in zip(range(1, len(grid)), values[:-1], values[1:], strict=True):
        if before == 0.0:
            return float(grid[at - 1])
        if math.isfinite(before) and math.isfinite(now) and before * now < 0:
            return _halve(value, float(grid[at - 1]), float(grid[at]))
    return None


def _halve(value: Callable[[float], float], left: float, right: float) -> float:
    sign = value(left) > 0
    for _ in range(100):
        middle = (left + right) / 2
        if (value(middle) > 0) == sign:
            left = middle
        else:
            right = middle
    return (left + right) / 2


def find_nearest_root(
    subject: Subject, expression: sympy.Expr, state: sympy.Symbol, sign: int = -1
) -> float | None:
    """As `find_root`, other states at the lower end of their region or at their start value."""
    if subject.region is None:
        return None
    scale = subject.region.scale[state]
    lowest = {
        name: subject.region.box[name].low
        for name in subject.states
        if math.isfinite(subject.region.box[name].low)
    }
    corners: Sequence[Mapping[sympy.Symbol, float]] = (
        {**subject.start, **lowest},
        subject.start,
    )
    found = [find_root(expression, state, corner, scale, sign) for corner in corners]
    known = [root for root in found if root is not None]
    return min(known, key=abs) if known else None
