"""Equations for the times at which an expression takes a value, against its own values there."""

from __future__ import annotations

import math

import pytest
import sympy

from stromal.models.crossings import find_crossings
from stromal.models.model import symbol
from stromal.models.odes import TIME

K = symbol("k")


def roots(expression, level=0, period=None, turns=range(-3, 4)):
    """Solutions of the equations by sympy's own root finding."""
    found = []
    for crossing in find_crossings(expression, sympy.sympify(level), period):
        for turn in turns if crossing.period is not None else (0,):
            aim = crossing.level + turn * (crossing.period or 0)
            powers = [c * TIME**n for n, c in enumerate(crossing.coefficients)]
            polynomial = sympy.Poly(sympy.Add(*powers) - aim, TIME)
            found += [
                complex(root).real for root in polynomial.nroots() if abs(sympy.im(root)) < 1e-9
            ]
    return sorted(found)


@pytest.mark.parametrize(
    ("expression", "level", "expected"),
    [
        (2 * TIME - 3, 0, [1.5]),
        ((TIME - 2) * (TIME - 4), 0, [2, 4]),
        (TIME**3 - TIME, 0, [-1, 0, 1]),
        (sympy.exp(-TIME / 2), 0.25, [2 * math.log(4)]),
        (3 * sympy.exp(-TIME) + 1, 2.5, [math.log(2)]),
        (sympy.log(TIME), 1, [math.e]),
        (sympy.sqrt(TIME), 3, [-9, 9]),
        (1 / TIME, 0.25, [-4, 4]),
        (sympy.Abs(TIME - 5, evaluate=False), 2, [3, 7]),
        (sympy.Pow(2, TIME), 8, [3]),
        (sympy.tanh(TIME), 0.5, [math.atanh(0.5)]),
        (TIME**-2 * (TIME - 1), 0, [0, 1]),
    ],
)
def test_each_is_found(expression, level, expected):
    assert roots(expression, level) == pytest.approx(expected)


def test_waves_come_again():
    found = roots(sympy.sin(TIME), 0.5, turns=(0, 1))
    assert found == pytest.approx(sorted(math.pi * n / 6 for n in (1, 5, 13, 17)))
    assert roots(sympy.cos(2 * TIME), 0, turns=(0,)) == pytest.approx([-math.pi / 4, math.pi / 4])


def test_a_quotient_by_a_whole_number_is_exact():
    (crossing,) = find_crossings(0.0416666666666666667 * TIME, sympy.Integer(0), sympy.Integer(1))
    assert (crossing.coefficients, crossing.period) == ((0, 1), 24)


def test_parameters_stay_in_the_equation():
    (crossing,) = find_crossings(K * TIME, symbol("c"))
    assert crossing.coefficients == (0, K)
    assert crossing.level == symbol("c")


@pytest.mark.parametrize(
    ("expression", "period"),
    [
        (TIME * sympy.exp(-TIME) - 1, None),
        (sympy.exp(-TIME) + TIME, None),
        (TIME**5 + TIME, None),
        (sympy.sin(TIME), 1),
        (TIME**2, 1),
        (sympy.gamma(TIME), None),
        (TIME**TIME, None),
    ],
)
def test_what_cannot_be_worked_out(expression, period):
    given = None if period is None else sympy.Integer(period)
    assert find_crossings(expression, sympy.Integer(0), given) is None


def test_what_does_not_move_is_never_crossed():
    assert find_crossings(K) == ()
