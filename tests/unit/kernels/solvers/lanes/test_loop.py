"""The compiled loop over lanes: one for all programs."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.kernels.solvers import programs
from tests.unit.kernels.solvers.lanes.test_solver import MODEL, WIDE, in_lanes, run

from stromal.kernels.solvers.lanes.loop import integrate_block


def test_one_loop_serves_all_programs_of_a_precision():
    run(MODEL, [[1.0, 1.0]], [0.0, 0.1], WIDE)
    compiled = len(integrate_block.signatures)
    for program in (in_lanes(programs.decay), in_lanes(programs.robertson)):
        run(program, [[1.0] * len(program.parameter_names)], [0.0, 0.1], WIDE)
    assert len(integrate_block.signatures) == compiled


@pytest.mark.parametrize("n_patients", [1, WIDE.lanes - 1, WIDE.lanes, WIDE.lanes + 1, 41])
def test_lanes_are_filled_again_until_nobody_is_left(n_patients):
    x0 = np.linspace(1.0, 2.0, n_patients)
    parameters = np.column_stack([np.geomspace(0.01, 100.0, n_patients), x0])
    answer = run(in_lanes(programs.decay), parameters, [0.0, 1.0])
    wanted = x0 * np.exp(-parameters[:, 0])
    np.testing.assert_allclose(answer.values[:, 1, 0], wanted, rtol=1e-6, atol=1e-9)


def test_outputs_denser_and_sparser_than_the_steps():
    program = in_lanes(programs.forced)
    parameters = [[0.1], [3.0], [50.0]]
    dense = run(program, parameters, np.linspace(0.0, 5.0, 501))
    sparse = run(program, parameters, [0.0, 2.5, 5.0])
    np.testing.assert_array_equal(dense.values[:, [0, 250, 500]], sparse.values)
    np.testing.assert_array_equal(dense.values[0, :, 1], np.linspace(0.0, 5.0, 501))
