from __future__ import annotations

import dataclasses

import pytest
import sympy

from stromal.models.model import symbol
from stromal.models.odes import TIME, Change, Odes


def test_equations_are_frozen_values():
    x, k = symbol("x"), symbol("k")
    odes = Odes("decay", (x,), (-k * x,), (sympy.Integer(1),), (k,), (0.5,))
    assert odes.changes == ()
    assert dict(odes.outputs) == {}
    with pytest.raises(dataclasses.FrozenInstanceError):
        odes.name = "growth"
    with pytest.raises(TypeError):
        odes.outputs["x"] = x


def test_a_change_is_a_trigger_and_new_values():
    change = Change(TIME >= 2, ((0, symbol("x") + 1),), delay=symbol("lag"))
    assert change.when == (TIME >= 2, symbol("lag"))
    assert change.updates[0][0] == 0


def test_time_is_the_symbol_of_no_model_name_but_its_own():
    assert symbol("time") == TIME
    assert TIME.is_real
