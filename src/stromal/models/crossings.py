"""When an expression of time takes given values, as equations that are solved for each patient."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import reduce

import sympy

from stromal.models.arithmetic import Piecewise
from stromal.models.odes import TIME, Crossing
from stromal.models.shared import Shared, find_shared, share

HIGHEST = 4
"""Highest degree of a polynomial in time whose roots are looked for."""

_ZERO, _ONE, _HALF = sympy.Integer(0), sympy.Integer(1), sympy.Rational(1, 2)
_LARGEST_SCALE = 2**40
_TWO_PI = sympy.Float(2 * math.pi)


def find_crossings(
    expression: sympy.Expr, level: sympy.Expr = _ZERO, period: sympy.Expr | None = None
) -> tuple[Crossing, ...] | None:
    """Equations for the times at which an expression takes a value.

    Polynomials in time, and functions of them that can be undone: exponentials, logarithms, powers,
    absolute values, sines. A solution of an equation need not be one of the expression, for an even
    power has two roots; every time at which the expression takes the value solves one of them.

    Parameters
    ----------
    expression
        Of TIME and symbols that are constant in the interval that is looked at.
    level
        The value, without TIME.
    period
        Given where `level + k*period` counts for every whole number k.

    Returns
    -------
    tuple of Crossing, or None
        None where the times cannot be worked out.

    Examples
    --------
    >>> k = sympy.Symbol("k", real=True)
    >>> find_crossings(k * TIME - 3)
    (Crossing(coefficients=(0, k), level=3, period=None),)
    >>> find_crossings(TIME * sympy.exp(-TIME), k) is None
    True
    """
    if TIME not in expression.free_symbols:
        return ()
    coefficients = _polynomial(expression)
    if coefficients is not None:
        if period is not None and len(coefficients) > 2:
            return None
        level = _exact(_less(level, coefficients[0]))
        return (_whole(coefficients[1:], level, None if period is None else _exact(period)),)
    if isinstance(expression, Shared):
        return find_crossings(expression.content, share(level), period)
    kind = expression.func
    if kind in _UNDONE:
        return _UNDONE[kind](expression, level, period)
    return None


_Coefficients = tuple[sympy.Expr, ...] | None


def _polynomial(expression: sympy.Expr) -> _Coefficients:
    """Coefficients in time, lowest first; None where it is no polynomial of low degree."""
    known: dict[sympy.Basic, _Coefficients] = {}
    for each in find_shared([expression]):
        found = _polynomial_of(each.content, known)
        known[each] = found and tuple(map(share, found))
    return _polynomial_of(expression, known)


def _polynomial_of(
    expression: sympy.Expr, known: Mapping[sympy.Basic, _Coefficients]
) -> _Coefficients:
    if expression in known:
        return known[expression]
    if TIME not in expression.free_symbols:
        return (_exact(expression),)
    if expression == TIME:
        return (_ZERO, _ONE)
    if isinstance(expression, sympy.Piecewise):
        return _polynomial_in_pieces(expression, known)
    parts = [_polynomial_of(part, known) for part in _terms(expression)]
    every = [part for part in parts if part is not None]
    if not every or len(every) < len(parts):
        return None
    found = reduce(_sum if expression.is_Add else _product, every)
    return found if len(found) <= HIGHEST + 1 else None


def _terms(expression: sympy.Expr) -> tuple[sympy.Expr, ...]:
    """What is added or multiplied in a sum, a product or a whole power; nothing in all else."""
    if expression.is_Add or expression.is_Mul:
        return tuple(expression.args)
    if expression.is_Pow:
        base, exponent = expression.args
        if exponent.is_Integer and 1 < exponent <= HIGHEST:
            return (base,) * int(exponent)
    return ()


def _polynomial_in_pieces(
    expression: sympy.Piecewise, known: Mapping[sympy.Basic, _Coefficients]
) -> _Coefficients:
    pieces = [(_polynomial_of(value, known), condition) for value, condition in expression.args]
    if any(part is None or TIME in condition.free_symbols for part, condition in pieces):
        return None
    degree = max(len(part) for part, _ in pieces if part is not None)
    return tuple(
        Piecewise(*((_term(part or (), power), condition) for part, condition in pieces))
        for power in range(degree)
    )


def _term(coefficients: Sequence[sympy.Expr], power: int) -> sympy.Expr:
    return coefficients[power] if power < len(coefficients) else _ZERO


def _sum(one: Sequence[sympy.Expr], other: Sequence[sympy.Expr]) -> tuple[sympy.Expr, ...]:
    size = max(len(one), len(other))
    return tuple(sympy.Add(_term(one, power), _term(other, power)) for power in range(size))


def _product(one: Sequence[sympy.Expr], other: Sequence[sympy.Expr]) -> tuple[sympy.Expr, ...]:
    terms = [_ZERO] * (len(one) + len(other) - 1)
    for place, first in enumerate(one):
        for further, second in enumerate(other):
            terms[place + further] = sympy.Add(terms[place + further], sympy.Mul(first, second))
    return tuple(terms)


def _exact(expression: sympy.Expr) -> sympy.Expr:
    """The expression with 1/n where a double stands for it, so that `time/24` is 1 at 24."""
    thirds = {
        item: sympy.Rational(1024, round(1024.0 / float(item)))
        for item in expression.atoms(sympy.Float)
        if _is_reciprocal(float(item))
    }
    return expression.xreplace(thirds) if thirds else expression


def _whole(
    coefficients: Sequence[sympy.Expr], level: sympy.Expr, period: sympy.Expr | None
) -> Crossing:
    """The equation times its denominators: what is compiled has doubles for fractions."""
    if len(coefficients) == 1:
        # t/p = k becomes t = k*p, which is rounded once
        coefficients, below = zip(*map(sympy.fraction, coefficients), strict=True)
        level = sympy.Mul(below[0], level)
        period = None if period is None else sympy.Mul(below[0], period)
    parts = (*coefficients, level, *(() if period is None else (period,)))
    fractions = {item.q for part in parts for item in part.atoms(sympy.Rational)}
    scale = reduce(math.lcm, map(int, fractions), 1)
    if scale == 1 or scale > _LARGEST_SCALE:
        return Crossing((_ZERO, *coefficients), level, period)
    *scaled, last = (
        sympy.Add(*(scale * term for term in sympy.Add.make_args(part))) for part in parts
    )
    if period is None:
        return Crossing((_ZERO, *scaled), last)
    return Crossing((_ZERO, *scaled[:-1]), scaled[-1], last)


def _is_reciprocal(value: float) -> bool:
    if value == 0.0 or not math.isfinite(1024.0 / value):
        return False
    scaled = round(1024.0 / value)
    return 0 < abs(scaled) < 2**40 and 1024.0 / scaled == value


def _less(level: sympy.Expr, part: sympy.Expr) -> sympy.Expr:
    return level if part == 0 else sympy.Add(level, sympy.Mul(-1, part))


_Found = tuple[Crossing, ...] | None


def _join(found: Sequence[_Found]) -> _Found:
    known = [each for each in found if each is not None]
    return None if len(known) < len(found) else tuple(one for each in known for one in each)


def _of_sum(expression: sympy.Expr, level: sympy.Expr, period: sympy.Expr | None) -> _Found:
    still, moving = _split(expression)
    if len(moving) != 1:
        return None
    return find_crossings(moving[0], _less(level, sympy.Add(*still)), period)


def _of_product(expression: sympy.Expr, level: sympy.Expr, period: sympy.Expr | None) -> _Found:
    still, moving = _split(expression)
    if len(moving) == 1:
        factor = sympy.Mul(*still)
        return find_crossings(moving[0], level / factor, period and period / factor)
    if level == 0 and period is None:
        return _join([_of_factor(factor) for factor in moving])
    return None


def _of_factor(factor: sympy.Expr) -> _Found:
    """Where a factor changes its sign: at a zero, and for a power below zero at a pole."""
    base = factor.args[0] if factor.is_Pow and TIME not in factor.args[1].free_symbols else factor
    return find_crossings(base)


def _split(expression: sympy.Expr) -> tuple[list[sympy.Expr], list[sympy.Expr]]:
    still = [part for part in expression.args if TIME not in part.free_symbols]
    return still, [part for part in expression.args if TIME in part.free_symbols]


def _of_power(expression: sympy.Expr, level: sympy.Expr, period: sympy.Expr | None) -> _Found:
    base, exponent = expression.args
    if period is not None:
        return None
    if TIME not in base.free_symbols:
        return find_crossings(exponent, sympy.log(level) / sympy.log(base))
    if TIME in exponent.free_symbols:
        return None
    if level == 0:
        return find_crossings(base)
    root = sympy.Pow(sympy.Abs(level), 1 / exponent)
    return _join([find_crossings(base, sign * root) for sign in (1, -1)])


def _of_pieces(expression: sympy.Expr, level: sympy.Expr, period: sympy.Expr | None) -> _Found:
    if any(TIME in condition.free_symbols for _, condition in expression.args):
        return None
    return _join([find_crossings(value, level, period) for value, _ in expression.args])


def _of_monotone(undo: Callable[[sympy.Expr], sympy.Expr]) -> Callable[..., _Found]:
    """A function that takes each value once."""

    def find(expression: sympy.Expr, level: sympy.Expr, period: sympy.Expr | None) -> _Found:
        return None if period else find_crossings(expression.args[0], undo(level))

    return find


def _of_wave(
    undo: Callable[[sympy.Expr], tuple[sympy.Expr, ...]], period: sympy.Expr
) -> Callable[..., _Found]:
    """A function that takes each value again and again."""

    def find(expression: sympy.Expr, level: sympy.Expr, given: sympy.Expr | None) -> _Found:
        if given is not None:
            return None
        inner = expression.args[0]
        return _join([find_crossings(inner, value, period) for value in undo(level)])

    return find


def _of_even(undo: Callable[[sympy.Expr], sympy.Expr]) -> Callable[..., _Found]:
    """A function that takes each value at x and at -x."""

    def find(expression: sympy.Expr, level: sympy.Expr, period: sympy.Expr | None) -> _Found:
        if period is not None:
            return None
        return _join([find_crossings(expression.args[0], sign * undo(level)) for sign in (1, -1)])

    return find


_UNDONE: Mapping[type, Callable[..., _Found]] = {
    sympy.Add: _of_sum,
    sympy.Mul: _of_product,
    sympy.Pow: _of_power,
    Piecewise: _of_pieces,
    sympy.Piecewise: _of_pieces,
    sympy.exp: _of_monotone(sympy.log),
    sympy.log: _of_monotone(sympy.exp),
    sympy.sinh: _of_monotone(sympy.asinh),
    sympy.tanh: _of_monotone(sympy.atanh),
    sympy.asinh: _of_monotone(sympy.sinh),
    sympy.atan: _of_monotone(sympy.tan),
    sympy.Abs: _of_even(lambda level: level),
    sympy.cosh: _of_even(sympy.acosh),
    sympy.sin: _of_wave(lambda y: (sympy.asin(y), sympy.Float(math.pi) - sympy.asin(y)), _TWO_PI),
    sympy.cos: _of_wave(lambda y: (sympy.acos(y), -sympy.acos(y)), _TWO_PI),
    sympy.tan: _of_wave(lambda y: (sympy.atan(y),), sympy.Float(math.pi)),
}
