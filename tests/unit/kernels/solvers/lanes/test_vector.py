"""The vector type: arithmetic of vectors and numbers, lane by lane, as IEEE 754 has it."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.kernels.solvers.lanes.registers import WIDTHS, call, evaluate, kind_of

from stromal.kernels.solvers.lanes.machine_code import Unit, compile_units
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


def test_whole_numbers_among_vectors_are_numbers():
    width = WIDTHS[0]
    text = "(a + 1) * (b - 2) / 2"
    np.testing.assert_allclose(evaluate(text, width, [3.0], [4.0]), [4.0])


def test_types_of_equal_width_are_one_type():
    assert Vector(Width(64, 8)) == Vector(Width(64, 8))
    assert Vector(Width(64, 8)) != Vector(Width(64, 4))


@pytest.mark.parametrize("width", WIDTHS, ids=lambda width: width.name)
def test_quotients_are_within_a_unit_of_the_last_place_over_the_whole_range(width):
    rng = np.random.default_rng(0)
    reach = 300 if width.bits == 64 else 36
    a, b = (10.0 ** rng.uniform(-reach / 2, reach / 2, 40_000) for _ in range(2))
    a, b = (each.astype(kind_of(width)) * rng.choice([-1, 1], each.size) for each in (a, b))
    exact = a.astype(np.longdouble) / b
    found = evaluate("a/b", width, a, b)
    units = np.abs(found - exact) / np.spacing(np.abs(exact).astype(kind_of(width)))
    assert units.max() < 0.7
    assert (evaluate("a/a", width, a) == 1.0).all()


@pytest.mark.parametrize("width", WIDTHS, ids=lambda width: width.name)
def test_quotients_at_the_ends_of_the_range(width):
    most, least = np.finfo(kind_of(width)).max, np.finfo(kind_of(width)).smallest_normal
    found = evaluate("a/b", width, [most, least, 1.0, least], [least, most, least, 3.0])
    with np.errstate(all="ignore"):
        wanted = np.array([np.inf, 0.0, 1.0 / least, least / 3.0], kind_of(width))
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=float(least))


@pytest.mark.parametrize("width", WIDTHS, ids=lambda width: width.name)
def test_numbers_are_picked_from_any_lane(width):
    lanes, kind = width.lanes, kind_of(width)
    text = "def take(x, picks, o):\n    store(o, 1, pick(x, 2, picks))"
    rows = np.arange(3.0 * lanes).reshape(3, lanes).astype(kind)
    picks = np.random.default_rng(0).integers(0, lanes, lanes).astype(f"i{width.bits // 8}")
    out = np.zeros((2, lanes), kind)
    call(compile_units("tests/pick", [Unit(text, width)]), "take", rows, picks, out)
    np.testing.assert_array_equal(out[1], rows[2][picks])
