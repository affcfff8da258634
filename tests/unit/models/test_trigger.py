from __future__ import annotations

import pytest
import sympy

from stromal.models.model import symbol
from stromal.models.odes import TIME
from stromal.models.trigger import read_trigger

T, X = symbol("t"), symbol("x")


@pytest.mark.parametrize(
    ("condition", "true_before", "time"),
    [
        (TIME >= 2, True, 2),
        (TIME > 2, True, 2),
        (sympy.Le(2, TIME, evaluate=False), True, 2),
        (sympy.Lt(2, TIME, evaluate=False), True, 2),
        (TIME >= 0, True, sympy.oo),
        (TIME > 0, True, 0),
        (TIME > -1, True, sympy.oo),
        (TIME >= 0, False, 0),
        (TIME >= -1, False, 0),
    ],
)
def test_fixed_times(condition, true_before, time):
    assert read_trigger(condition, true_before=true_before, fixed=set()) == time


def test_a_parameter_at_or_before_the_start_is_no_change():
    time = read_trigger(TIME >= T, true_before=True, fixed={"t"})
    assert [time.subs(T, value) for value in (3, 0, -1)] == [3, sympy.oo, sympy.oo]


@pytest.mark.parametrize(
    "condition",
    [X > 1, TIME >= X, TIME <= 2, TIME >= TIME - 1, sympy.And(TIME > 1, X > 2), sympy.true],
)
def test_other_triggers_are_not_fixed(condition):
    assert read_trigger(condition, true_before=True, fixed={"t"}) is None
