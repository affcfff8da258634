"""The names that generated text calls: all there, and each as NumPy has it."""

from __future__ import annotations

import ctypes

import numba
import numpy as np
import pytest
from numba import types
from numba.core.errors import TypingError
from tests.unit.kernels.solvers.lanes.registers import WIDTHS, evaluate, kind_of

from stromal.kernels.compile.functions import FUNCTIONS
from stromal.kernels.solvers.lanes.namespace import make_namespace
from stromal.kernels.solvers.lanes.width import Width
from stromal.kernels.solvers.numpy_names import NUMPY_NAMES

pytestmark = pytest.mark.skipif(not WIDTHS, reason="no wide vector registers")
TRUTHS = ("lt", "le", "gt", "ge", "eq", "ne", "both", "either")
VALUES = np.array([-1.0, 0.0, 0.5, 1.0, 1.5, np.nan, np.inf])


def test_every_function_of_generated_text_is_there():
    assert set(FUNCTIONS) <= set(make_namespace(Width(64, 8)))


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


def test_rows_of_another_kind_are_refused():
    width = WIDTHS[0]
    load, store = make_namespace(width)["load"], make_namespace(width)["store"]

    def copy(x, o):
        store(o, 0, load(x, 0))

    wrong = np.zeros((2, width.lanes), np.int64)
    with pytest.raises(TypingError):
        numba.njit(copy)(wrong, wrong)
    assert kind_of(width) is np.float64


@pytest.mark.parametrize("width", WIDTHS, ids=lambda width: width.name)
def test_numbers_are_picked_from_any_lane(width):
    lanes, kind = width.lanes, kind_of(width)
    pick, store = (make_namespace(width)[name] for name in ("pick", "store"))
    places = types.int64 if width.bits == 64 else types.int32
    pointers = [types.CPointer(each) for each in (numba.from_dtype(np.dtype(kind)), places)]

    def take(rows, picks, out):
        store(out, 1, pick(rows, 2, picks))

    compiled = numba.cfunc(types.void(pointers[0], pointers[1], pointers[0]))(take)
    rows = np.arange(3.0 * lanes).reshape(3, lanes).astype(kind)
    picks = np.random.default_rng(0).integers(0, lanes, lanes).astype(f"i{width.bits // 8}")
    out = np.zeros((2, lanes), kind)
    compiled.ctypes(
        *(
            ctypes.cast(each.ctypes.data, t)
            for each, t in zip((rows, picks, out), compiled.ctypes.argtypes, strict=True)
        )
    )
    np.testing.assert_array_equal(out[1], rows[2][picks])
