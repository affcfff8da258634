"""Derivatives of formulas, written so that they have a value wherever the formula has a slope."""

from __future__ import annotations

import sympy

from stromal.models.arithmetic import choose, compare, power, remake
from stromal.models.shared import Size, find_shared, measure, share, walk

DEEPEST = 50
"""Operations within each other that sympy is given to differentiate."""

_STEPS = (sympy.floor, sympy.ceiling, sympy.sign)
_ZERO, _ONE = sympy.Integer(0), sympy.Integer(1)


class _Power(sympy.Function):  # type: ignore[misc]
    """A power whose slope is p*x^(p - 1), where sympy's own has p*x^p/x: 0/0 at x = 0."""

    is_real = True

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        """Slope by the base or, where that is positive, by the exponent; else 0."""
        base, exponent = self.args
        if argindex == 1:
            return exponent * _Power(base, exponent - 1)
        turned = self * sympy.log(base)
        return choose([(turned, compare(sympy.Gt, base, _ZERO))], _ZERO)


def differentiate(expression: sympy.Expr, to: sympy.Symbol) -> sympy.Expr:
    """Derivative within the branches of an expression: steps have slope 0, kinks that of one side.

    Examples
    --------
    >>> x, n = sympy.symbols("x n", real=True)
    >>> differentiate(x * sympy.floor(x), x), differentiate(sympy.Max(x, 1), x)
    (floor(x), Piecewise((1, x - 1 > 0), (0, True)))
    >>> differentiate(x**n, x)
    n*x**(n - 1)
    """
    if measure(expression, {}).depth > DEEPEST:
        expression = _hold_parts(expression)
    for each in find_shared([expression]):
        if to in each.symbols and to not in each.slopes:
            each.slopes[to] = share(_differentiate(each.content, to))
    return _differentiate(expression, to)


def _hold_parts(expression: sympy.Expr) -> sympy.Expr:
    """The expression with its deep parts held by atoms, for sympy differentiates by recursion."""
    made: dict[sympy.Basic, sympy.Basic] = {}
    sizes: dict[sympy.Basic, Size] = {}
    for part in walk(expression):
        new = tuple(made[inner] for inner in part.args)
        made[part] = share(remake(part.func, new) if new != part.args else part, "", sizes)
    return made[expression]


def _differentiate(expression: sympy.Expr, to: sympy.Symbol) -> sympy.Expr:
    """Derivative of an expression whose shared formulas have theirs."""
    whole = expression.replace(sympy.Mod, lambda a, b: a - b * sympy.floor(a / b))
    steps = {step: sympy.Dummy(real=True) for step in whole.atoms(*_STEPS)}
    whole = whole.xreplace(steps).replace(_is_open_power, lambda raised: _Power(*raised.args))
    slope = whole.diff(to).replace(_Power, power)
    slope = slope.xreplace({dummy: step for step, dummy in steps.items()})
    return slope.replace(
        sympy.Heaviside, lambda over, *_: choose([(_ONE, compare(sympy.Gt, over, _ZERO))], _ZERO)
    )


def _is_open_power(node: sympy.Basic) -> bool:
    return bool(node.is_Pow and not node.exp.is_number and not node.base.is_number)
