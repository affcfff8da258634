"""Which state or rate stopped being a finite number, of patients who failed so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from stromal.kernels.compile.program import Program
from stromal.kernels.solvers import numpy_solver
from stromal.kernels.solvers.problem import Problem
from stromal.kernels.status import Status

Floats = NDArray[np.float64]

MOST_PATIENTS = 20
"""Patients who are looked at; the first that failed."""

MOST_STEPS = 20_000
"""Steps after which nobody is looked at: it takes as long as they did."""

MOST_NAMES = 3
PROBES = 10.0 ** np.arange(-12, 5)
"""Steps to look ahead by, as shares of the first step: a root of what becomes negative is finite
where the patient stopped, and not beyond."""


def find_culprits(
    problem: Problem, status: NDArray[np.int8], steps: NDArray[np.integer]
) -> Mapping[int, str]:
    """What is not finite, in words, by the number of the patient; nothing where it is not found.

    The patients are run once more, with NumPy, up to where they fail.

    Parameters
    ----------
    problem
        The run.
    status, steps
        How each patient of it ended, and after how many steps, (N,) each.
    """
    looked_for = np.isin(status, (Status.NOT_FINITE, Status.BAD_INITIAL_STATE))
    patients = np.flatnonzero(looked_for & (steps <= MOST_STEPS))[:MOST_PATIENTS]
    if not patients.size or problem.halt[0]:
        return {}
    functions = numpy_solver.load_functions(problem.program)
    found = {}
    for patient in patients.tolist():
        alone = replace(problem.part(slice(patient, patient + 1)), times=problem.times[-1:])
        stopped = numpy_solver.find_stop(functions, alone)
        if stopped is not None:
            named = _name(functions, problem, *stopped)
            if named:
                found[patient] = named
    return found


def _name(functions: SimpleNamespace, problem: Problem, states: Floats, constants: Floats) -> str:
    """In words, what is not finite at the states (S, 1) at which a patient stopped."""
    program = problem.program
    broken = _not_finite(program, states)
    if broken:
        return f"{_list(broken)} is not a finite number"
    with np.errstate(all="ignore"):
        rates = _rates(functions, states, constants)
        broken = _not_finite(program, rates)
        for share in PROBES:
            if broken:
                break
            ahead = states + share * problem.first_step * rates
            broken = _not_finite(program, _rates(functions, ahead, constants))
    return f"the rate of {_list(broken)} is not a finite number" if broken else ""


def _rates(functions: SimpleNamespace, states: Floats, constants: Floats) -> Floats:
    rates = np.empty(states.shape)
    functions.rates(states, constants, rates)
    return rates


def _not_finite(program: Program, rows: Floats) -> list[str]:
    bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    return [program.state_names[place] for place in bad]


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return f"{shown} and {more} more" if more > 0 else shown
