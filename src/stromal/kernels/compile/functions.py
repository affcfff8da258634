"""The functions that expressions are made of, on plain numbers, as IEEE arithmetic has them."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType


def _safe(function: Callable[..., float]) -> Callable[..., float]:
    """The function with nan for what has no value and infinity for what is too large."""

    def call(*arguments: float) -> float:
        if any(math.isnan(argument) for argument in arguments):
            return math.nan
        try:
            return float(function(*arguments))
        except OverflowError:
            return math.inf
        except (ValueError, ZeroDivisionError):
            return math.nan

    return call


def power_of(base: float, exponent: float) -> float:
    """base**exponent; 1/0 is infinite, a root of a negative number is nan.

    Examples
    --------
    >>> power_of(2.0, 0.5), power_of(0.0, -1), power_of(-1.0, 0.5)
    (1.4142135623730951, inf, nan)
    """
    odd = exponent % 2 == 1
    if base == 0 and exponent < 0:
        return math.copysign(math.inf, base) if odd else math.inf
    if exponent == -1:
        return 1.0 / base
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and odd else math.inf
    except ValueError:
        return math.nan


def _log(value: float) -> float:
    return math.log(value) if value else -math.inf


def _sinh(value: float) -> float:
    return math.copysign(_safe(math.sinh)(abs(value)), value)


def _select(test: float, yes: float, no: float) -> float:
    return yes if test > 0 else no


def _rounding(to_whole: Callable[[float], float]) -> Callable[[float], float]:
    """As floats are rounded: infinity stays, and zero has the sign of the number."""
    return lambda value: math.copysign(to_whole(value), value) if math.isfinite(value) else value


def _truth(test: Callable[[float, float], bool]) -> Callable[[float, float], float]:
    return lambda left, right: 1.0 if test(left, right) else 0.0


FUNCTIONS: Mapping[str, Callable[..., float]] = MappingProxyType(
    {
        "exp": _safe(math.exp),
        "log": _safe(_log),
        "sqrt": _safe(math.sqrt),
        "sin": _safe(math.sin),
        "cos": _safe(math.cos),
        "tan": _safe(math.tan),
        "arcsin": _safe(math.asin),
        "arccos": _safe(math.acos),
        "arctan": _safe(math.atan),
        "sinh": _sinh,
        "cosh": _safe(math.cosh),
        "tanh": _safe(math.tanh),
        "arcsinh": _safe(math.asinh),
        "arccosh": _safe(math.acosh),
        "arctanh": _safe(math.atanh),
        "gamma": _safe(math.gamma),
        "absolute": _safe(abs),
        "floor": _safe(_rounding(math.floor)),
        "ceil": _safe(_rounding(math.ceil)),
        "minimum": _safe(min),
        "maximum": _safe(max),
        "power": power_of,
        "select": _select,
        "lt": _truth(operator.lt),
        "le": _truth(operator.le),
        "gt": _truth(operator.gt),
        "ge": _truth(operator.ge),
        "eq": _truth(operator.eq),
        "ne": _truth(operator.ne),
        "both": _truth(lambda left, right: left > 0 and right > 0),
        "either": _truth(lambda left, right: left > 0 or right > 0),
        "negate": lambda test: 0.0 if test > 0 else 1.0,
    }
)
"""Every function that generated source may call; a back end supplies them under these names."""
