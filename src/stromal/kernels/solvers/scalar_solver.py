"""One patient after another in compiled code: the reference that anyone can read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from stromal.kernels.compile.program import Program, functions_in
from stromal.kernels.solvers.compiled import compiled_for_c
from stromal.kernels.solvers.problem import Answer, Problem, empty_answer
from stromal.kernels.solvers.scalar_loop import Run, integrate_patients, make_work
from stromal.kernels.solvers.scalar_names import SCALAR_NAMES

BLOCK = 256
"""Patients of one call of compiled code; between two calls a run can be interrupted."""


@dataclass(frozen=True, slots=True, eq=False)
class ScalarFunctions:
    """The functions of a program as machine code, by their addresses.

    `addresses` are in the order of `scalar_calls`; `kept` holds what lives there.
    """

    addresses: NDArray[np.int64]
    kept: tuple[Any, ...]


def load_functions(program: Program) -> ScalarFunctions:
    """Compile the functions of a program for one patient at a time, or find them in the cache.

    Examples
    --------
    >>> import sympy
    >>> from stromal.kernels.compile.program import compile_program
    >>> from stromal.models.odes import Odes
    >>> x, k = sympy.symbols("x k", real=True)
    >>> decay = Odes("decay", (x,), (-k * x,), (sympy.Integer(1),), (k,), (0.5,), {"x": x})
    >>> load_functions(compile_program(decay, outputs=["x"], vary=["k"])).addresses.size
    6
    """
    made = functions_in(program, SCALAR_NAMES, decorate=_compile, variant="scalar")
    functions = (
        made.constants,
        made.initial,
        made.rates,
        made.factor,
        made.resolve,
        made.observe,
        *made.jumps,
    )
    addresses = np.array([function.address for function in functions], dtype=np.int64)
    return ScalarFunctions(addresses, functions)


def _compile(function: Callable[..., None]) -> Any:  # noqa: ANN401 - a C function has no type
    """A C function of pointers to numbers; the argument `d` is a number itself."""
    pointer = types.CPointer(types.float64)  # type: ignore[no-untyped-call]
    kinds = [types.float64 if name == "d" else pointer for name in signature(function).parameters]
    return compiled_for_c(function, kinds)


def integrate(functions: ScalarFunctions, problem: Problem) -> Answer:
    """Patients one after another; `problem` says what is asked and what is answered."""
    answer = empty_answer(problem)
    run = _make_run(functions, problem)
    for first in range(0, problem.n_patients, BLOCK):
        _integrate_block(run, problem, answer, slice(first, first + BLOCK))
    return answer


def _make_run(functions: ScalarFunctions, problem: Problem) -> Run:
    """What the compiled loop shares among patients."""
    program, timeline = problem.program, problem.timeline
    return Run(
        program=functions.addresses,
        uses_time=program.uses_time,
        continued=problem.continued,
        observed=np.array(program.reads, dtype=np.int64),
        entry_times=timeline.times,
        entry_kinds=timeline.kinds,
        entry_targets=timeline.targets,
        entry_factors=timeline.factors,
        entry_amounts=timeline.amounts,
        times=problem.times,
        start=problem.start,
        end=problem.end,
        first_step=problem.first_step,
        resume_step=problem.resume_step,
        rtol=problem.rtol,
        atol=problem.atol,
        share=problem.share,
        renewing=np.array(program.renewing, dtype=np.int64),
        max_steps=problem.max_steps,
        halt=problem.halt,
    )


def _integrate_block(run: Run, problem: Problem, answer: Answer, patients: slice) -> None:
    """Patients of a block, in work arrays of their own."""
    program = problem.program
    work = make_work(
        len(program.parameter_names),
        (program.constants, program.n_states, program.factors),
        run.observed.size,
    )
    saved = problem.initial_states[patients] if problem.continued else work.states[None, :].copy()
    integrate_patients(
        run,
        work,
        problem.parameters[patients],
        saved,
        problem.timeline.plans[patients],
        problem.timeline.offsets,
        (
            answer.values[patients],
            answer.final_states[patients],
            answer.status[patients],
            answer.steps[patients],
            answer.traces[patients],
        ),
    )
