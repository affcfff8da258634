"""Rules of the step size."""

from __future__ import annotations

import numpy as np
import pytest

from stromal.kernels.solvers import step


def test_an_error_that_is_no_number_counts_as_very_large():
    assert step.bound_error(np.float64(np.nan)) == step.MOST_ERROR
    assert step.bound_error(np.float64(np.inf)) == step.MOST_ERROR


def test_growth_keeps_its_bounds():
    errors = np.array([1e-10, 0.5, 1.0])
    growth = step.choose_growth(errors, np.full(3, step.NO_ERROR_BEFORE))
    assert growth[0] == step.MOST_GROWTH
    assert (np.diff(growth) < 0).all()
    assert growth[-1] < 1.0


def test_a_rejected_step_always_shrinks():
    assert step.choose_shrinkage(np.float64(1.0000001)) < step.SAFETY
    assert step.choose_shrinkage(np.float64(step.MOST_ERROR)) == step.LEAST_SHRINKAGE


def test_numbers_and_arrays_follow_one_rule():
    errors = np.geomspace(1e-6, 1, 7)
    together = step.choose_growth(errors, errors[::-1].copy())
    alone = [step.choose_growth(a, b) for a, b in zip(errors, errors[::-1], strict=True)]
    assert together == pytest.approx(alone, rel=1e-15)


def test_the_least_step_moves_time():
    for time in (0.0, 1e-8, 3.0, 1e11):
        assert time + 2 * step.least_step(np.float64(time)) > time


def test_the_first_step_of_a_run_without_length_is_positive():
    assert step.choose_first_step(3.0, 3.0) > 0
