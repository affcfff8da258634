from __future__ import annotations

import math

import pytest
import sympy

from stromal.models.arithmetic import (
    apply,
    as_double,
    as_truth,
    as_value,
    choose,
    compare,
    divide,
    is_finite,
    negate,
    number,
    power,
    rebuild,
)

X, Y = sympy.symbols("x y", real=True)


@pytest.mark.parametrize("value", [0.0, -3.0, 0.5, 0.1, 1e300, -1e-300, 2.0**53, 6.02214179e23])
def test_number_is_the_same_double(value):
    assert float(number(value)) == value


@pytest.mark.parametrize(
    ("function", "arguments", "value"),
    [
        (sympy.log, [0], -math.inf),
        (sympy.log, [-1], math.nan),
        (sympy.asin, [2], math.nan),
        (sympy.Pow, [-1, sympy.Rational(1, 2)], math.nan),
        (sympy.Pow, [10, 10**12], math.inf),
        (sympy.Pow, [0, -1], math.inf),
        (sympy.exp, [10**6], math.inf),
        (sympy.factorial, [10**9], math.inf),
        (sympy.factorial, [4], 24.0),
        (sympy.floor, [sympy.oo], math.inf),
        (sympy.ceiling, [sympy.Rational(-3, 2)], -1.0),
        (sympy.Max, [3], 3.0),
        (sympy.Add, [sympy.oo, -sympy.oo], math.nan),
        (sympy.Add, [], 0.0),
        (sympy.Mul, [], 1.0),
    ],
)
def test_functions_of_numbers_are_doubles(function, arguments, value):
    assert float(apply(function, *map(sympy.sympify, arguments))) == pytest.approx(
        value, nan_ok=True
    )


def test_division_by_zero_is_infinite_with_the_sign_of_the_top():
    assert divide(sympy.Integer(-2), sympy.Integer(0)) == -sympy.oo
    assert divide(sympy.Integer(0), sympy.Integer(0)) is sympy.nan
    assert divide(sympy.Integer(1), sympy.Integer(4)) == sympy.Rational(1, 4)


def test_power_of_e_is_exp_and_zero_keeps_its_exponent():
    assert power(number(math.e), X) == sympy.exp(X)
    assert power(sympy.Integer(0), X).args == (0, X)


def test_truth_and_number_change_places():
    assert as_value(sympy.true) == 1
    assert as_value(X > 0).args == ((1, X > 0), (0, True))
    assert as_truth(X) == sympy.Ne(X, 0)
    assert as_truth(sympy.Integer(0)) is sympy.false
    assert negate(sympy.Integer(0)) is sympy.true


def test_choose_stops_at_what_is_certain():
    never = compare(sympy.Gt, sympy.Integer(0), sympy.Integer(1))
    always = compare(sympy.Le, sympy.Integer(0), sympy.Integer(1))
    assert choose([(X, never), (Y, always), (X, X > 0)]) == Y
    assert choose([(X, never)]) is sympy.nan


def test_comparison_with_nan_is_false_and_unequal():
    assert compare(sympy.Lt, sympy.nan, sympy.Integer(1)) is sympy.false
    assert compare(sympy.Ne, sympy.nan, sympy.nan) is sympy.true


def test_rebuild_replaces_at_once():
    swapped = rebuild(X - 2 * Y, {X: Y, Y: X})
    assert swapped == Y - 2 * X


def test_rebuild_folds_what_became_numbers():
    condition = sympy.Piecewise((sympy.log(X), X > Y), (Y, True), evaluate=False)
    assert rebuild(condition, {X: sympy.Integer(-1), Y: sympy.Integer(-2)}) is sympy.nan
    assert rebuild(sympy.Or(X > Y, Y > 5), {X: sympy.Integer(3), Y: sympy.Integer(2)}) is sympy.true
    assert rebuild(10**X, {X: sympy.Integer(10**10)}) is sympy.oo


def test_rebuild_shares_work_of_shared_terms():
    expression = X
    for _ in range(60):
        expression = expression * expression + expression
    assert rebuild(expression, {X: Y}) != expression


def test_what_is_a_number():
    assert as_double(sympy.sqrt(2)) == math.sqrt(2)
    assert as_double(X) is None
    assert is_finite(sympy.Float(0.1))
    assert not is_finite(sympy.nan)
