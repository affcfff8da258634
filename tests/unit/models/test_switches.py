from __future__ import annotations

import pytest

from stromal.models.derive import derive_odes
from stromal.models.odes import TIME
from stromal.models.parse import read_model
from stromal.models.switches import split_times


def split(formula, more=""):
    return split_times(derive_odes(read_model(f"x = 0; k = 2; x' = {formula}; {more}")))


@pytest.mark.parametrize(
    ("formula", "count"),
    [
        ("piecewise(1, time > 2, 0)", 1),
        ("piecewise(1, time > 2 && x < 3, 0)", 1),
        ("piecewise(1, time > 2, 0) + piecewise(3, time > 2, 1)", 1),
        ("floor(time/k)", 1),
        ("ceil(time)", 1),
        ("max(time - 5, 0)", 1),
        ("abs(time - k)", 1),
        ("piecewise(1, time - k*floor(time/k) < 0.5, 0)", 2),
        ("piecewise(1, piecewise(1, time > 3, 0) + piecewise(1, time > 6, 0) > 1.5, 0)", 2),
        ("k*x", 0),
        ("piecewise(1, x > 2, 0)", 0),
        ("piecewise(1, x > time, 0)", 0),
    ],
)
def test_conditions_on_time_become_switches(formula, count):
    found = split(formula)
    assert len(found.odes.switches) == count
    assert found.open == ()
    held = [switch.of.free_symbols for switch in found.odes.switches]
    assert all(TIME in names for names in held)


def test_no_condition_on_time_is_left():
    found = split("piecewise(time, (time >= 1) && (time < k), x)")
    conditions = [condition for _, condition in found.odes.rates[0].args]
    assert all(TIME not in condition.free_symbols for condition in conditions)
    assert [str(switch.of) for switch in found.odes.switches] == ["time >= 1", "time < k"]


def test_what_only_events_move_may_decide():
    found = split("piecewise(1, time < n, 0)", "n = 1; at (time > n): n = n + 3")
    assert len(found.odes.switches) == 2
    assert found.odes.known == {"n"}


@pytest.mark.parametrize(
    "formula",
    ["piecewise(1, time*exp(-time) > 0.2, 0)", "floor(time^2)", "piecewise(1, sin(time^2) > 0, 0)"],
)
def test_a_condition_whose_times_are_not_known_is_named(formula):
    found = split(formula)
    assert found.odes.switches == ()
    assert len(found.open) == 1
