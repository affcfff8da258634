"""When an event happens, from its trigger: fixed times only."""

from __future__ import annotations

from collections.abc import Set
from typing import NamedTuple

import sympy

from stromal.models.odes import TIME, Overdue

_MIRROR = {sympy.Lt: sympy.Gt, sympy.Le: sympy.Ge, sympy.Gt: sympy.Lt, sympy.Ge: sympy.Le}


class Due(NamedTuple):
    """When an event happens, and what becomes of it where that is not after the start."""

    time: sympy.Expr
    overdue: Overdue


def read_trigger(condition: sympy.Basic, *, true_before: bool, fixed: Set[str]) -> Due | None:
    """The time at which a trigger becomes true.

    Parameters
    ----------
    condition
        `time >= t`, `time > t`, or either written the other way round.
    true_before
        Whether the trigger counts as true before the start, so that it does not become true where
        it is true at the start.
    fixed
        Names that never change; t may speak of them.

    Returns
    -------
    Due or None
        An expression of constants; None where the trigger is of another form.

    Examples
    --------
    >>> read_trigger(TIME >= 2, true_before=True, fixed=set())
    Due(time=2, overdue=<Overdue.NEVER: 'never'>)
    """
    if isinstance(condition, (sympy.Lt, sympy.Le)):
        condition = _MIRROR[condition.func](condition.rhs, condition.lhs, evaluate=False)
    if not isinstance(condition, (sympy.Gt, sympy.Ge)) or condition.lhs != TIME:
        return None
    time = condition.rhs
    if not all(item.is_Symbol and item.name in fixed for item in time.free_symbols):
        return None
    if not true_before:
        return Due(time, Overdue.CAUGHT_UP)
    # at t itself `time > t` is not yet true
    return Due(time, Overdue.AT_START if isinstance(condition, sympy.Gt) else Overdue.NEVER)
