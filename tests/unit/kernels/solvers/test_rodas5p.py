"""The coefficients keep what the method promises."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from stromal.kernels.solvers.rodas5p import (
    DENSE,
    GAMMA,
    ORDER,
    OWN_ARGUMENT,
    SOURCE,
    STAGES,
    A,
    C,
    round_coefficients,
)
from stromal.sources import find_source


def take_step(rates, jacobian, y, h):
    """Stages, new value and estimated error of one step, written out as in the paper."""
    matrix = np.eye(y.size) / (h * GAMMA) - jacobian(y)
    stages = np.zeros((STAGES, y.size))
    argument = y
    for stage in range(STAGES):
        own = stage < OWN_ARGUMENT
        argument = y + A[stage] @ stages if own else argument + stages[stage - 1]
        stages[stage] = np.linalg.solve(matrix, rates(argument) + C[stage] @ stages / h)
    return stages, argument + stages[-1], stages[-1]


def between(y, new, stages, x):
    bends = DENSE @ stages
    inner = bends[0] + x * (bends[1] + x * bends[2])
    return (1 - x) * y + x * (new + (1 - x) * inner)


# three states that depend on each other without any symmetry; the last one is time
def rates(y):
    a, b, t = y
    return np.array([a * b - 0.5 * a**2 + np.sin(t), np.exp(-a) - 1.3 * b * a + 0.2 * t, 1.0])


def jacobian(y):
    a, b, t = y
    return np.array([[b - a, a, np.cos(t)], [-np.exp(-a) - 1.3 * b, -1.3 * a, 0.2], [0, 0, 0]])


START = np.array([0.7, 0.9, 0.3])


def exact(h):
    solution = solve_ivp(
        lambda _t, y: rates(y), (0, h), START, method="DOP853", rtol=3e-14, atol=1e-16
    )
    return solution.y[:, -1]


def observed_order(error_of, large=0.4):
    """Power of the step by which an error falls when the step is halved."""
    return np.log2(np.linalg.norm(error_of(large)) / np.linalg.norm(error_of(large / 2)))


def test_local_error_falls_with_one_power_more_than_the_order():
    order = observed_order(lambda h: take_step(rates, jacobian, START, h)[1] - exact(h))
    assert order == pytest.approx(ORDER + 1, abs=0.35)


def test_estimated_error_is_that_of_a_solution_of_order_four():
    order = observed_order(lambda h: take_step(rates, jacobian, START, h)[2])
    assert order == pytest.approx(ORDER, abs=0.35)


@pytest.mark.parametrize("x", [0.25, 0.5, 0.8])
def test_values_between_the_ends_have_order_four(x):
    def error(h):
        stages, new, _ = take_step(rates, jacobian, START, h)
        return between(START, new, stages, x) - exact(x * h)

    assert observed_order(error, large=0.1) > 4 + 1 - 0.1


def test_values_between_meet_the_ends():
    stages, new, _ = take_step(rates, jacobian, START, 0.3)
    assert between(START, new, stages, 0.0) == pytest.approx(START, rel=1e-15)
    assert between(START, new, stages, 1.0) == pytest.approx(new, rel=1e-15)


def test_time_as_a_state_moves_by_the_step():
    _, new, error = take_step(rates, jacobian, START, 0.3)
    assert new[-1] == pytest.approx(0.6, rel=1e-13)
    assert abs(error[-1]) < 1e-13


def stability(z):
    """Factor of one step for y' = z y with step 1; of the solution and of the embedded one."""
    _, new, error = take_step(
        lambda y: z * y, lambda y: np.full((y.size, y.size), z), np.ones(1), 1.0
    )
    return new[0], new[0] - error[0]


def test_stiff_components_vanish_in_one_step():
    for z in (-1e6, -1e8, -1e10):
        new, _ = stability(z)
        assert abs(new) < 100 / abs(z)


def test_no_growth_on_the_left_half_line():
    values = np.array([stability(z)[0] for z in -np.logspace(-3, 8, 200)])
    assert np.abs(values).max() <= 1.0


def excess(a, c):
    """How much further than one step of a constant rate gets with other coefficients."""
    stages = np.zeros(STAGES)
    for stage in range(STAGES):
        stages[stage] = GAMMA * (1.0 + c[stage] @ stages)
    return a[OWN_ARGUMENT - 1] @ stages + stages[OWN_ARGUMENT - 1 :].sum() - 1.0


def test_rounded_coefficients_keep_a_constant_rate():
    nearest = [matrix.astype(np.float32).astype(np.float64) for matrix in (A, C)]
    rounded = round_coefficients()
    assert abs(excess(A, C)) < 1e-14
    assert abs(excess(*nearest)) > 2e-6
    assert abs(excess(*rounded)) < 1e-8
    for exact_one, one in zip((A, C), rounded, strict=True):
        assert (one == one.astype(np.float32)).all()
        assert (abs(one - exact_one) <= 13 * np.spacing(np.abs(one).astype(np.float32))).all()


def test_the_source_is_known():
    assert find_source(SOURCE).year == 2023
