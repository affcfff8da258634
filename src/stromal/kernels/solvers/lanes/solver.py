"""Several patients in the lanes of each vector register: the fast back end of large runs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numba
import numpy as np
from numba import types
from numpy.typing import ArrayLike, NDArray

from stromal.errors import InvalidInput, Issue
from stromal.kernels.compile.program import Program, functions_in
from stromal.kernels.solvers.lanes.loop import Lanes, Queue, Rooms, integrate_queue
from stromal.kernels.solvers.lanes.method import write_method
from stromal.kernels.solvers.lanes.namespace import make_namespace
from stromal.kernels.solvers.lanes.width import Precision, Width, choose_width
from stromal.kernels.solvers.problem import (
    Answer,
    Problem,
    empty_answer,
    observed_states,
    pose_problem,
)
from stromal.kernels.solvers.rodas5p import STAGES
from stromal.kernels.solvers.scalar_loop import Run
from stromal.kernels.solvers.scalar_names import SCALAR_NAMES
from stromal.kernels.timeline import Timeline

BLOCK = 512
"""Patients that a thread takes at a time."""

LINE = 64
"""Bytes of a cache line, and of the widest register; arrays begin at a multiple."""


@dataclass(frozen=True, slots=True, eq=False)
class LanesFunctions:
    """The functions of a program as machine code of one width, by their addresses.

    `addresses` are in the order of `loop`; `kept` holds what lives there.
    """

    width: Width
    addresses: NDArray[np.int64]
    kept: tuple[Any, ...]


def load_functions(
    program: Program, precision: Precision = "f64", *, width: Width | None = None
) -> LanesFunctions:
    """Compile the functions of a program for as many patients as a register of this machine holds.

    Parameters
    ----------
    program
        What was compiled from a model.
    precision
        `f64`, or `f32` for states of seven digits at nearly twice the speed.
    width
        Another width than the widest that the machine has.

    Raises
    ------
    InvalidInput
        The machine has no registers that are wide enough to pay.
    """
    chosen = width or choose_width(precision)
    if chosen is None:
        raise InvalidInput(
            [
                Issue(
                    "the processor has no vector registers of 256 bits with fused multiply-add",
                    hint="use the scalar back end",
                )
            ]
        )
    return _compile_all(program, chosen)


def _compile_all(program: Program, width: Width) -> LanesFunctions:
    namespace = make_namespace(width)
    of_lanes = functions_in(program, namespace, lanes=True)
    adding = functions_in(program, {**namespace, "store": namespace["add_to"]}, lanes=True)
    plain = functions_in(program, SCALAR_NAMES)
    method = _method_functions(program, width)
    rows = types.CPointer(types.float64 if width.bits == 64 else types.float32)
    numbers, places = types.CPointer(types.float64), types.CPointer(types.int64)
    made = [
        _compile(of_lanes.constants, rows, rows),
        _compile(of_lanes.initial, rows, rows),
        _compile(adding.rates, rows, rows, rows),
        _compile(_with_divisor(of_lanes.factor, namespace), *[rows] * 5),
        _compile(of_lanes.resolve, rows, rows),
        _compile(of_lanes.observe, rows, rows, rows),
        _compile(method.weigh, rows, rows, rows, numbers, numbers, rows, rows),
        _compile(method.accept, rows, rows, rows),
        _compile(method.bend, rows, places, rows),
        _compile(method.between, rows, rows, rows, places, rows, rows),
        _compile(plain.constants, numbers, numbers),
        _compile(plain.change_times, numbers, numbers),
        *(
            _compile(getattr(method, f"stage_{stage}"), rows, rows, rows, rows)
            for stage in range(1, STAGES)
        ),
        *(_compile(jump, rows, rows, rows) for jump in of_lanes.jumps),
    ]
    addresses = np.array([function.address for function in made], dtype=np.int64)
    return LanesFunctions(width, addresses, tuple(made))


def _method_functions(program: Program, width: Width) -> SimpleNamespace:
    text = write_method(
        program.n_states,
        len(observed_states(program)),
        width.bits,
        uses_time=program.uses_time,
    )
    scope: dict[str, Any] = dict(make_namespace(width))
    # written by this package from numbers alone
    exec(compile(text, f"<method of {program.name}>", "exec"), scope)  # noqa: S102
    return SimpleNamespace(**scope)


def _compile(function: Any, *kinds: Any) -> Any:  # noqa: ANN401 - types of numba
    """A C function of pointers."""
    compiler = numba.cfunc(types.void(*kinds), error_model="numpy", nogil=True)
    return compiler(function)


def integrate(  # noqa: PLR0913, PLR0917 - the arguments of every back end
    functions: LanesFunctions,
    program: Program,
    parameters: ArrayLike,
    initial_states: ArrayLike | None,
    timeline: Timeline,
    times: ArrayLike,
    rtol: float,
    atol: ArrayLike,
    max_steps: int,
    *,
    start: float | None = None,
    first_step: float | None = None,
    threads: int = 1,
) -> Answer:
    """Values of every patient at every time of the grid; the arguments are those of `problem`.

    Parameters
    ----------
    functions
        The functions of the program, made with `load_functions`.
    program
        Names and sizes.
    parameters
        A row for each patient, (N, P).
    initial_states
        A row of saved states for each patient, (N, S), or None for the model's own.
    timeline
        What happens to each patient.
    times
        Sorted output grid, (T,).
    rtol, atol
        Relative tolerance, and absolute tolerance of each state.
    max_steps
        Attempted steps that a patient may take.
    start, first_step, threads
        Start of the run, first step, and threads to work with.

    Returns
    -------
    Answer
        `values` (N, T, O), `final_states` (N, S), `status` (N,), `steps` (N,).

    Raises
    ------
    InvalidInput
        With every issue of the arguments.
    """
    problem = pose_problem(
        program,
        parameters,
        initial_states,
        timeline,
        times,
        rtol,
        atol,
        max_steps,
        start=start,
        first_step=first_step,
    )
    answer = empty_answer(program, problem)
    run = _make_run(functions, program, problem)
    blocks = range(0, problem.n_patients, BLOCK)

    def work_out(first: int) -> None:
        patients = slice(first, first + BLOCK)
        _integrate_block(run, functions.width, program, problem, answer, patients)

    if threads == 1 or len(blocks) <= 1:
        for first in blocks:
            work_out(first)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work_out, blocks))
    return answer


def _make_run(functions: LanesFunctions, program: Program, problem: Problem) -> Run:
    """What the compiled loop shares among patients."""
    timeline = problem.timeline
    return Run(
        program=functions.addresses,
        uses_time=program.uses_time,
        continued=problem.continued,
        observed=np.array(observed_states(program), dtype=np.int64),
        entry_times=timeline.times,
        entry_kinds=timeline.kinds,
        entry_targets=timeline.targets,
        entry_factors=timeline.factors,
        entry_amounts=timeline.amounts,
        times=problem.times,
        start=problem.start,
        end=problem.end,
        first_step=problem.first_step,
        rtol=problem.rtol,
        atol=problem.atol,
        max_steps=problem.max_steps,
    )


def _integrate_block(
    run: Run,
    width: Width,
    program: Program,
    problem: Problem,
    answer: Answer,
    patients: slice,
) -> None:
    """Patients of a block, in work arrays of their own."""
    saved = problem.initial_states
    queue = Queue(
        parameters=problem.parameters[patients],
        saved=saved[patients] if problem.continued else saved,
        plans=problem.timeline.plans[patients],
        offsets=problem.timeline.offsets,
        values=answer.values[patients],
        final_states=answer.final_states[patients],
        status=answer.status[patients],
        steps=answer.steps[patients],
    )
    lanes = _make_lanes(width.lanes, program.n_changes)
    rooms = _make_rooms(width, program, run.observed.size)
    integrate_queue(run, lanes, rooms, queue, np.array([problem.rtol]))


def _make_lanes(n_lanes: int, n_changes: int) -> Lanes:
    numbers = {
        name: np.zeros(n_lanes)
        for name in ("time", "target", "wanted", "size", "error", "error_before")
    }
    whole = {
        name: np.zeros(n_lanes, np.int64)
        for name in ("patient", "entry", "last_entry", "output", "steps")
    }
    truths = {name: np.zeros(n_lanes, np.bool_) for name in ("lands", "rejected")}
    return Lanes(**numbers, **whole, **truths, own_times=np.full((n_lanes, n_changes), np.inf))


def _make_rooms(width: Width, program: Program, n_observed: int) -> Rooms:
    """Arrays of one block, each beginning at a cache line."""
    n_states = program.n_states
    heights = {
        "states": n_states,
        "argument": n_states,
        "stages": STAGES * n_states,
        "factors": program.factors,
        "constants": program.constants,
        "divisor": 1,
        "inverse": 1,
        "before": 1,
        "judgement": 3,
        "accepted": 1,
        "share": 1,
        "bends": 3 * n_observed,
        "between": n_states,
        "outputs": len(program.output_names),
        "fresh": n_states,
        "parameters": len(program.parameter_names),
    }
    kind = np.dtype(np.float64 if width.bits == 64 else np.float32)
    rows = sum(heights.values())
    row_bytes = kind.itemsize * width.lanes
    raw = np.zeros(rows * row_bytes + LINE, np.uint8)
    offset = -raw.ctypes.data % LINE
    table = raw[offset : offset + rows * row_bytes].view(kind).reshape(rows, width.lanes)
    parts: dict[str, Any] = {}
    first = 0
    for name, height in heights.items():
        parts[name] = table[first : first + height]
        first += height
    parts["stages"] = parts["stages"].reshape(STAGES, n_states, width.lanes)
    return Rooms(
        **parts,
        plain_parameters=np.zeros(len(program.parameter_names)),
        plain_constants=np.zeros(program.constants),
    )


def _with_divisor(factor: Any, namespace: Any) -> Any:  # noqa: ANN401 - types of numba
    """`factor` with d read from an array of one row."""
    inner, load = numba.njit(factor), namespace["load"]

    def factor_of_rows(y, c, d, f, w):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        inner(y, c, load(d, 0), f, w)

    return factor_of_rows
