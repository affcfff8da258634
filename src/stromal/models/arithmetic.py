"""Arithmetic as a computer does it: numbers fold to doubles, logarithms of negatives to nan.

Expressions are real and are built by the functions below, never by operators on untrusted numbers:
a computer algebra system left alone would write the square root of minus one as a complex number
and ten to the ten billionth as an integer of ten billion digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import sympy
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import Boolean

from stromal.models.shared import Shared, share

Operation: TypeAlias = Callable[..., sympy.Basic]


class Piece(ExprCondPair):  # type: ignore[misc]
    """A value and its condition as they stand; sympy's own opens pieces that stand in a condition.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> inner = Piecewise((x, x > 1), (1, True))
    >>> Piece(x, sympy.Gt(inner, 2, evaluate=False)).subs(x, x + 1).cond
    Piecewise((x + 1, x + 1 > 1), (1, True)) > 2
    """

    def __new__(cls, value: sympy.Basic, condition: sympy.Basic) -> Piece:
        """Keep the pair."""
        new: Piece = sympy.Tuple.__new__(cls, value, condition)
        return new


class Piecewise(sympy.Piecewise):  # type: ignore[misc]
    """Pieces as they stand: nothing is taken out of them, multiplied out or put into them.

    sympy's own class opens a piecewise inside a condition, 2^n pieces for n of them, and takes
    powers of each piece, so that 1/0 in a piece that is never taken becomes complex infinity.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> 1 / Piecewise((x, x > 0), (0, True))
    1/Piecewise((x, x > 0), (0, True))
    """

    def __new__(cls, *pairs: sympy.Basic, **_: object) -> Piecewise:
        """Keep the pairs of a value and its condition."""
        held = (getattr(pair, "args", pair) for pair in pairs)
        made = (Piece(*map(sympy.sympify, pair)) for pair in held)
        new: Piecewise = sympy.Basic.__new__(cls, *made)
        return new

    def _eval_power(self, _: sympy.Expr) -> None:
        """Leave a power of pieces a power."""


_EXACT = 2.0**53
_FRACTIONS = 1024
_E = sympy.Float(math.e)


def number(value: float) -> sympy.Expr:
    """A double as an expression: whole numbers and short binary fractions exactly.

    Examples
    --------
    >>> number(2.0), number(0.5), number(0.1), number(float("inf"))
    (2, 1/2, 0.100000000000000, oo)
    """
    value = float(value)
    if math.isnan(value):
        return sympy.nan
    if math.isinf(value):
        return sympy.oo if value > 0 else -sympy.oo
    if abs(value) <= _EXACT and (value * _FRACTIONS).is_integer():
        return sympy.Rational(int(value * _FRACTIONS), _FRACTIONS)
    return sympy.Float(value)


def is_finite(value: sympy.Basic) -> bool:
    """Whether a value is a finite number.

    Examples
    --------
    >>> is_finite(sympy.Integer(2)), is_finite(sympy.oo), is_finite(sympy.Symbol("x"))
    (True, False, False)
    """
    return bool(value.is_Number) and math.isfinite(float(value))


def as_double(expression: sympy.Basic) -> float | None:
    """The double that a number, or a power of numbers, stands for; None for all else."""
    if expression.is_Number:
        return float(expression)
    if expression.is_Pow and all(part.is_Number for part in expression.args):
        return _doubled(_power)(*map(float, expression.args))
    return None


def as_value(thing: sympy.Basic) -> sympy.Expr:
    """A truth value used as a number: 1 or 0."""
    if thing is sympy.true:
        return sympy.Integer(1)
    if thing is sympy.false:
        return sympy.Integer(0)
    if isinstance(thing, Boolean) and not isinstance(thing, sympy.Symbol):
        return choose([(sympy.Integer(1), thing)], sympy.Integer(0))
    return thing


def as_truth(thing: sympy.Basic) -> Boolean:
    """A number used as a truth value: true when it is not 0."""
    if isinstance(thing, Boolean) and not isinstance(thing, sympy.Symbol):
        return thing
    return compare(sympy.Ne, thing, sympy.Integer(0))


def choose(
    pieces: Sequence[tuple[sympy.Basic, Boolean]], otherwise: sympy.Basic | None = None
) -> sympy.Expr:
    """The value of the first piece whose condition holds; nan where none does.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> choose([(x, compare(sympy.Gt, x, sympy.Integer(0)))], sympy.Integer(0))
    Piecewise((x, x > 0), (0, True))
    """
    kept: list[tuple[sympy.Expr, Boolean]] = []
    for value, condition in pieces:
        if condition is sympy.false:
            continue
        kept.append((as_value(value), condition))
        if condition is sympy.true:
            break
    else:
        kept.append((sympy.nan if otherwise is None else as_value(otherwise), sympy.true))
    if len(kept) == 1:
        return kept[0][0]
    return Piecewise(*kept)


def compare(relation: Operation, left: sympy.Basic, right: sympy.Basic) -> Boolean:
    """A relation of two values, decided when both are numbers."""
    left, right = as_value(left), as_value(right)
    one, other = as_double(left), as_double(right)
    if one is None or other is None:
        return relation(left, right, evaluate=False)
    return sympy.true if _RELATIONS[relation](one, other) else sympy.false


def negate(thing: sympy.Basic) -> Boolean:
    """The opposite of a truth value."""
    return sympy.Not(as_truth(thing))


def _doubled(function: Callable[..., float]) -> Callable[..., float]:
    """The function of doubles with nan for what has no real value and inf for what is too large."""

    def evaluate(*values: float) -> float:
        try:
            return function(*values)
        except OverflowError:
            return math.inf
        except (ValueError, ZeroDivisionError, TypeError):
            return math.nan

    return evaluate


def _power(base: float, exponent: float) -> float:
    if base == 0.0 and exponent < 0.0:
        return math.inf
    return math.pow(base, exponent)


def _log(value: float) -> float:
    return -math.inf if value == 0.0 else math.log(value)


def _rounded(function: Callable[[float], int]) -> Callable[[float], float]:
    return lambda value: float(function(value)) if math.isfinite(value) else value


def _factorial(value: float) -> float:
    return math.gamma(value + 1.0)


_RELATIONS: Mapping[Operation, Callable[[float, float], bool]] = {
    sympy.Eq: lambda a, b: a == b,
    sympy.Ne: lambda a, b: a != b,
    sympy.Lt: lambda a, b: a < b,
    sympy.Le: lambda a, b: a <= b,
    sympy.Gt: lambda a, b: a > b,
    sympy.Ge: lambda a, b: a >= b,
}

_DOUBLES: Mapping[Operation, Callable[..., float]] = {
    sympy.Add: lambda *terms: sum(terms),
    sympy.Mul: lambda *factors: math.prod(factors),
    sympy.Pow: _doubled(_power),
    sympy.exp: _doubled(math.exp),
    sympy.log: _doubled(_log),
    sympy.Abs: abs,
    sympy.floor: _rounded(math.floor),
    sympy.ceiling: _rounded(math.ceil),
    sympy.factorial: _doubled(_factorial),
    sympy.sin: _doubled(math.sin),
    sympy.cos: _doubled(math.cos),
    sympy.tan: _doubled(math.tan),
    sympy.asin: _doubled(math.asin),
    sympy.acos: _doubled(math.acos),
    sympy.atan: math.atan,
    sympy.sinh: _doubled(math.sinh),
    sympy.cosh: _doubled(math.cosh),
    sympy.tanh: math.tanh,
    sympy.asinh: math.asinh,
    sympy.acosh: _doubled(math.acosh),
    sympy.atanh: _doubled(math.atanh),
    sympy.Min: min,
    sympy.Max: max,
}


def apply(function: Operation, *arguments: sympy.Basic) -> sympy.Expr:
    """A function of values; a double when all of them are numbers.

    Examples
    --------
    >>> apply(sympy.log, sympy.Integer(-1))
    nan
    >>> apply(sympy.Pow, sympy.Integer(10), sympy.Integer(10**10))
    oo
    """
    values = [as_value(argument) for argument in arguments]
    if sympy.nan in values:
        return sympy.nan
    if function in (sympy.Min, sympy.Max) and len(values) == 1:
        return values[0]
    doubles = [as_double(value) for value in values]
    known = [double for double in doubles if double is not None]
    if len(known) == len(values):
        return number(_DOUBLES[function](*known))
    if function in (sympy.Min, sympy.Max):
        return function(*values, evaluate=False)
    return function(*values)


def power(base: sympy.Basic, exponent: sympy.Basic) -> sympy.Expr:
    """`base` to the power of `exponent`."""
    if as_value(base) == _E:
        return apply(sympy.exp, exponent)
    if as_double(as_value(base)) == 0.0 and as_double(as_value(exponent)) is None:
        return sympy.Pow(sympy.Integer(0), exponent, evaluate=False)
    return apply(sympy.Pow, base, exponent)


def divide(top: sympy.Basic, bottom: sympy.Basic) -> sympy.Expr:
    """`top` over `bottom`; over zero it is infinite, with the sign of `top`."""
    doubles = as_double(as_value(top)), as_double(as_value(bottom))
    if doubles[0] is not None and doubles[1] is not None and doubles[1] != 0.0:
        return number(doubles[0] / doubles[1])
    return apply(sympy.Mul, top, power(bottom, sympy.Integer(-1)))


def rebuild(
    expression: sympy.Basic,
    values: Mapping[sympy.Basic, sympy.Basic],
    done: dict[sympy.Basic, sympy.Basic] | None = None,
) -> sympy.Basic:
    """The expression with symbols (or whole terms) replaced, all at once, numbers folded.

    `done` remembers what was replaced, so that expressions that share terms share the work.

    Examples
    --------
    >>> x, y = sympy.symbols("x y", real=True)
    >>> rebuild(x + sympy.log(y), {x: y, y: sympy.Integer(1)})
    y
    """
    done = {} if done is None else done
    waiting = [expression]
    while waiting:
        part = waiting[-1]
        inside = () if part in values or part in done else _inside(part, values)
        if missing := [inner for inner in inside if inner not in done]:
            waiting.extend(missing)
            continue
        waiting.pop()
        if part in values:
            done[part] = values[part]
        elif part not in done:
            new = tuple(done[inner] for inner in inside)
            done[part] = part if new == inside else _renewed(part, new)
    return done[expression]


def _inside(
    part: sympy.Basic, values: Mapping[sympy.Basic, sympy.Basic]
) -> tuple[sympy.Basic, ...]:
    """What a part is made of; nothing of a shared formula that no replacement reaches."""
    if isinstance(part, Shared):
        return (part.content,) if any(name in values for name in part.free_symbols) else ()
    return tuple(part.args)


def _renewed(part: sympy.Basic, inside: tuple[sympy.Basic, ...]) -> sympy.Basic:
    if isinstance(part, Shared):
        return share(inside[0], part.name)
    return remake(part.func, inside)


def remake(function: Operation, arguments: tuple[sympy.Basic, ...]) -> sympy.Basic:
    """The same operation on other arguments."""
    if function in _RELATIONS:
        return compare(function, *arguments)
    if function in _DOUBLES and function is not sympy.Pow:
        return apply(function, *arguments)
    return _OTHERS.get(function, function)(*arguments)


def _of_truths(function: Operation) -> Operation:
    return lambda *arguments: function(*map(as_truth, arguments))


_OTHERS: Mapping[Operation, Operation] = {
    sympy.Pow: power,
    **dict.fromkeys(
        (Piecewise, sympy.Piecewise),
        lambda *pairs: choose([pair.args for pair in pairs]),
    ),
    **dict.fromkeys(
        (Piece, ExprCondPair),
        lambda value, condition: Piece(as_value(value), as_truth(condition)),
    ),
    **{function: _of_truths(function) for function in (sympy.And, sympy.Or, sympy.Not)},
}
