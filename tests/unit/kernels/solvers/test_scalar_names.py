"""The compiled functions give what they give for plain numbers."""

from __future__ import annotations

import itertools
import math

import numba
import numpy as np
import pytest

from stromal.kernels.compile.functions import FUNCTIONS
from stromal.kernels.solvers.scalar_names import SCALAR_NAMES

VALUES = (-2.5, -1.0, 0.0, 0.4, 1.0, 3.0)
TWO = {"minimum", "maximum", "power", "both", "either", "lt", "le", "gt", "ge", "eq", "ne"}


def test_every_function_is_there():
    assert SCALAR_NAMES.keys() == FUNCTIONS.keys()


@pytest.mark.parametrize("name", sorted(TWO | {"select", "negate", "floor", "ceil", "absolute"}))
def test_same_as_for_plain_numbers(name):
    count = 3 if name == "select" else 2 if name in TWO else 1
    for values in itertools.product(VALUES, repeat=count):
        plain, made = FUNCTIONS[name](*values), SCALAR_NAMES[name](*values)
        if math.isfinite(plain):
            assert made == pytest.approx(plain, rel=1e-14)
        else:
            assert not math.isfinite(made)


@pytest.mark.parametrize("name", ["log", "sqrt", "exp", "gamma"])
def test_what_has_no_value_is_no_error(name):
    function = SCALAR_NAMES[name]
    call = numba.njit(lambda x: function(x), error_model="numpy")  # noqa: PLW0108
    assert not np.isfinite(call(800.0 if name == "exp" else -1.0))


@pytest.mark.parametrize("name", ["floor", "ceil"])
@pytest.mark.parametrize(
    "value", [-0.5, -0.0, 0.0, 0.5, -7.5, 2.0**60, math.inf, -math.inf, math.nan]
)
def test_rounding_keeps_signs_as_numpy_does(name, value):
    expected = getattr(np, name)(value)
    for function in (FUNCTIONS[name], SCALAR_NAMES[name]):
        np.testing.assert_array_equal(function(value), expected)
        assert math.isnan(value) or np.signbit(function(value)) == np.signbit(expected)
