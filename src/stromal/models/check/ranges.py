"""Ranges that expressions stay in when their symbols stay in theirs (interval arithmetic).

A range is a bound, never an estimate: the value may do less, and never more. A factor zero makes
a product zero even where another factor grows without bound, since states are finite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import sympy

from stromal.models.shared import find_shared

_INF = math.inf


@dataclass(frozen=True, slots=True)
class Range:
    """Lowest and highest value. `never_zero` holds when zero is not among the values.

    Examples
    --------
    >>> Range(1.0, 2.0) * Range(3.0, 4.0)
    Range(low=3.0, high=8.0, never_zero=True)
    """

    low: float = -_INF
    high: float = _INF
    never_zero: bool = False

    @property
    def is_positive(self) -> bool:
        """Whether every value is more than zero."""
        return self.low > 0 or (self.low == 0 and self.never_zero)

    @property
    def is_negative(self) -> bool:
        """Whether every value is less than zero."""
        return (-self).is_positive

    @property
    def excludes_zero(self) -> bool:
        """Whether zero is shown not to be among the values."""
        return self.never_zero or self.low > 0 or self.high < 0

    def __neg__(self) -> Range:
        return Range(-self.high, -self.low, self.never_zero)

    def __add__(self, other: Range) -> Range:
        low, high = self.low + other.low, self.high + other.high
        low = -_INF if math.isnan(low) else low
        high = _INF if math.isnan(high) else high
        up = self.low >= 0 <= other.low and (self.is_positive or other.is_positive)
        down = self.high <= 0 >= other.high and (self.is_negative or other.is_negative)
        return Range(low, high, up or down)

    def __mul__(self, other: Range) -> Range:
        ends = [_times(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return Range(min(ends), max(ends), self.excludes_zero and other.excludes_zero)

    def join(self, other: Range) -> Range:
        """The smallest range that holds both."""
        never = self.excludes_zero and other.excludes_zero
        return Range(min(self.low, other.low), max(self.high, other.high), never)

    def reciprocal(self) -> Range:
        """One over the values; without bounds where zero lies between them."""
        if self.low < 0 < self.high:
            return Range(never_zero=True)
        if self.high <= 0 and self.low < 0:
            return -(-self).reciprocal()
        low = _INF if self.high == 0 else 1 / self.high
        return Range(low, _INF if self.low == 0 else 1 / self.low, never_zero=True)

    def raised(self, exponent: Range) -> Range:
        """The values to the power of a number, or of a range of numbers."""
        if exponent.low == exponent.high:
            return self._raised_to(exponent.low)
        if self.low < 0:
            return Range()
        ends = [_power(a, b) for a in self._ends for b in (exponent.low, exponent.high)]
        return Range(min(ends), max(ends), self.is_positive)

    @property
    def _ends(self) -> tuple[float, float]:
        return self.low, self.high

    def _raised_to(self, number: float) -> Range:
        if number < 0:
            return self._raised_to(-number).reciprocal()
        if self.low >= 0:
            return Range(_power(self.low, number), _power(self.high, number), self.is_positive)
        if not float(number).is_integer():
            return Range(0.0, _power(max(self.high, 0.0), number))
        ends = [_power(end, number) for end in self._ends]
        low = 0.0 if number % 2 == 0 and self.high > 0 else min(ends)
        return Range(low, max(ends), self.excludes_zero)


ANYTHING = Range()
NEVER_NEGATIVE = Range(0.0)
POSITIVE = Range(0.0, _INF, never_zero=True)


def exactly(value: float) -> Range:
    """The range of one number."""
    return ANYTHING if math.isnan(value) else Range(value, value)


def _times(a: float, b: float) -> float:
    return 0.0 if a == 0 or b == 0 else a * b


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except ValueError:
        return _INF
    except OverflowError:
        return -_INF if base < 0 and exponent % 2 == 1 else _INF


def _exp(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return _INF


def _log(value: float) -> float:
    return -_INF if value <= 0 else math.log(value)


def _monotone(
    function: Callable[[float], float], *, positive: bool = False
) -> Callable[..., Range]:
    return lambda inner: Range(function(inner.low), function(inner.high), positive)


def _magnitude(inner: Range) -> Range:
    ends = (abs(inner.low), abs(inner.high))
    low = 0.0 if inner.low < 0 < inner.high else min(ends)
    return Range(low, max(ends), inner.excludes_zero)


def _least(*parts: Range) -> Range:
    return Range(
        min(part.low for part in parts),
        min(part.high for part in parts),
        all(part.is_positive for part in parts),
    )


def _most(*parts: Range) -> Range:
    return Range(
        max(part.low for part in parts),
        max(part.high for part in parts),
        any(part.is_positive for part in parts),
    )


_FUNCTIONS: Mapping[type, Callable[..., Range]] = {
    sympy.exp: _monotone(_exp, positive=True),
    sympy.log: _monotone(_log),
    sympy.tanh: _monotone(math.tanh),
    sympy.atan: _monotone(math.atan),
    sympy.Abs: _magnitude,
    sympy.Min: _least,
    sympy.Max: _most,
    sympy.sin: lambda _: Range(-1.0, 1.0),
    sympy.cos: lambda _: Range(-1.0, 1.0),
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """Ranges of expressions over a box: the range of every symbol, anything where none is given.

    Examples
    --------
    >>> x, k = sympy.symbols("x k", real=True)
    >>> Bounds({x: NEVER_NEGATIVE, k: exactly(2.0)}).of(x / (k + x))
    Range(low=0.0, high=1.0, never_zero=False)
    """

    box: Mapping[sympy.Basic, Range]
    _known: dict[sympy.Basic, Range] = field(default_factory=dict, compare=False, repr=False)

    def of(self, expression: sympy.Basic) -> Range:
        """The range of an expression."""
        if expression.is_Symbol:
            return self.box.get(expression, ANYTHING)
        for each in find_shared([expression], self._known):
            self._known[each] = self._derive(each.content)
        if expression not in self._known:
            self._known[expression] = self._derive(expression)
        return self._known[expression]

    def under(self, guards: Sequence[sympy.Basic], expression: sympy.Expr) -> Range:
        """The range of an expression where conditions hold, by how much it is above their sides.

        Examples
        --------
        >>> x = sympy.Symbol("x", real=True)
        >>> Bounds({}).under([x > 2], x - 1)
        Range(low=1.0, high=inf, never_zero=True)
        """
        values = self.of(expression)
        for guard in guards:
            if isinstance(guard, sympy.Gt | sympy.Ge | sympy.Lt | sympy.Le):
                low = self.of(sympy.Add(expression, -guard.gts, guard.lts)).low
                above = low > 0 or (low == 0 and isinstance(guard, sympy.Gt | sympy.Lt))
                never = values.never_zero or above
                values = Range(max(values.low, low), values.high, never)
        return values

    def _derive(self, expression: sympy.Basic) -> Range:
        if expression.is_Number or expression.is_NumberSymbol:
            return exactly(float(expression))
        if expression.is_Add:
            return self._sum(expression.args)
        if expression.is_Mul:
            return self._product(list(expression.args))
        if expression.is_Pow:
            return self.of(expression.base).raised(self.of(expression.exp))
        if expression.is_Piecewise:
            return self._choice(expression)
        function = _FUNCTIONS.get(expression.func)
        return function(*map(self.of, expression.args)) if function else ANYTHING

    def _sum(self, terms: tuple[sympy.Expr, ...]) -> Range:
        total = exactly(0.0)
        for term in terms:
            total = total + self.of(term)
        return total

    def _product(self, factors: list[sympy.Expr]) -> Range:
        """A product; a share x/(x + more) is between 0 and 1."""
        total = exactly(1.0)
        for bottom in [f for f in factors if f.is_Pow and f.exp == -1 and f.base.is_Add]:
            for top in sorted(factors, key=lambda factor: -self.of(factor).high):
                if top is not bottom and self._is_share(top, bottom.base):
                    factors = [f for f in factors if f is not top and f is not bottom]
                    share = self.of(top) * self.of(bottom)
                    total = total * Range(share.low, min(share.high, 1.0), share.never_zero)
                    break
        parts = [self.of(factor) for factor in factors]
        if exactly(0.0) in parts and any(map(self._is_pole, factors)):
            return self._limit(factors)
        for part in parts:
            total = total * part
        return total

    def _is_pole(self, factor: sympy.Expr) -> bool:
        """Whether a factor is infinite, and not as weakly as a logarithm is."""
        inner = factor.atoms(sympy.Pow)
        return not factor.has(sympy.log) and any(math.isinf(self.of(each).low) for each in inner)

    def _limit(self, factors: list[sympy.Expr]) -> Range:
        """A product of zero and something infinite, once powers of one symbol are gathered."""
        product = sympy.Mul(*factors)
        names = {
            name: sympy.Symbol(name.name, positive=True)
            if self.of(name).low != self.of(name).high or self.of(name).low == 0
            else sympy.Float(self.of(name).low)
            for name in product.free_symbols
            if self.of(name).low >= 0
        }
        gathered = sympy.expand_mul(product.xreplace(names))
        if gathered == product:
            return ANYTHING
        box = {new: self.of(name) for name, new in names.items() if new.is_Symbol}
        return Bounds({**self.box, **box}).of(gathered)

    def _is_share(self, top: sympy.Expr, bottom: sympy.Expr) -> bool:
        if not top.free_symbols or not self.of(bottom).is_positive or self.of(top).low < 0:
            return False
        return self.of(sympy.Add(bottom, -top)).low >= 0

    def _choice(self, expression: sympy.Piecewise) -> Range:
        parts = [self._piece(value, condition) for value, condition in expression.args]
        joined = parts[0]
        for part in parts[1:]:
            joined = joined.join(part)
        return joined

    def _piece(self, value: sympy.Expr, condition: sympy.Basic) -> Range:
        """A piece; where its condition compares it with a number, that is a bound."""
        inner = self.of(value)
        if isinstance(condition, sympy.Gt | sympy.Ge) and condition.lhs == value:
            low = self.of(condition.rhs).low
            return Range(max(inner.low, low), inner.high, inner.never_zero or low > 0)
        if isinstance(condition, sympy.Lt | sympy.Le) and condition.lhs == value:
            return Range(inner.low, min(inner.high, self.of(condition.rhs).high), inner.never_zero)
        return inner
