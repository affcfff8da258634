"""exp, log and power against NumPy in extended precision, on many numbers and all odd ones."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.kernels.solvers.lanes.registers import WIDTHS, evaluate, kind_of

pytestmark = pytest.mark.skipif(not WIDTHS, reason="no wide vector registers")
ODD = np.array(
    [
        0.0,
        -0.0,
        np.inf,
        -np.inf,
        np.nan,
        1.0,
        -1.0,
        5e-324,
        -5e-324,
        1e-310,
        2.3e-308,
        -1e308,
        1e308,
        709.78,
        709.79,
        710.0,
        -708.4,
        -745.13,
        -745.14,
        -746.0,
        1e-45,
        1e-40,
        1.2e-38,
        88.72,
        88.73,
        -87.4,
        -103.9,
        -104.0,
        2.0,
        0.5,
        3.0,
        -2.0,
        -3.0,
    ]
)
MANY = 1_000_000


def units(found, wanted):
    """Distance in units in the last place of the result that is wanted; 0 for equal odd values."""
    rounded = wanted.astype(found.dtype)
    same = (found == rounded) | (np.isnan(found) & np.isnan(rounded))
    with np.errstate(invalid="ignore", over="ignore"):
        distance = np.abs(found - wanted) / np.spacing(np.abs(rounded)).astype(np.longdouble)
    distance[same] = 0.0
    return distance


@pytest.fixture(params=WIDTHS, ids=lambda width: width.name)
def width(request):
    return request.param


@pytest.fixture(autouse=True)
def _quiet():
    with np.errstate(all="ignore"):
        yield


def test_exp_within_two_units_over_the_whole_range(width):
    limit = 746.0 if width.bits == 64 else 104.0
    rng = np.random.default_rng(0)
    x = np.concatenate([ODD, rng.uniform(-limit, limit, MANY), rng.normal(size=MANY)])
    x = x.astype(kind_of(width))
    assert units(evaluate("exp(a)", width, x), np.exp(x.astype(np.longdouble))).max() < 1.1


def test_log_within_two_units_over_the_whole_range(width):
    rng = np.random.default_rng(1)
    limits = (-745.0, 709.0) if width.bits == 64 else (-103.0, 88.0)
    near_one = 1.0 + rng.normal(size=MANY) * 1e-4
    x = np.concatenate(
        [ODD, np.exp(rng.uniform(*limits, MANY)), near_one, rng.uniform(0.5, 2, MANY)]
    )
    x = x.astype(kind_of(width))
    assert units(evaluate("log(a)", width, x), np.log(x.astype(np.longdouble))).max() < 1.0


def test_power_of_usual_numbers(width):
    rng = np.random.default_rng(2)
    base = np.exp(rng.uniform(-5, 5, MANY)).astype(kind_of(width))
    exponent = rng.uniform(-6, 6, MANY).astype(kind_of(width))
    wanted = np.power(base.astype(np.longdouble), exponent.astype(np.longdouble))
    assert units(evaluate("power(a, b)", width, base, exponent), wanted).max() < 1.5


def test_power_of_large_exponents(width):
    rng = np.random.default_rng(3)
    limit = 700.0 if width.bits == 64 else 85.0
    base = np.exp(rng.uniform(-5, 5, MANY)).astype(kind_of(width))
    exponent = (rng.uniform(-limit, limit, MANY) / np.log(base)).astype(kind_of(width))
    wanted = np.power(base.astype(np.longdouble), exponent.astype(np.longdouble))
    assert units(evaluate("power(a, b)", width, base, exponent), wanted).max() < 3.0


def test_power_of_odd_numbers_is_that_of_the_c_library(width):
    base, exponent = (each.ravel() for each in np.meshgrid(ODD, ODD))
    base, exponent = base.astype(kind_of(width)), exponent.astype(kind_of(width))
    # from f64, so that the library's own rounding of f32 does not count
    wanted = np.power(base.astype(np.float64), exponent.astype(np.float64))
    found = evaluate("power(a, b)", width, base, exponent)
    close = np.isclose(found, wanted.astype(found.dtype), rtol=4e-7 if width.bits == 32 else 1e-15)
    assert (close | (found == wanted) | (np.isnan(found) & np.isnan(wanted))).all()


def test_a_lane_does_not_feel_odd_neighbours(width):
    x = np.linspace(0.1, 3.0, width.lanes)
    alone = evaluate("power(a, b)", width, x, 1.7)
    x[1::2] = -x[1::2]
    np.testing.assert_array_equal(evaluate("power(a, b)", width, x, 1.7)[::2], alone[::2])


def test_minimum_and_maximum_keep_what_is_not_a_number(width):
    a, b = [1.0, np.nan, 1.0, -np.inf], [2.0, 1.0, np.nan, 3.0]
    np.testing.assert_array_equal(evaluate("minimum(a, b)", width, a, b), np.minimum(a, b))
    np.testing.assert_array_equal(evaluate("maximum(a, b)", width, a, b), np.maximum(a, b))
