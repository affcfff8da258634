"""What generated source calls, for one patient in compiled code."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

from stromal.kernels.solvers.compiled import compiled


@compiled
def select(test: float, yes: float, no: float) -> float:
    """`yes` where the test is above zero, else `no`."""
    return yes if test > 0.0 else no


@compiled
def lt(left: float, right: float) -> float:
    """1.0 where left < right."""
    return 1.0 if left < right else 0.0


@compiled
def le(left: float, right: float) -> float:
    """1.0 where left <= right."""
    return 1.0 if left <= right else 0.0


@compiled
def gt(left: float, right: float) -> float:
    """1.0 where left > right."""
    return 1.0 if left > right else 0.0


@compiled
def ge(left: float, right: float) -> float:
    """1.0 where left >= right."""
    return 1.0 if left >= right else 0.0


@compiled
def eq(left: float, right: float) -> float:
    """1.0 where left == right."""
    return 1.0 if left == right else 0.0


@compiled
def ne(left: float, right: float) -> float:
    """1.0 where left != right."""
    return 1.0 if left != right else 0.0


@compiled
def both(left: float, right: float) -> float:
    """1.0 where both are above zero."""
    return 1.0 if left > 0.0 and right > 0.0 else 0.0


@compiled
def either(left: float, right: float) -> float:
    """1.0 where one or both are above zero."""
    return 1.0 if left > 0.0 or right > 0.0 else 0.0


@compiled
def negate(test: float) -> float:
    """1.0 where the test is not above zero."""
    return 0.0 if test > 0.0 else 1.0


@compiled
def minimum(left: float, right: float) -> float:
    """The smaller one; NaN if one is."""
    return left if left < right or math.isnan(left) else right


@compiled
def maximum(left: float, right: float) -> float:
    """The larger one; NaN if one is."""
    return left if left > right or math.isnan(left) else right


@compiled
def absolute(value: float) -> float:
    """Size of a number."""
    return abs(value)


WHOLE = 2.0**52
"""Numbers from here on are whole; compiled code rounds by way of integers, which end at 2^63."""


@compiled
def floor(value: float) -> float:
    """Largest whole number that is not above; zero keeps its sign."""
    return math.copysign(float(math.floor(value)), value) if abs(value) < WHOLE else value


@compiled
def ceil(value: float) -> float:
    """Smallest whole number that is not below; zero has the sign of the number."""
    return math.copysign(float(math.ceil(value)), value) if abs(value) < WHOLE else value


@compiled
def power(base: float, exponent: float) -> float:
    """Base to the exponent, as the C library has it."""
    return float(base**exponent)


SCALAR_NAMES: Mapping[str, Callable[..., float]] = MappingProxyType(
    {
        "exp": math.exp,
        "log": math.log,
        "sqrt": math.sqrt,
        "sin": math.sin,
        "cos": math.cos,
        "tan": math.tan,
        "arcsin": math.asin,
        "arccos": math.acos,
        "arctan": math.atan,
        "sinh": math.sinh,
        "cosh": math.cosh,
        "tanh": math.tanh,
        "arcsinh": math.asinh,
        "arccosh": math.acosh,
        "arctanh": math.atanh,
        "gamma": math.gamma,
        "absolute": absolute,
        "floor": floor,
        "ceil": ceil,
        "minimum": minimum,
        "maximum": maximum,
        "power": power,
        "select": select,
        "lt": lt,
        "le": le,
        "gt": gt,
        "ge": ge,
        "eq": eq,
        "ne": ne,
        "both": both,
        "either": either,
        "negate": negate,
    }
)
"""Every function that generated source may call, by the name it is called by."""
