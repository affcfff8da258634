"""Fixed values that the generated text reads as parameters, so that others compile nothing."""

from __future__ import annotations

from collections.abc import Mapping

import sympy

from stromal.models.odes import Odes
from stromal.models.shared import Shared

_PLAIN = (sympy.Add, sympy.Mul, sympy.Symbol, sympy.Number, sympy.exp, sympy.log)
"""What a value may be part of without deciding what the text looks like."""


def find_movable(odes: Odes, fixed: Mapping[str, float]) -> tuple[str, ...]:
    """Find the fixed values that can be hidden parameters of the program.

    A zero prunes states and terms, an exponent decides between products and logarithms, a condition
    between branches: such values stay numbers in the text.

    Examples
    --------
    >>> x, k, h = sympy.symbols("x k h", real=True)
    >>> odes = Odes("power", (x,), (-k * x**h,), (sympy.Integer(1),), (k, h), (0.5, 2.0), {"x": x})
    >>> find_movable(odes, {"k": 0.7, "h": 3.0}), find_movable(odes, {"k": 0.0})
    (('k',), ())
    """
    expressions = [*odes.rates, *odes.initial, *odes.outputs.values()]
    for change in odes.changes:
        expressions += [value for _, value in change.updates]
    deciding: set[sympy.Symbol] = set()
    seen: set[sympy.Basic] = set()
    waiting: list[sympy.Basic] = list(expressions)
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        if isinstance(node, sympy.Pow):
            deciding |= node.exp.free_symbols
            waiting.append(node.base)
        elif isinstance(node, Shared):
            waiting.append(node.content)
        elif isinstance(node, _PLAIN):
            waiting.extend(node.args)
        else:
            deciding |= node.free_symbols
    held = {symbol.name for symbol in deciding}
    return tuple(name for name, value in fixed.items() if value and name not in held)
