"""The algorithm for one patient on a CUDA device, a thread for each patient.

The text of the algorithm is that of `scalar_loop`, and the functions of a program are those that
every back end takes; both are compiled anew for the device. Arrays of a patient lie in the memory
of its thread.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np
from numba import cuda as numba_cuda
from numpy.typing import NDArray

from stromal.kernels.compile.program import Program, functions_in
from stromal.kernels.solvers import scalar_loop, scalar_names, step
from stromal.kernels.solvers.problem import Answer, Problem, empty_answer
from stromal.kernels.solvers.rodas5p import STAGES

cuda: Any = numba_cuda  # under this name numba's simulator takes its place

THREADS_PER_BLOCK = 64

Array = NDArray[Any]


def why_not() -> str | None:
    """Why no device can be used; None where one can.

    Examples
    --------
    >>> why_not() is None or len(why_not()) > 0
    True
    """
    return None if cuda.is_available() else "there is no CUDA device"


def load_functions(program: Program) -> Any:  # noqa: ANN401 - numba's kernels have no type
    """The kernel of a program, compiled when it is first run."""
    return _make_kernel(program)


def integrate(functions: Any, problem: Problem) -> Answer:  # noqa: ANN401 - numba's kernels
    """Patients on threads of the device; `problem` says what is asked and what is answered."""
    answer = empty_answer(problem)
    if problem.n_patients == 0:
        return answer
    shared = _shared(problem)
    results = [cuda.to_device(array) for array in answer]
    blocks = -(-problem.n_patients // THREADS_PER_BLOCK)
    functions[blocks, THREADS_PER_BLOCK](*shared, *results)
    return Answer(*(array.copy_to_host() for array in results))


def _shared(problem: Problem) -> tuple[Any, ...]:
    """What the kernel is given besides the arrays that it fills."""
    program, timeline = problem.program, problem.timeline
    saved = problem.initial_states
    if not problem.continued:
        saved = np.zeros((1, len(program.state_names)))
    return (
        np.array(program.reads, dtype=np.int64),
        _filled(timeline.times),
        _filled(timeline.kinds),
        _filled(timeline.targets),
        _filled(timeline.factors),
        _filled(timeline.amounts),
        problem.times,
        problem.continued,
        problem.start,
        problem.end,
        problem.first_step,
        problem.resume_step,
        problem.rtol,
        problem.atol,
        problem.share,
        _filled(np.array(program.renewing, dtype=np.int64)),
        len(program.renewing),
        problem.max_steps,
        problem.halt,
        _columns(problem.parameters),
        saved,
        timeline.plans,
        timeline.offsets,
    )


def _filled(array: NDArray[Any]) -> NDArray[Any]:
    """The array, or one number where it is empty: a device takes no empty arrays."""
    return array if array.size else np.zeros(1, array.dtype)


def _columns(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """A row for each patient with at least one column, for a device takes no empty arrays."""
    return rows if rows.shape[1] else np.zeros((len(rows), 1))


def _device_names(program: Program) -> dict[str, Any]:
    """Everything that the text of the algorithm calls, compiled for the device."""
    device = cuda.jit(device=True)
    names: dict[str, Any] = {**vars(scalar_loop)}
    names |= {rule.__name__: device(rule) for rule in _RULES}
    names |= _program_calls(program, device)
    for name, thing in vars(scalar_loop).items():
        python = getattr(thing, "py_func", None)
        if python is not None and python.__module__ == scalar_loop.__name__:
            names[name] = device(FunctionType(python.__code__, names, name))
    return names


def _program_calls(program: Program, device: Callable[..., Any]) -> dict[str, Any]:
    """The functions of a program under the names and with the arguments of the algorithm."""
    given = {
        name: device(getattr(called, "py_func", called)) if hasattr(called, "py_func") else called
        for name, called in scalar_names.SCALAR_NAMES.items()
    }
    made = functions_in(program, given, decorate=device)
    constants, initial, rates, factor = made.constants, made.initial, made.rates, made.factor
    resolve, observe = made.resolve, made.observe
    calls: dict[str, Any] = {
        "constants": device(lambda _, p, c: constants(p, c)),
        "initial": device(lambda _, c, y: initial(c, y)),
        "rates": device(lambda _, y, c, f: rates(y, c, f)),
        "factor": device(lambda _, y, c, d, f, w: factor(y, c, d, f, w)),
        "resolve": device(lambda _, w, x: resolve(w, x)),
        "observe": device(lambda _, y, c, o: observe(y, c, o)),
    }
    text = "def jump(_, number, y, c, x):\n    pass\n" + "".join(
        f"    if number == {number}:\n        jump_{number}(y, c, x)\n"
        for number in range(program.changes)
    )
    scope = {f"jump_{number}": jump for number, jump in enumerate(made.jumps)}
    exec(text, scope)  # noqa: S102 - a choice among the program's own functions
    return calls | {"jump": device(scope["jump"])}


def _make_kernel(program: Program) -> Any:  # noqa: ANN401
    """The kernel: arrays for the patient of this thread, and the algorithm on them."""
    names = _device_names(program)
    integrate_patient, report_traces = names["integrate_patient"], names["report_traces"]
    run_type, work_type = scalar_loop.Run, scalar_loop.Work
    n_parameters, n_constants = len(program.parameter_names), program.constants
    n_states, n_factors = program.n_states, program.factors
    n_observed, uses_time = len(program.reads), program.uses_time
    number = np.float64
    # sizes of a thread's own arrays are read off when the kernel is compiled: plain numbers above 0
    size_p, size_c, size_w = max(n_parameters, 1), max(n_constants, 1), max(n_factors, 1)
    stages, bends = (STAGES, n_states), (3, max(n_observed, 1))

    def integrate_patients(  # noqa: PLR0913, PLR0917 - a kernel takes arrays one by one
        observed: Array,
        entry_times: Array,
        entry_kinds: Array,
        entry_targets: Array,
        entry_factors: Array,
        entry_amounts: Array,
        times: Array,
        continued: bool,  # noqa: FBT001
        start: float,
        end: float,
        first_step: float,
        resume_step: float,
        rtol: float,
        atol: Array,
        share: Array,
        renewing: Array,
        n_renewing: int,
        max_steps: int,
        halt: Array,
        parameters: Array,
        saved: Array,
        plans: Array,
        offsets: Array,
        values: Array,
        final_states: Array,
        status: Array,
        steps: Array,
        traces: Array,
    ) -> None:
        patient = cuda.grid(1)
        if patient < parameters.shape[0]:
            run = run_type(
                plans, uses_time, continued, observed, entry_times, entry_kinds, entry_targets,
                entry_factors, entry_amounts, times, start, end, first_step, resume_step, rtol,
                atol, share, renewing[:n_renewing], max_steps, halt,
            )  # fmt: skip
            work = work_type(
                cuda.local.array(size_p, number)[:n_parameters],
                cuda.local.array(size_c, number)[:n_constants],
                cuda.local.array(n_states, number),
                cuda.local.array(n_states, number),
                cuda.local.array(stages, number),
                cuda.local.array(size_w, number),
                cuda.local.array(bends, number),
                cuda.local.array(n_states, number),
                cuda.local.array(n_states, number),
                cuda.local.array(n_states, np.int8),
            )
            plan = plans[patient]
            status[patient], steps[patient] = integrate_patient(
                run,
                work,
                parameters[patient, :n_parameters],
                saved[patient if continued else 0],
                offsets[plan],
                offsets[plan + 1],
                values[patient],
                final_states[patient],
            )
            report_traces(run, work, traces[patient])

    return cuda.jit(integrate_patients)


def bound_error(mean_square: float) -> float:
    """Weighted error of a step, as `step.bound_error` has it."""
    error = math.sqrt(mean_square) + step.LEAST_ERROR
    return error if error < step.MOST_ERROR else step.MOST_ERROR


def choose_growth(error: float, error_before: float) -> float:
    """Factor to the next step, as `step.choose_growth` has it."""
    wanted = step.SAFETY * error**step.ERROR_POWER * error_before**step.ERROR_BEFORE_POWER
    return float(min(step.MOST_GROWTH, max(step.LEAST_GROWTH, wanted)))


def choose_shrinkage(error: float) -> float:
    """Factor to the next attempt, as `step.choose_shrinkage` has it."""
    return float(max(step.LEAST_SHRINKAGE, step.SAFETY * error**step.REJECTED_POWER))


def least_step(time: float) -> float:
    """Smallest step that moves time on, as `step.least_step` has it."""
    return max(step.LEAST_STEP, step.LEAST_RELATIVE_STEP * abs(time))


_RULES = (bound_error, choose_growth, choose_shrinkage, least_step)
"""The rules of `step` in plain arithmetic, for a device has no NumPy."""
