from __future__ import annotations

import pytest
import sympy

from stromal.models.model import symbol
from stromal.models.odes import TIME, Overdue
from stromal.models.trigger import read_trigger

T, X = symbol("t"), symbol("x")


@pytest.mark.parametrize(
    ("condition", "true_before", "overdue"),
    [
        (TIME >= T, True, Overdue.NEVER),
        (TIME > T, True, Overdue.AT_START),
        (sympy.Le(T, TIME, evaluate=False), True, Overdue.NEVER),
        (sympy.Lt(T, TIME, evaluate=False), True, Overdue.AT_START),
        (TIME >= T, False, Overdue.CAUGHT_UP),
        (TIME > T, False, Overdue.CAUGHT_UP),
    ],
)
@pytest.mark.parametrize("time", [T, 2, 0, -1])
def test_fixed_times(condition, true_before, overdue, time):
    condition = condition.func(*(time if side is T else side for side in condition.args))
    found = read_trigger(condition, true_before=true_before, fixed={"t"})
    assert found == (time, overdue)


@pytest.mark.parametrize(
    "condition",
    [X > 1, TIME >= X, TIME <= 2, TIME >= TIME - 1, sympy.And(TIME > 1, X > 2), sympy.true],
)
def test_other_triggers_are_not_fixed(condition):
    assert read_trigger(condition, true_before=True, fixed={"t"}) is None
