from __future__ import annotations

import pytest
import sympy

from stromal.kernels.boundaries import can_follow, find_boundaries, find_entangled
from stromal.models.odes import TIME, Odes, Switch

X, A, B = sympy.symbols("x a b", real=True)
ON, OFF, INNER = sympy.symbols("on off inner", real=True)
ODES = Odes("decay", (X,), (-X,), (sympy.Integer(1),), (A, B), (0.5, 1.0), {"x": X})


def switch(symbol, relation):
    return Switch(symbol, relation, ())


@pytest.mark.parametrize(
    ("of", "followed"),
    [
        (sympy.Ge(TIME, A), True),
        (sympy.Lt(TIME * B, A), True),
        (sympy.Eq(TIME, A), False),
        (sympy.floor(TIME / A), False),
        (sympy.Ge(TIME - INNER, A), False),
        (sympy.Ge(TIME - X, A), False),
    ],
)
def test_what_can_be_followed(of, followed):
    assert can_follow(switch(ON, of), ODES) is followed


def test_sides_of_a_boundary_and_the_way_it_is_crossed():
    (found,) = find_boundaries([switch(ON, sympy.Gt(TIME, A)), switch(OFF, sympy.Le(TIME, A))])
    rate = 3 * ON + 5 * OFF
    assert found.rates([rate], above=False) == [5]
    assert found.rates([rate], above=True) == [3]
    assert [upwards for _, upwards in found.crossings] == [True, False]


def test_switches_that_change_one_instant_apart_are_two_boundaries():
    found = find_boundaries([switch(ON, sympy.Ge(TIME, A)), switch(OFF, sympy.Le(TIME, A))])
    assert [boundary.below for boundary in found] == [((ON, 0),), ((OFF, 1),)]
    assert [*find_entangled(ODES, found)] == []


def test_the_opposite_gap_is_the_same_boundary():
    opposite = sympy.Gt(2 * A, 2 * TIME, evaluate=False)
    (found,) = find_boundaries([switch(ON, sympy.Le(TIME, A)), switch(OFF, sympy.Le(TIME, A))])
    assert found.below == ((ON, 1), (OFF, 1))
    found = find_boundaries([switch(ON, sympy.Ge(TIME, A)), switch(OFF, opposite)])
    assert [boundary.below for boundary in found] == [((ON, 0), (OFF, 1))]


def test_boundaries_that_meet_now_and_then_are_apart():
    found = find_boundaries([switch(ON, sympy.Gt(TIME, A)), switch(OFF, sympy.Gt(TIME, B))])
    assert len(found) == 2
    assert [*find_entangled(ODES, found)] == []


@pytest.mark.parametrize(("rate", "entangled"), [(ON + OFF, 0), (ON * OFF, 1)])
def test_boundaries_that_always_meet_are_apart_only_in_sums(rate, entangled):
    odes = Odes("x", (X,), (rate,), (sympy.Integer(1),), (A, B), (0.5, 1.0), {"x": X})
    given = [switch(ON, sympy.Gt(TIME, A)), switch(OFF, sympy.Gt(B * TIME, A * B))]
    assert len([*find_entangled(odes, find_boundaries(given))]) == entangled
