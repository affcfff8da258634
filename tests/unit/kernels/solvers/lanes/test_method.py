"""The method's text: the same sums as the coefficients say."""

from __future__ import annotations

import numpy as np
import pytest

from stromal.kernels.solvers import step
from stromal.kernels.solvers.lanes.method import write_method
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
}


@pytest.fixture(params=[False, True], ids=["autonomous", "with time"])
def method(request):
    scope = dict(NAMES)
    exec(write_method(N, 2, 2, 64, uses_time=request.param), scope)
    scope["uses_time"] = request.param
    return scope


@pytest.fixture
def numbers():
    rng = np.random.default_rng(0)
    return rng.normal(size=N), rng.normal(size=(STAGES, N)), rng.normal(size=N)


@pytest.mark.parametrize("stage", range(1, STAGES))
def test_stage_sums(method, numbers, stage):
    y, k, u = numbers
    argument = y + A[stage] @ k if stage < OWN_ARGUMENT else u + k[stage - 1]
    flat = k.ravel().copy()
    method[f"stage_{stage}"](y, flat, u, [4.0])
    np.testing.assert_allclose(u, argument)
    np.testing.assert_allclose(flat[stage * N : (stage + 1) * N], 4.0 * C[stage] @ k)


def test_error_and_step(method, numbers):
    y, k, u = numbers
    before, after = u.copy(), u + k[-1]
    j, atol, weighed = np.zeros(3), np.array([0.5, 1.0, 2.0]), N - method["uses_time"]
    method["weigh"](y, k.ravel(), u, atol, [0.1], [0.3], j)
    np.testing.assert_allclose(u, before + k[-1])
    scaled = k[-1] / (atol + 0.1 * np.maximum(np.abs(y), np.abs(after)))
    error = step.bound_error((scaled[:weighed] ** 2).mean())
    growth, shrinkage = step.choose_growth(error, 0.3), step.choose_shrinkage(error)
    np.testing.assert_allclose(j, [error, growth, shrinkage])


def test_a_state_that_is_no_number_is_a_very_large_error(method, numbers):
    y, k, u = numbers
    u[1], j = np.inf, np.zeros(3)
    with np.errstate(all="ignore"):
        method["weigh"](y, k.ravel(), u, np.ones(N), [0.1], [0.3], j)
    assert j[0] == step.MOST_ERROR


def test_between_the_ends(method, numbers):
    y, k, u = numbers
    observed, bends, between = [2, 0], np.zeros(6), np.zeros(N)
    method["bend"](k.ravel(), observed, bends)
    method["between"](y, u, bends, observed, [], [0.3], between)
    d = DENSE @ k
    wanted = 0.7 * y + 0.3 * (u + 0.7 * (d[0] + 0.3 * (d[1] + 0.3 * d[2])))
    np.testing.assert_allclose(between[observed], wanted[observed])


def test_tiny_states_become_zero_and_rejected_steps_change_nothing(method, numbers):
    y, _, u = numbers
    u[0], before = 1e-300, y.copy()
    method["accept"](u, [0.0], y)
    np.testing.assert_array_equal(y, before)
    method["accept"](u, [1.0], y)
    np.testing.assert_array_equal(y, [0.0, u[1], u[2]])


def test_constants_that_outputs_read_are_picked_into_their_places(method):
    picked = np.zeros(4)
    method["pick_constants"]([1.0, 2.0, 3.0, 4.0], [3, 1], [], picked)
    np.testing.assert_array_equal(picked, [0.0, 2.0, 0.0, 4.0])
