"""The CUDA back end in numba's simulator, and on a device where there is one."""

from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys

import numpy as np
import pytest
from tests.flat import grouped
from tests.unit.kernels.examples import TWO_COMPARTMENTS, derive

from stromal.kernels import backends
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.solve import solve
from stromal.kernels.solvers import cuda_solver, scalar_loop, step

IN_SIMULATOR = """
import numpy as np
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.solvers import cuda_solver, numpy_solver, step
from stromal.kernels.solvers.problem import pose_problem
from stromal.kernels.inputs import complete_parameters
from stromal.kernels.timeline import Dose, plan_timeline
from stromal.kernels.times.plan import Course, plan_known_times
from stromal.models.parse import read_model
from tests.unit.kernels.examples import TWO_COMPARTMENTS, derive

RESET = read_model(
    "drug = 1; ke = 1; drug' = piecewise(1, time % 2 < ke, 0) - drug; at (time >= 4 * ke): drug = 5"
)
for model, outputs in ((derive(TWO_COMPARTMENTS), ["cells"]), (RESET, ["drug"])):
    kernel = compile_kernel(model, outputs=outputs, vary=["ke"], dosed=["drug"], slopes=False)
    program = kernel.program
    parameters = np.array([[0.4], [0.8], [np.nan]])
    timeline = plan_timeline(program, 3, doses=[Dose(1.0, "drug", [6.0, 3.0, 1.0])])
    rows = complete_parameters(kernel, parameters)
    timed = plan_known_times(kernel.clock, program, rows, timeline, Course(0.0, 6.0))
    parameters, timeline = timed.parameters, timed.timeline
    # as by default, where tolerances follow the states' own sizes
    end = timeline, [1.0, 6.0], 1e-3, 1e-40, 1000
    problem = pose_problem(program, parameters, None, *end, share=step.OWN_SHARE)
    found = cuda_solver.integrate(cuda_solver.load_functions(program), problem)
    wanted = numpy_solver.integrate(numpy_solver.load_functions(program), problem)
    np.testing.assert_allclose(found.values, wanted.values, rtol=1e-9)
    np.testing.assert_allclose(found.final_states, wanted.final_states, rtol=1e-8)
    assert (found.status == wanted.status).all() and (found.steps == wanted.steps).all()
    assert (found.traces == wanted.traces).all()
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
    found = solve(kernel, given, **grouped(backend="gpu", **options))
    assert found.values == pytest.approx(
        solve(kernel, given, **grouped(backend="numpy", **options)).values, rel=1e-6
    )


def test_rules_are_those_of_every_back_end():
    for error in (1e-12, 0.3, 1.0, 7.0, 1e6):
        assert cuda_solver.bound_error(error) == step.bound_error(error)
        assert cuda_solver.choose_growth(error, 0.2) == step.choose_growth(error, 0.2)
        assert cuda_solver.choose_shrinkage(error) == step.choose_shrinkage(error)
        assert cuda_solver.least_step(error) == step.least_step(error)
    assert cuda_solver.bound_error(np.nan) == step.bound_error(np.nan)


def test_arrays_of_a_thread_have_sizes_that_a_compiler_can_read():
    # the simulator takes any expression, a device only plain numbers bound before
    tree = ast.parse(inspect.getsource(cuda_solver))
    sizes = [
        node.args[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "cuda.local.array"
    ]
    assert len(sizes) == len(scalar_loop.Work._fields)
    assert all(isinstance(size, ast.Name) for size in sizes)


TO_ASSEMBLY = """
from numba import cuda, types
from numba.cuda import dispatcher
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.solvers import cuda_solver
from tests.unit.kernels.examples import TWO_COMPARTMENTS, derive

class Device:
    compute_capability = (9, 0)

dispatcher.get_current_device = Device
kernel = compile_kernel(derive(TWO_COMPARTMENTS), outputs=["cells"], vary=["ke"])
i, f, flag = types.int64, types.float64, types.boolean
a = lambda kind, dimensions: types.Array(kind, dimensions, "C")
timeline = (a(f, 1), a(i, 1), a(i, 1), a(f, 1), a(f, 1))
numbers = (a(f, 1), flag, f, f, f, f, a(f, 1), i)
patients = (a(f, 2), a(f, 2), a(i, 1), a(i, 1))
results = (a(f, 3), a(f, 2), a(types.int8, 1), a(types.int32, 1))
signature = (a(i, 1), *timeline, *numbers, *patients, *results)
made = cuda_solver.load_functions(kernel.program)
text, _ = cuda.compile_ptx(made.py_func, signature, cc=(9, 0))
print(".entry" in text)
"""


def test_compiles_to_the_assembly_of_a_device():
    pytest.importorskip("numba_cuda", reason="gpu: numba_cuda is not installed")
    done = subprocess.run(
        [sys.executable, "-c", TO_ASSEMBLY], capture_output=True, check=False, text=True
    )
    if "DynamicLibNotFoundError" in done.stderr:
        pytest.skip("gpu: the compiler of CUDA is not installed")
    assert done.stdout.strip() == "True", done.stderr[-2000:]
