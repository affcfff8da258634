"""Parts of the compiled loop."""

from __future__ import annotations

import numpy as np
import pytest

from stromal.kernels.solvers import step
from stromal.kernels.solvers.scalar_loop import all_finite, choose_step, plan_step


@pytest.mark.parametrize(
    ("wanted", "remaining", "size", "lands"),
    [
        (1.0, 5.0, 1.0, False),
        (1.0, 1.5, 0.75, False),
        (1.0, 1.005, 1.005, True),
        (1.0, 0.2, 0.2, True),
    ],
)
def test_steps_land_on_changes(wanted, remaining, size, lands):
    assert plan_step(wanted, remaining) == (size, lands)


def test_a_step_cut_short_to_land_leaves_the_wanted_one():
    assert choose_step(0.01, 1.0, 1e-8, 1e-4, False, True) == 1.0
    assert choose_step(0.01, 1.0, 1e-8, 1e-4, False, False) == pytest.approx(
        0.01 * step.MOST_GROWTH
    )


def test_no_growth_right_after_a_rejection():
    assert choose_step(0.01, 0.01, 1e-8, 1e-4, True, False) == 0.01


def test_one_number_that_is_not_finite_is_seen():
    values = np.ones(9)
    assert all_finite(values)
    for bad in (np.nan, np.inf, -np.inf):
        values[4] = bad
        assert not all_finite(values)
