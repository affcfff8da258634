"""The functions of expressions on plain numbers, against NumPy."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stromal.kernels.compile.functions import FUNCTIONS, power_of

ONE = ("exp", "log", "sqrt", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh")
ONE += ("tanh", "arcsinh", "arccosh", "arctanh", "absolute", "floor", "ceil")


@pytest.mark.parametrize("name", ONE)
@settings(deadline=None)
@given(value=st.floats(-1e3, 1e3))
def test_one_argument(name: str, value: float) -> None:
    with np.errstate(all="ignore"):
        expected = getattr(np, name)(value)
    got = FUNCTIONS[name](value)
    if abs(value) == 1 and name == "arctanh":
        assert not math.isfinite(got)
    else:
        np.testing.assert_allclose(got, expected, rtol=1e-14)


@settings(deadline=None)
@example(-0.0, -3)
@example(-0.0, -1)
@example(-0.0, -2)
@example(-50.0, 301)
@given(st.floats(-50, 50), st.one_of(st.floats(-5, 5), st.integers(-5, 5)))
def test_powers(base: float, exponent: float) -> None:
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(power_of(base, exponent), np.power(base, float(exponent)))


def test_truth_is_above_zero() -> None:
    assert FUNCTIONS["select"](FUNCTIONS["both"](1.0, FUNCTIONS["lt"](1.0, 2.0)), 5.0, 6.0) == 5.0
    assert FUNCTIONS["select"](FUNCTIONS["negate"](FUNCTIONS["ge"](2.0, 2.0)), 5.0, 6.0) == 6.0
    assert FUNCTIONS["either"](0.0, FUNCTIONS["ne"](1.0, 1.0)) == 0.0
    assert math.isnan(FUNCTIONS["maximum"](math.nan, 1.0))
