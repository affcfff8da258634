"""Where the compiled loop finds things: records of numbers and addresses, and one table of rows.

The loop is given few and plain arguments, which keeps its compilation to seconds: a record
`context` of what a block of patients shares, a record for each lane and each slot, and a table
(rows, lanes) whose parts functions of the program get by address.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stromal.kernels.compile.program import Program
from stromal.kernels.solvers.lanes.width import Width
from stromal.kernels.solvers.problem import Problem
from stromal.kernels.solvers.rodas5p import STAGES

LINE = 64
"""Bytes of a cache line, and of the widest register; parts of the table begin at a multiple."""

VACANT = -1
"""The patient of a lane that has none."""

OCCUPANT = np.dtype([(name, "i8") for name in ("patient", "entry", "last_entry", "output")])
"""Of the patient in a lane: its number, its entries of the timeline to come, its next output."""

SLOT = np.dtype([("time", "f8"), ("patient", "i8"), ("output", "i8")])
"""An output that is due inside a step: when, of which patient, and its place in the grid."""

ENTRY = np.dtype(
    [(name, "f8") for name in ("time", "factor", "amount")] + [("kind", "i8"), ("target", "i8")]
)
"""A planned change, as in a timeline."""

PATIENT = np.dtype([(name, "i8") for name in ("entry", "last_entry", "status", "steps", "outputs")])
"""Which entries of the timeline are a patient's; how the patient ended, and outputs written."""

PARTS = (
    "states", "argument", "stages", "factors", "constants", "divisor", "inverse", "before",
    "estimate", "accepted", "share", "interpolants", "interpolated", "read_constants", "outputs",
    "fresh",
    "parameters", "increment", "largest", "traces",
)  # fmt: skip
"""Parts of the table. `argument` is where a stage is taken, and after the last one the new states;
`increment` is what is added to the states for that, in f32; `estimate` has rows of error, growth
and shrinkage; `interpolants` are coefficients of observed states; `largest` is how large each state
has been, and `traces` are numbers of `Trace`."""

FUNCTIONS = (
    "call_constants", "call_initial", "call_rates", "call_factor", "call_resolve", "call_observe",
    "call_estimate_error", "call_accept", "call_interpolant", "call_interpolate",
    "call_pick_constants", "call_propose", "call_decide", "call_advance",
    "call_estimate_error_apart", "call_estimate_error_sized", "call_watch",
    *(f"call_stage_{stage}" for stage in range(1, STAGES)),
)  # fmt: skip
"""Addresses of functions; those of the model's own changes stand in an array of their own."""

NUMBERS = ("max_steps", "uses_time", "continued", "n_states", "sized", "n_renewing")
"""Whole numbers of the run."""

ARRAYS = (
    "observed", "read", "picks", "marks", "clock", "sums", "limits", "atol", "rtol", "own", "sure",
    "passes", "renewing",
)  # fmt: skip
"""Arrays outside the table."""

CONTEXT = np.dtype(
    [(name, "f8") for name in ("start", "end", "first_step", "resume_step")]
    + [(name, "i8") for name in (*NUMBERS, *ARRAYS, *PARTS, *FUNCTIONS)]
)
"""Numbers of the run, and addresses of arrays, of parts of the table and of functions."""


class Rows(NamedTuple):
    """What the loop itself reads and writes: times of lanes, and parts of the table.

    `clock` has the rows of `control.Clock`; each is (rows, lanes). `sums` are the states in f64,
    which `states` are rounded from in f32; in f64 both are one.
    """

    clock: NDArray[np.float64]
    sums: NDArray[np.float64]
    states: NDArray[Any]
    fresh: NDArray[Any]
    parameters: NDArray[Any]
    share: NDArray[Any]
    interpolated: NDArray[Any]
    outputs: NDArray[Any]
    largest: NDArray[Any]
    traces: NDArray[Any]


def find_heights(program: Program, n_observed: int) -> Mapping[str, int]:
    """Rows of each part of the table."""
    n_states = program.n_states
    heights = dict.fromkeys(PARTS, 1)
    alike = (
        "states", "argument", "interpolated", "fresh", "increment", "largest", "traces",
    )  # fmt: skip
    heights |= dict.fromkeys(alike, n_states)
    heights |= {"stages": STAGES * n_states, "factors": program.factors, "estimate": 3}
    heights |= {"constants": program.constants, "read_constants": program.constants}
    heights |= {"interpolants": 3 * n_observed}
    heights |= {"outputs": len(program.output_names), "parameters": len(program.parameter_names)}
    return heights


def make_table(width: Width, n_rows: int) -> NDArray[Any]:
    """A table of zeros (rows, lanes) in the numbers of a width, which begins at a cache line."""
    kind = np.dtype(np.float64 if width.bits == 64 else np.float32)
    n_bytes = n_rows * kind.itemsize * width.lanes
    raw = np.zeros(n_bytes + LINE, np.uint8)
    offset = -raw.ctypes.data % LINE
    return raw[offset : offset + n_bytes].view(kind).reshape(n_rows, width.lanes)


def divide_table(table: NDArray[Any], heights: Mapping[str, int]) -> Mapping[str, NDArray[Any]]:
    """Each part of the table by its name, one after another, (height, lanes)."""
    ends = np.cumsum(list(heights.values()))
    return {
        part: table[end - height : end]
        for (part, height), end in zip(heights.items(), ends, strict=True)
    }


def address(array: NDArray[Any], kind: str) -> int:
    """Return where an array begins, for code that takes its numbers for those of a kind.

    Parameters
    ----------
    array
        Of any shape, element after element.
    kind
        NumPy's name of the numbers that are read there, such as `f8`.

    Raises
    ------
    AssertionError
        The array holds other numbers, so that the code would read beside them.

    Examples
    --------
    >>> array = np.zeros(2)
    >>> address(array, "f8") == array.ctypes.data
    True
    """
    assert array.dtype == np.dtype(kind), array.dtype  # noqa: S101
    assert array.flags.c_contiguous  # noqa: S101
    return int(array.ctypes.data)


def make_entries(problem: Problem) -> NDArray[Any]:
    """The planned changes of all patients as records."""
    timeline = problem.timeline
    entries = np.zeros(timeline.times.size, ENTRY)
    entries["time"], entries["kind"] = timeline.times, timeline.kinds
    entries["target"], entries["factor"] = timeline.targets, timeline.factors
    entries["amount"] = timeline.amounts
    return entries


def make_patients(problem: Problem, patients: slice) -> NDArray[Any]:
    """A record for each patient of a block."""
    plans, offsets = problem.timeline.plans[patients], problem.timeline.offsets
    records = np.zeros(plans.size, PATIENT)
    records["entry"], records["last_entry"] = offsets[plans], offsets[plans + 1]
    return records
