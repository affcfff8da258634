"""What generated source calls, for arrays of many patients: NumPy's functions, and selection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType, SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from stromal.kernels.compile.program import Program, functions_in

Array = NDArray[np.float64]


def gamma(value: Array) -> Array:
    """The gamma function.

    Examples
    --------
    >>> gamma(np.array([4.0, 0.5])).round(6)
    array([6.      , 1.772454])
    """
    # few models call it, and its library would take a quarter of the time of all imports
    from scipy.special import gamma as of_scipy  # noqa: PLC0415

    found: Array = of_scipy(value)
    return found


def select(test: Array, yes: Array, no: Array) -> Array:
    """`yes` where the test is above zero, else `no`.

    Examples
    --------
    >>> select(np.array([1.0, 0.0]), np.array([2.0, 2.0]), np.array([3.0, 3.0]))
    array([2., 3.])
    """
    return np.where(np.greater(test, 0.0), yes, no)


def _truth(test: Callable[[Array, Array], NDArray[np.bool_]]) -> Callable[[Array, Array], Array]:
    """A comparison that gives 1.0 and 0.0."""
    return lambda left, right: np.where(test(left, right), 1.0, 0.0)


def both(left: Array, right: Array) -> Array:
    """1.0 where both are above zero."""
    return np.where(np.greater(left, 0.0) & np.greater(right, 0.0), 1.0, 0.0)


def either(left: Array, right: Array) -> Array:
    """1.0 where one or both are above zero."""
    return np.where(np.greater(left, 0.0) | np.greater(right, 0.0), 1.0, 0.0)


def negate(test: Array) -> Array:
    """1.0 where the test is not above zero."""
    return np.where(np.greater(test, 0.0), 0.0, 1.0)


_OF_NUMPY: tuple[Callable[..., Array], ...] = (
    np.exp, np.log, np.sqrt, np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan,
    np.sinh, np.cosh, np.tanh, np.arcsinh, np.arccosh, np.arctanh,
    np.absolute, np.floor, np.ceil, np.minimum, np.maximum, np.power,
)  # fmt: skip

NUMPY_NAMES: Mapping[str, Callable[..., Array]] = MappingProxyType(
    {function.__name__: function for function in _OF_NUMPY}
    | {
        "gamma": gamma,
        "select": select,
        "lt": _truth(np.less),
        "le": _truth(np.less_equal),
        "gt": _truth(np.greater),
        "ge": _truth(np.greater_equal),
        "eq": _truth(np.equal),
        "ne": _truth(np.not_equal),
        "both": both,
        "either": either,
        "negate": negate,
    }
)
"""Every function that generated source may call, by the name it is called by."""


@lru_cache(maxsize=32)
def numpy_functions(program: Program) -> SimpleNamespace:
    """The functions of a program on arrays with a column for each patient.

    Examples
    --------
    >>> import sympy
    >>> from stromal.kernels.compile.program import compile_program
    >>> from stromal.models.odes import Odes
    >>> x, k = sympy.symbols("x k", real=True)
    >>> decay = Odes("decay", (x,), (-k * x,), (sympy.Integer(1),), (k,), (0.5,), {"x": x})
    >>> functions = numpy_functions(compile_program(decay, outputs=["x"], vary=["k"]))
    >>> rates = np.zeros((1, 2))
    >>> functions.rates(np.ones((1, 2)), np.array([[0.5, 2.0]]), rates)
    >>> rates
    array([[-0.5, -2. ]])
    """
    return functions_in(program, NUMPY_NAMES)
