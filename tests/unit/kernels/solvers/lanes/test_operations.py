"""The operations that generated text calls: all there, and each as NumPy has it."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.kernels.solvers.lanes.registers import WIDTHS, evaluate

from stromal.kernels.compile.functions import FUNCTIONS
from stromal.kernels.solvers.lanes.operations import OPERATIONS
from stromal.kernels.solvers.numpy_names import NUMPY_NAMES

pytestmark = pytest.mark.skipif(not WIDTHS, reason="no wide vector registers")
TRUTHS = ("lt", "le", "gt", "ge", "eq", "ne", "both", "either")
VALUES = np.array([-1.0, 0.0, 0.5, 1.0, 1.5, np.nan, np.inf])


def test_every_function_of_generated_text_is_there():
    assert set(FUNCTIONS) <= set(OPERATIONS)


@pytest.mark.parametrize("width", WIDTHS, ids=lambda width: width.name)
@pytest.mark.parametrize("name", TRUTHS)
def test_tests_give_one_and_zero(width, name):
    a, b = (each.ravel() for each in np.meshgrid(VALUES, VALUES))
    found = evaluate(f"{name}(a, b)", width, a, b)
    np.testing.assert_array_equal(found, NUMPY_NAMES[name](a, b))


@pytest.mark.parametrize("width", WIDTHS, ids=lambda width: width.name)
def test_selection(width):
    found = evaluate("select(lt(a, 0.5), b, 7.0)", width, VALUES, 2.0)
    np.testing.assert_array_equal(found, [2.0, 2.0, 7.0, 7.0, 7.0, 7.0, 7.0])
    np.testing.assert_array_equal(evaluate("negate(a)", width, [1.0, 0.0, -1.0]), [0.0, 1.0, 1.0])


@pytest.mark.parametrize("width", WIDTHS[:2], ids=lambda width: width.name)
@pytest.mark.parametrize(
    "name",
    sorted(name for name in FUNCTIONS if name not in (*TRUTHS, "negate", "select", "power")),
)
def test_functions_of_the_library(width, name):
    a = np.array([0.1, 0.3, 0.9, 0.5]) + (1.0 if name == "arccosh" else 0.0)
    two = name in ("minimum", "maximum")
    text = f"{name}(a, b)" if two else f"{name}(a)"
    wanted = NUMPY_NAMES[name](a, np.full(4, 0.4)) if two else NUMPY_NAMES[name](a)
    tolerance = 1e-14 if width.bits == 64 else 1e-6
    np.testing.assert_allclose(evaluate(text, width, a, 0.4), wanted, rtol=tolerance)
