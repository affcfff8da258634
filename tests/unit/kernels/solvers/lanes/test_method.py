"""The method's text: the same sums as the coefficients say."""

from __future__ import annotations

import numpy as np
import pytest

from stromal.kernels.solvers import step
from stromal.kernels.solvers.lanes.method import write_accumulation, write_method
from stromal.kernels.solvers.numpy_names import NUMPY_NAMES
from stromal.kernels.solvers.rodas5p import DENSE, OWN_ARGUMENT, STAGES, A, C

N = 3


def store(array, index, value):
    array[index] = value


NAMES = {
    **NUMPY_NAMES,
    "load": lambda array, index: array[index],
    "number": lambda array, index: array[index],
    "store": store,
    "splat": lambda value: value,
    "larger": max,
    "smaller": min,
    "pick": lambda array, index, _picks: array[index],
    "widen": lambda array, index: array[index],
    "narrow": lambda array, index, value: store(array, index, np.float32(value)),
}


@pytest.fixture(params=[(64, False), (64, True), (32, False), (32, True)], ids=str)
def method(request):
    bits, uses_time = request.param
    scope = dict(NAMES)
    exec(write_method(N, 2, 2, bits, uses_time=uses_time), scope)
    if bits == 32:
        exec(write_accumulation(N), scope)
    return scope | {"uses_time": uses_time, "bits": bits}


@pytest.fixture
def numbers():
    rng = np.random.default_rng(0)
    return rng.normal(size=N), rng.normal(size=(STAGES, N)), rng.normal(size=N)


@pytest.mark.parametrize("stage", range(1, STAGES))
def test_stage_sums(method, numbers, stage):
    y, k, u = numbers
    n = u - y  # in f32 the argument is that much beyond the states
    argument = y + A[stage] @ k if stage < OWN_ARGUMENT else u + k[stage - 1]
    flat = k.ravel().copy()
    method[f"stage_{stage}"](y, flat, u, n, [4.0])
    close = 1e-12 if method["bits"] == 64 else 1e-5
    np.testing.assert_allclose(u, argument, rtol=close)
    np.testing.assert_allclose(flat[stage * N : (stage + 1) * N], 4.0 * C[stage] @ k, rtol=close)
    if method["bits"] == 32 and stage >= OWN_ARGUMENT - 1:
        np.testing.assert_allclose(n, u - y)


def test_error_and_step(method, numbers):
    y, k, u = numbers
    before, after, n = u.copy(), u + k[-1], u - y
    j, atol, weighed = np.zeros(3), np.array([0.5, 1.0, 2.0]), N - method["uses_time"]
    method["estimate_error"](y, k.ravel(), u, n, atol, [0.1], [0.3], j, np.zeros(N))
    np.testing.assert_allclose(u, before + k[-1])
    if method["bits"] == 32:
        np.testing.assert_allclose(n[:weighed], (u - y)[:weighed])
    scaled = k[-1] / (atol + 0.1 * np.maximum(np.abs(y), np.abs(after)))
    error = step.bound_error((scaled[:weighed] ** 2).mean())
    growth, shrinkage = step.choose_growth(error, 0.3), step.choose_shrinkage(error)
    np.testing.assert_allclose(j, [error, growth, shrinkage])


def test_a_state_that_is_no_number_is_a_very_large_error(method, numbers):
    y, k, u = numbers
    u[1], j = np.inf, np.zeros(3)
    n = u - y
    with np.errstate(all="ignore"):
        method["estimate_error"](y, k.ravel(), u, n, np.ones(N), [0.1], [0.3], j, np.zeros(N))
    assert j[0] == step.MOST_ERROR


def test_between_the_ends(method, numbers):
    y, k, u = numbers
    observed, interpolants, between = [2, 0], np.zeros(6), np.zeros(N)
    method["interpolant"](k.ravel(), observed, interpolants)
    method["interpolate"](y, u, interpolants, observed, [], [0.3], between)
    d = DENSE @ k
    wanted = 0.7 * y + 0.3 * (u + 0.7 * (d[0] + 0.3 * (d[1] + 0.3 * d[2])))
    np.testing.assert_allclose(between[observed], wanted[observed])


def test_tiny_states_become_zero_and_rejected_steps_change_nothing(method, numbers):
    y, _, u = numbers
    sums, before = y.copy(), y.copy()
    u[0] = 1e-300
    n = u - y
    method["accept"](u, n, [0.0], sums, y)
    np.testing.assert_allclose(y, before, rtol=1e-7)
    method["accept"](u, n, [1.0], sums, y)
    np.testing.assert_allclose(y, [0.0, u[1], u[2]], rtol=1e-7)
    assert y[0] == 0.0


def test_what_is_too_small_for_a_state_of_f32_is_not_lost():
    scope = dict(NAMES)
    exec(write_accumulation(1), scope)
    states, sums = np.ones(1, np.float32), np.ones(1)
    for _ in range(1000):
        scope["accept"](states, [1e-9], [1.0], sums, states)
    assert sums[0] == pytest.approx(1.000001, rel=1e-12)
    assert states[0] == np.float32(1.000001)


def test_constants_that_outputs_read_are_picked_into_their_places(method):
    picked = np.zeros(4)
    method["pick_constants"]([1.0, 2.0, 3.0, 4.0], [3, 1], [], picked)
    np.testing.assert_array_equal(picked, [0.0, 2.0, 0.0, 4.0])
