"""Several patients in the lanes of each vector register: the fast back end of large runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stromal.errors import InvalidInput, Issue
from stromal.kernels.compile.program import Program, without_header
from stromal.kernels.solvers.lanes.context import (
    CONTEXT,
    OCCUPANT,
    SLOT,
    VACANT,
    Rows,
    address,
    divide_table,
    find_heights,
    make_entries,
    make_patients,
    make_table,
)
from stromal.kernels.solvers.lanes.control import Clock, Mark, write_control
from stromal.kernels.solvers.lanes.loop import integrate_block
from stromal.kernels.solvers.lanes.machine_code import MachineCode, Unit, compile_units
from stromal.kernels.solvers.lanes.method import (
    LEAST_SCALE,
    TOGETHER,
    write_accumulation,
    write_method,
)
from stromal.kernels.solvers.lanes.width import Width, choose_width
from stromal.kernels.solvers.problem import (
    Answer,
    Precision,
    Problem,
    blank_answer,
)
from stromal.kernels.solvers.step import LET_PASS

BLOCK = 2048
"""Patients of one call of compiled code; between two calls a run can be interrupted."""

TOO_NARROW = "the processor has no vector registers of 256 bits with fused multiply-add"

OF_PROGRAM = ("constants", "initial", "rates", "factor", "resolve", "observe")
TOLERANCES = ("atol", "rtol", "own", "sure", "passes")
"""Arguments that are one number for all lanes."""

CONTROL = ("inverse", "divisor", "before", "estimate", "accepted", "states")
"""Arguments of step control that are rows of the program's precision; its times are f64."""


@dataclass(frozen=True, slots=True, eq=False)
class LanesFunctions:
    """The functions of a program as machine code of one width, by their addresses.

    `addresses` are those of `context`; `jumps` those of the model's own changes; `kept` is where
    they live.
    """

    width: Width
    addresses: dict[str, int]
    jumps: tuple[int, ...]
    kept: MachineCode


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
    name = f"{program.text_digest[:24]}-{chosen.name}"
    code = compile_units(name, write_units(program, chosen))
    jumps = [f"jump_{number}" for number in range(program.changes)]
    return LanesFunctions(
        chosen,
        {f"call_{name}": at for name, at in code.addresses.items() if name not in jumps},
        tuple(code.addresses[jump] for jump in jumps),
        code,
    )


def write_units(program: Program, width: Width) -> list[Unit]:
    """Texts of everything that is compiled for a program: its own, the method's and control."""
    text = _divisor_from_row(without_header(program.lanes_source))
    method = write_method(
        program.n_states,
        len(program.reads),
        len(program.reads_constants),
        width.bits,
        n_renewing=len(program.renewing),
        uses_time=program.uses_time,
    )
    jumps = (f"jump_{number}" for number in range(program.changes))
    units = [
        Unit(text, width, adds=frozenset({"rates"}), wanted=frozenset({*OF_PROGRAM, *jumps})),
        Unit(method, width, dict.fromkeys(TOLERANCES, "f64") | _PLACES),
        control_unit(program.n_states, width, uses_time=program.uses_time),
    ]
    if width.bits == 32:
        rows = dict.fromkeys(("u", "n", "accepted", "y"), "f32")
        units.append(Unit(write_accumulation(program.n_states), Width(64, width.lanes), rows))
    return units


def why_not() -> str | None:
    """Why lanes cannot run on this machine; None where they can."""
    return None if choose_width() else TOO_NARROW


def control_unit(n_states: int, width: Width, *, uses_time: bool) -> Unit:
    """Text of step control: in f64, beside states of the width."""
    elements = dict.fromkeys(CONTROL, f"f{width.bits}") | {"limits": "f64", "marks": "i64"}
    text = write_control(n_states, width.bits, uses_time=uses_time)
    return Unit(text, Width(64, width.lanes), elements)


_PLACES = dict.fromkeys(("observed", "read", "renewing"), "i64")


def _divisor_from_row(text: str) -> str:
    """`factor` with d given, as all other arguments are, as rows of lanes."""
    head, begin, body = text.partition("def factor(y, c, d, f, w):\n")
    about, newline, rest = body.partition("\n")
    return f"{head}{begin}{about}{newline}    d = load(d, 0)\n{rest}"


def integrate(functions: LanesFunctions, problem: Problem) -> Answer:
    """Patients in lanes, block by block; `problem` says what is asked and what is answered."""
    answer = blank_answer(problem)
    observed = np.array(problem.program.reads, dtype=np.int64)
    read = np.array(problem.program.reads_constants, dtype=np.int64)
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
    tolerances = _tolerances(problem)
    atol, own = tolerances["atol"], tolerances["own"]
    renewing = np.array(program.renewing, np.int64)
    slots = np.zeros(n_lanes, SLOT)
    picks = np.zeros(n_lanes, np.int64 if functions.width.bits == 64 else np.int32)
    marks, clock = np.zeros(len(Mark), np.int64), make_table(Width(64, n_lanes), len(Clock))
    limits = np.array([float(problem.max_steps)])
    parts = divide_table(table, heights)
    apart = functions.width.bits == 32
    sums = make_table(Width(64, n_lanes), program.n_states) if apart else parts["states"]
    context = np.zeros(1, CONTEXT)
    numbers: dict[str, Any] = {
        "start": problem.start,
        "end": problem.end,
        "first_step": problem.first_step,
        "resume_step": problem.resume_step,
        "max_steps": problem.max_steps,
        "uses_time": program.uses_time,
        "continued": problem.continued,
        "n_states": program.n_states,
        "observed": address(observed, "i8"),
        "read": address(read, "i8"),
        "picks": address(picks, f"i{functions.width.bits // 8}"),
        "marks": address(marks, "i8"),
        "clock": address(clock, "f8"),
        "sums": address(sums, "f8"),
        "limits": address(limits, "f8"),
        **{name: address(array, "f8") for name, array in tolerances.items()},
        "renewing": address(renewing, "i8"),
        "n_renewing": renewing.size,
        "sized": bool(own.any()),
        **functions.addresses,
    }
    if TOGETHER[functions.width.bits] > 1 and atol.min(initial=np.inf) < LEAST_SCALE:
        numbers["call_estimate_error"] = numbers["call_estimate_error_apart"]
    numbers |= {
        part: address(rows, f"f{functions.width.bits // 8}") for part, rows in parts.items()
    }
    for name, value in numbers.items():
        context[name] = value
    occupants = np.zeros(n_lanes, OCCUPANT)
    occupants["patient"] = VACANT
    jumps = np.array(functions.jumps, np.int64)
    records = make_patients(problem, patients)
    integrate_block(
        context[0],
        (occupants, slots, jumps, records, entries),
        picks,
        marks,
        Rows(clock=clock, sums=sums, **{name: parts[name] for name in Rows._fields[2:]}),
        (
            problem.parameters[patients],
            problem.initial_states[patients] if problem.continued else problem.initial_states,
            answer.final_states[patients],
            answer.values[patients],
            problem.times,
            given,
        ),
        (atol, problem.rtol * own, answer.traces[patients]),
        problem.halt,
    )
    answer.status[patients] = records["status"]
    answer.steps[patients] = records["steps"]
    for failed in np.flatnonzero(records["status"]):
        answer.values[patients][failed, records["outputs"][failed] :] = np.nan
        answer.final_states[patients][failed] = np.nan


def _tolerances(problem: Problem) -> dict[str, NDArray[np.float64]]:
    """Numbers of the error's weights, by their names in the text of the method."""
    own = np.ascontiguousarray(problem.share)
    return {
        "atol": np.ascontiguousarray(problem.atol),
        "rtol": np.array([problem.rtol]),
        "own": own,
        # a state with an absolute tolerance of its own is never let pass: nothing outgrows this
        "sure": np.where(own > 0.0, 0.0, float(np.finfo(np.float32).max)),
        "passes": np.minimum(np.array(LET_PASS), 1.0 / problem.rtol),
    }
