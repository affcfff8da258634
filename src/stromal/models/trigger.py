"""When an event happens, from its trigger: fixed times only."""

from __future__ import annotations

from collections.abc import Set

import sympy

from stromal.models.arithmetic import apply, choose, compare
from stromal.models.odes import TIME

_ZERO = sympy.Integer(0)
_MIRROR = {sympy.Lt: sympy.Gt, sympy.Le: sympy.Ge, sympy.Gt: sympy.Lt, sympy.Ge: sympy.Le}


def read_trigger(
    condition: sympy.Basic, *, true_before: bool, fixed: Set[str]
) -> sympy.Expr | None:
    """The time at which a trigger becomes true; infinite where it never does.

    Parameters
    ----------
    condition
        `time >= t`, `time > t`, or either written the other way round.
    true_before
        Whether the trigger counts as true before the start, so that a time at or before the start
        is not a change.
    fixed
        Names that never change; t may speak of them.

    Returns
    -------
    sympy.Expr or None
        An expression of constants; None where the trigger is of another form.

    Examples
    --------
    >>> read_trigger(TIME >= 2, true_before=True, fixed=set())
    2
    >>> read_trigger(TIME >= 0, true_before=True, fixed=set())
    oo
    """
    if isinstance(condition, (sympy.Lt, sympy.Le)):
        condition = _MIRROR[condition.func](condition.rhs, condition.lhs, evaluate=False)
    if not isinstance(condition, (sympy.Gt, sympy.Ge)) or condition.lhs != TIME:
        return None
    time = condition.rhs
    if not all(item.is_Symbol and item.name in fixed for item in time.free_symbols):
        return None
    strict = isinstance(condition, sympy.Gt)
    if not true_before:
        return apply(sympy.Max, time, _ZERO)
    comes = compare(sympy.Ge if strict else sympy.Gt, time, _ZERO)
    return choose([(time, comes)], sympy.oo)
