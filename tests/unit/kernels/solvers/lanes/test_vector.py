"""The vector type: arithmetic of vectors and numbers, lane by lane, as IEEE 754 has it."""

from __future__ import annotations

import numpy as np
import pytest
from numba.core.errors import TypingError
from tests.unit.kernels.solvers.lanes.registers import WIDTHS, evaluate, kind_of

from stromal.kernels.solvers.lanes.vector import Vector
from stromal.kernels.solvers.lanes.width import Width

pytestmark = pytest.mark.skipif(not WIDTHS, reason="no wide vector registers")
EDGES = np.array([0.0, -0.0, 1.0, -3.5, np.inf, -np.inf, np.nan, 2.5])


@pytest.mark.parametrize("width", WIDTHS, ids=lambda width: width.name)
@pytest.mark.parametrize("text", ["a + b", "a - b", "a*b", "a/b", "-a", "2*a - b/4.0", "1.0/a"])
def test_arithmetic(width, text):
    a, b = (each.ravel().astype(kind_of(width)) for each in np.meshgrid(EDGES, EDGES))
    with np.errstate(all="ignore"):
        wanted = eval(text, {"a": a, "b": b})
    np.testing.assert_allclose(evaluate(text, width, a, b), wanted, rtol=1e-6)


def test_in_place_operators_keep_the_type():
    width = WIDTHS[0]
    text = "(a + 1) * (b - 2) / 2"
    np.testing.assert_allclose(evaluate(text, width, [3.0], [4.0]), [4.0])


def test_types_of_equal_width_are_one_type():
    assert Vector(Width(64, 8)) == Vector(Width(64, 8))
    assert Vector(Width(64, 8)) != Vector(Width(64, 4))


def test_vectors_and_words_do_not_mix():
    with pytest.raises(TypingError):
        evaluate("a + 'x'", WIDTHS[0], [1.0])
