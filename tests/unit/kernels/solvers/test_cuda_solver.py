"""The CUDA back end in numba's simulator, and on a device where there is one."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from tests.unit.kernels.examples import TWO_COMPARTMENTS, derive

from stromal.kernels import backends
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.solve import solve
from stromal.kernels.solvers import cuda_solver, step

IN_SIMULATOR = """
import numpy as np
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.solvers import cuda_solver, numpy_solver
from stromal.kernels.solvers.problem import pose_problem
from stromal.kernels.timeline import Dose, plan_timeline
from tests.unit.kernels.examples import TWO_COMPARTMENTS, derive

kernel = compile_kernel(
    derive(TWO_COMPARTMENTS), outputs=["cells"], vary=["ke"], dosed=["drug"], slopes=False
)
program = kernel.program
parameters = np.array([[0.4], [0.8], [np.nan]])
timeline = plan_timeline(program, 3, doses=[Dose(1.0, "drug", [6.0, 3.0, 1.0])])
problem = pose_problem(program, parameters, None, timeline, [1.0, 6.0], 1e-3, 1e-6, 1000)
found = cuda_solver.integrate(cuda_solver.load_functions(program), problem)
wanted = numpy_solver.integrate(numpy_solver.load_functions(program), problem)
np.testing.assert_allclose(found.values, wanted.values, rtol=1e-9)
np.testing.assert_allclose(found.final_states, wanted.final_states, rtol=1e-8)
assert (found.status == wanted.status).all() and (found.steps == wanted.steps).all()
print("equal")
"""


def test_simulator_agrees_with_numpy():
    done = subprocess.run(
        [sys.executable, "-c", IN_SIMULATOR],
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1"},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.stdout.strip() == "equal", done.stderr[-2000:]


def test_device_agrees_with_numpy():
    reason = backends.why_not("gpu")
    if reason is not None:
        pytest.skip(f"gpu: {reason}")
    kernel = compile_kernel(derive(TWO_COMPARTMENTS), outputs=["cells"], vary=["ke"])
    options = {"times": [1.0, 9.0], "rtol": 1e-7, "atol": 1e-10}
    given = {"ke": np.linspace(0.1, 0.9, 200)}
    found = solve(kernel, given, backend="gpu", **options)
    assert found.values == pytest.approx(
        solve(kernel, given, backend="numpy", **options).values, rel=1e-6
    )


def test_rules_are_those_of_every_back_end():
    for error in (1e-12, 0.3, 1.0, 7.0, 1e6):
        assert cuda_solver.bound_error(error) == step.bound_error(error)
        assert cuda_solver.choose_growth(error, 0.2) == step.choose_growth(error, 0.2)
        assert cuda_solver.choose_shrinkage(error) == step.choose_shrinkage(error)
        assert cuda_solver.least_step(error) == step.least_step(error)
    assert cuda_solver.bound_error(np.nan) == step.bound_error(np.nan)
