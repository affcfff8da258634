"""Several patients in the lanes of each vector register: the fast back end of large runs."""

# mypy: disable-error-code="no-untyped-call"
# ruff: noqa: ANN401 - numba's and LLVM's own values carry no types

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from inspect import signature
from types import FunctionType
from typing import Any

import numba
import numpy as np
from numba import types
from numpy.typing import NDArray

from stromal.errors import InvalidInput, Issue
from stromal.kernels.compile.cache import digest_of, seal_beside
from stromal.kernels.compile.program import Program, functions_in
from stromal.kernels.solvers.lanes.control import Clock, Mark, write_control
from stromal.kernels.solvers.lanes.desk import (
    DESK,
    OWN,
    SEAT,
    SLOT,
    VACANT,
    Rows,
    divide_table,
    find_heights,
    make_entries,
    make_patients,
    make_table,
)
from stromal.kernels.solvers.lanes.loop import integrate_block
from stromal.kernels.solvers.lanes.method import write_method
from stromal.kernels.solvers.lanes.namespace import make_namespace
from stromal.kernels.solvers.lanes.width import Width, choose_width
from stromal.kernels.solvers.problem import (
    Answer,
    Precision,
    Problem,
    blank_answer,
    observed_states,
    read_constants,
)
from stromal.kernels.solvers.rodas5p import STAGES
from stromal.kernels.solvers.scalar_calls import CHANGE_TIMES
from stromal.kernels.solvers.scalar_calls import CONSTANTS as PLAIN_CONSTANTS
from stromal.kernels.solvers.scalar_solver import load_functions as load_scalar_functions

BLOCK = 2048
"""Patients of one call of compiled code; between two calls a run can be interrupted."""

TOO_NARROW = "the processor has no vector registers of 256 bits with fused multiply-add"

METHOD = (
    "weigh", "accept", "bend", "between", "pick_constants",
    *(f"stage_{k}" for k in range(1, STAGES)),
)  # fmt: skip
"""Functions of the method, compiled with those of the program."""

CONTROL = ("plan", "judge", "move_on")
"""Functions of step control: their times are f64 in every precision."""

# Arguments that are not rows of lanes: f64 numbers, integers, and places in a row.
NUMBERS = ("atol", "rtol", "limits", "t")
INTEGERS = ("observed", "read", "marks")
PICKS = ("picks",)


@dataclass(frozen=True, slots=True, eq=False)
class LanesFunctions:
    """The functions of a program as machine code of one width, by their addresses.

    `addresses` are those of `desk`; `jumps` those of the model's own changes; `kept` holds what
    lives there.
    """

    width: Width
    addresses: dict[str, int]
    jumps: tuple[int, ...]
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
            [Issue(f"lanes cannot run here: {TOO_NARROW}", hint="use the scalar back end")]
        )
    method = write_method(
        program.n_states,
        len(observed_states(program)),
        len(read_constants(program)),
        chosen.bits,
        uses_time=program.uses_time,
    )
    control = write_control(program.n_states, uses_time=program.uses_time)
    made = functions_in(
        replace(program, lanes_source=_divisor_from_row(program.lanes_source)),
        make_namespace(chosen),
        lanes=True,
        decorate=lambda function: _compile(function, chosen),
        variant=f"lanes_{chosen.name}",
        extra=f"# {_compiled_as()}\n\n\n{method}\n\n{control}",
    )
    functions = {name: getattr(made, name) for name in _OF_PROGRAM}
    functions |= {name: _compile(made.scope[name], chosen) for name in (*METHOD, *CONTROL)}
    if made.path is not None:
        seal_beside(made.path)
    kept: list[Any] = [*functions.values(), *made.jumps]
    addresses = {f"call_{name}": function.address for name, function in functions.items()}
    if program.changes:
        # times are kept in f64 in every precision, and are those of the scalar back end
        plain = load_scalar_functions(program)
        kept.append(plain)
        addresses["call_plain_constants"] = int(plain.addresses[PLAIN_CONSTANTS])
        addresses["call_change_times"] = int(plain.addresses[CHANGE_TIMES])
    jumps = tuple(jump.address for jump in made.jumps)
    return LanesFunctions(chosen, addresses, jumps, tuple(kept))


def why_not() -> str | None:
    """Why lanes cannot run on this machine; None where they can."""
    return None if choose_width() else TOO_NARROW


_OF_PROGRAM = ("constants", "initial", "rates", "factor", "resolve", "observe")


def _divisor_from_row(text: str) -> str:
    """`factor` with d given, as all other arguments are, as rows of lanes."""
    head, begin, body = text.partition("def factor(y, c, d, f, w):\n")
    about, newline, rest = body.partition("\n")
    return f"{head}{begin}{about}{newline}    d = load(d, 0)\n{rest}"


@cache
def _compiled_as() -> str:
    """What decides on the machine code besides the source, so that the cache knows its own."""
    package = files("stromal.kernels.solvers.lanes")
    texts = sorted(
        (item.name, item.read_text("utf-8"))
        for item in package.iterdir()
        if item.name.endswith(".py")
    )
    return f"lanes {digest_of(texts)[:16]}, numba {numba.__version__}"


def _compile(function: Callable[..., None], width: Width) -> Any:
    """A C function of addresses; rates are added to what is there, the sum of the stage."""
    if function.__name__ in ("change_times",):
        return None
    other: Mapping[str, Any] = {}
    if function.__name__ == "rates":
        other = {"store": make_namespace(width)["add_to"]}
    if function.__name__ in CONTROL:
        other = make_namespace(Width(64, width.lanes))
    if other:
        scope = {**function.__globals__, **other}
        function = FunctionType(function.__code__, scope, function.__name__)
    double = width.bits == 64
    rows = types.CPointer(types.float64 if double else types.float32)
    special = dict.fromkeys(NUMBERS, types.CPointer(types.float64))
    special |= dict.fromkeys(INTEGERS, types.CPointer(types.int64))
    special |= dict.fromkeys(PICKS, types.CPointer(types.int64 if double else types.int32))
    kinds = [special.get(name, rows) for name in signature(function).parameters]
    try:
        return numba.cfunc(types.void(*kinds), cache=True, error_model="numpy")(function)
    except RuntimeError:  # there is no folder in which it could be kept
        return numba.cfunc(types.void(*kinds), error_model="numpy")(function)


def integrate(functions: LanesFunctions, problem: Problem) -> Answer:
    """Values of every patient at every time of the grid.

    Parameters
    ----------
    functions
        Those of the problem's program, made with `load_functions`.
    problem
        The run, made with `pose_problem`.

    Returns
    -------
    Answer
        `values` (N, T, O), `final_states` (N, S), `status` (N,), `steps` (N,).
    """
    answer = blank_answer(problem)
    observed = np.array(observed_states(problem.program), dtype=np.int64)
    read = np.array(read_constants(problem.program), dtype=np.int64)
    entries = make_entries(problem)
    for first in range(0, problem.n_patients, BLOCK):
        patients = slice(first, first + BLOCK)
        _integrate_block(functions, problem, answer, patients, (observed, read), entries)
    return answer


def _integrate_block(
    functions: LanesFunctions,
    problem: Problem,
    answer: Answer,
    patients: slice,
    places: tuple[NDArray[np.int64], NDArray[np.int64]],
    entries: NDArray[Any],
) -> None:
    """Patients of a block, in work arrays of their own.

    `places` are those of the states that outputs are read off, and of the constants they use.
    """
    observed, read = places
    program, n_lanes = problem.program, functions.width.lanes
    heights = find_heights(program, observed.size)
    table = make_table(functions.width, sum(heights.values()))
    given = np.zeros(len(program.parameter_names))
    plain_constants, own_times = np.zeros(program.constants), np.zeros(program.changes)
    atol, rtol = np.ascontiguousarray(problem.atol), np.array([problem.rtol])
    slots = np.zeros(n_lanes, SLOT)
    picks = np.zeros(n_lanes, np.int64 if functions.width.bits == 64 else np.int32)
    marks, clock = np.zeros(len(Mark), np.int64), make_table(Width(64, n_lanes), len(Clock))
    limits = np.array([float(problem.max_steps)])
    desk = np.zeros(1, DESK)
    numbers: dict[str, Any] = {
        "start": problem.start,
        "end": problem.end,
        "first_step": problem.first_step,
        "max_steps": problem.max_steps,
        "uses_time": program.uses_time,
        "continued": problem.continued,
        "n_states": program.n_states,
        "observed": observed.ctypes.data,
        "read": read.ctypes.data,
        "picks": picks.ctypes.data,
        "marks": marks.ctypes.data,
        "clock": clock.ctypes.data,
        "limits": limits.ctypes.data,
        "atol": atol.ctypes.data,
        "rtol": rtol.ctypes.data,
        "plain_parameters": given.ctypes.data,
        "plain_constants": plain_constants.ctypes.data,
        "plain_times": own_times.ctypes.data,
        **functions.addresses,
    }
    parts = divide_table(table, heights)
    numbers |= {part: rows.ctypes.data for part, rows in parts.items()}
    for name, value in numbers.items():
        desk[name] = value
    seats = np.zeros(n_lanes, SEAT)
    seats["patient"] = VACANT
    own = np.zeros((n_lanes, program.changes), OWN)
    own["jump"] = functions.jumps
    records = make_patients(problem, patients)
    integrate_block(
        desk[0],
        (seats, slots, own, records, entries),
        picks,
        marks,
        Rows(clock=clock, **{name: parts[name] for name in Rows._fields[1:]}),
        (
            problem.parameters[patients],
            problem.initial_states[patients] if problem.continued else problem.initial_states,
            answer.final_states[patients],
            answer.values[patients],
            problem.times,
        ),
        (given, own_times),
    )
    answer.status[patients] = records["status"]
    answer.steps[patients] = records["steps"]
    for failed in np.flatnonzero(records["status"]):
        answer.values[patients][failed, records["outputs"][failed] :] = np.nan
        answer.final_states[patients][failed] = np.nan
