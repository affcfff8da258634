"""Ranges of expressions: bounds that hold, and what they can tell of signs."""

from __future__ import annotations

import math

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from stromal.models.check.ranges import (
    ANYTHING,
    NEVER_NEGATIVE,
    POSITIVE,
    Bounds,
    Range,
    exactly,
)

X, Y, K = sympy.symbols("x y k", real=True)
BOX = {X: NEVER_NEGATIVE, Y: POSITIVE, K: exactly(2.0)}


@pytest.mark.parametrize(
    ("expression", "low", "high"),
    [
        (X + K, 2.0, math.inf),
        (K - X, -math.inf, 2.0),
        (X / (X + K), 0.0, 1.0),
        (1 - X / (X + K), 0.0, 1.0),
        (X**2 / (X**2 + K**2), 0.0, 1.0),
        (K / (X + K), 0.0, 1.0),
        (sympy.exp(-X), 0.0, 1.0),
        (sympy.log(1 + X), 0.0, math.inf),
        (sympy.tanh(X), 0.0, 1.0),
        (sympy.sin(X), -1.0, 1.0),
        (sympy.Max(X, K, evaluate=False), 2.0, math.inf),
        (sympy.Min(X, K, evaluate=False), 0.0, 2.0),
        (sympy.Abs(X - K), 0.0, math.inf),
        ((X - K) ** 2, 0.0, math.inf),
        (sympy.Piecewise((X, X > 0.5), (0.5, True)), 0.5, math.inf),
        (sympy.Symbol("z", real=True), -math.inf, math.inf),
        (sympy.gamma(X), -math.inf, math.inf),
    ],
)
def test_bounds(expression, low, high):
    found = Bounds(BOX).of(expression)
    assert found.low == pytest.approx(low)
    assert found.high == pytest.approx(high)


@pytest.mark.parametrize(
    ("expression", "positive"),
    [
        (Y, True),
        (X, False),
        (X + Y, True),
        (X * Y, False),
        (Y**K, True),
        (1 / Y, True),
        (sympy.exp(Y - X), True),
        (X + 1e-9, True),
        (X - 1e-9, False),
        (X**2 + 1e-8, True),
        (sympy.Max(X, Y, evaluate=False), True),
    ],
)
def test_positive(expression, positive):
    assert Bounds(BOX).of(expression).is_positive is positive


def test_zero_times_a_logarithm_is_zero():
    box = {X: exactly(0.0), K: exactly(2.0)}
    assert Bounds(box).of(X * sympy.log(K / X)) == exactly(0.0)


def test_zero_times_a_small_power_is_gathered_first():
    box = {X: exactly(0.0), K: exactly(2.0)}
    assert Bounds(box).of(X * (K / X) ** sympy.Rational(1, 2)).low == 0.0


def test_zero_times_a_pole_is_not_known():
    box = {X: exactly(0.0), K: exactly(2.0)}
    assert Bounds(box).of(sympy.Mul(X, (K / X) ** 2 + Y, evaluate=False)) != exactly(0.0)


def test_reciprocal_around_zero_has_no_bounds():
    assert Range(-1.0, 1.0).reciprocal().low == -math.inf
    assert Range(-4.0, -2.0).reciprocal() == Range(-0.5, -0.25, never_zero=True)
    assert Range(-4.0, 0.0).reciprocal().high == -0.25


def test_powers_that_overflow_are_infinite():
    assert Range(0.0, 1e300).raised(exactly(2.0)).high == math.inf
    assert Range(-1e300, 0.0).raised(exactly(3.0)).low == -math.inf
    assert Bounds({X: ANYTHING}).of(sympy.exp(X)).high == math.inf


_ENDS = st.floats(-10, 10, allow_nan=False)


@given(_ENDS, _ENDS, _ENDS, _ENDS, st.floats(0, 1), st.floats(0, 1))
def test_values_lie_in_their_range(a, b, c, d, s, t):
    box = {X: Range(min(a, b), max(a, b)), Y: Range(min(c, d), max(c, d))}
    at = {X: min(a, b) + s * abs(b - a), Y: min(c, d) + t * abs(d - c)}
    for expression in (X + Y, X * Y, X**2 - Y, X**3 * Y, sympy.Abs(X) + sympy.exp(Y / 5)):
        value = float(expression.xreplace({k: sympy.Float(v) for k, v in at.items()}))
        found = Bounds(box).of(expression)
        room = 1e-9 * (1 + abs(value))
        assert found.low - room <= value <= found.high + room
