"""What every back end is asked, and the form of its answer.

A run is posed once, by `pose_problem`. Every back end has two functions:

    load_functions(program) -> functions
    integrate(functions, problem) -> Answer

`functions` are those of the problem's program, as the back end wants them. A run of many patients
is integrated part by part (`Problem.part`), side by side on threads of the caller.

At the start: a change of a parameter before the start holds from the start on, and everything
planned at the start is done. The model's own changes, and those of its switches, are entries of
the timeline (`times`), worked out before the run is posed, so that whoever reads a trajectory
around them has the very times that it was integrated with.

The run ends at the last time of the output grid, and its final states are those after the changes
at that instant. An output at the instant of a change shows the value after it. Each patient's
numbers depend on that patient alone: they are the same, to the bit, for any part that the patient
is in and in any order of patients.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stromal.kernels.compile.program import Program
from stromal.kernels.solvers.step import choose_first_step
from stromal.kernels.timeline import Timeline

Precision = Literal["f64", "f32"]
"""Numbers that states are kept in: of sixteen digits, or of seven."""


class Answer(NamedTuple):
    """What a back end gives for N patients, T times, O outputs and S states.

    `values` (N, T, O) and `final_states` (N, S) are NaN from the time of a failure on; `status`
    (N,) are codes of `Status`; `steps` (N,) counts attempted steps; `traces` (N, S) are codes of
    `Trace`.
    """

    values: NDArray[np.float64]
    final_states: NDArray[np.float64]
    status: NDArray[np.int8]
    steps: NDArray[np.int32]
    traces: NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A run as arrays of the kind that the loops want; made by `pose_problem`.

    Parameters
    ----------
    program
        What was compiled from a model, with S states and O outputs.
    parameters
        (N, P), a row for each patient.
    initial_states
        (N, S) to go on from at `start`; no rows where the model's own are meant.
    continued
        Whether the run goes on from saved states.
    timeline
        What happens to each patient.
    times
        (T,), the sorted output grid.
    start, end
        Of the run.
    first_step
        First step, and largest step right after a change.
    resume_step
        First step of a run that goes on from saved states, where nothing changes at its start; 0
        where every run begins anew.
    rtol, atol
        Relative tolerance, and absolute tolerance of each state (S,).
    share
        Of the largest that each state has been (S,): the absolute tolerance is at least `rtol`
        times it. Where it is above zero, steps in which a state outgrows itself are held to less.
    max_steps
        Attempted steps that a patient may take.
    halt
        One number, shared by all parts: as soon as it is not 0, back ends stop where they are.
    """

    program: Program
    parameters: NDArray[np.float64]
    initial_states: NDArray[np.float64]
    continued: bool
    timeline: Timeline
    times: NDArray[np.float64]
    start: float
    end: float
    first_step: float
    rtol: float
    atol: NDArray[np.float64]
    share: NDArray[np.float64]
    max_steps: int
    resume_step: float = 0.0
    halt: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, np.int64))

    @property
    def n_patients(self) -> int:
        """Rows of the parameters."""
        return len(self.parameters)

    def part(self, patients: slice) -> Problem:
        """The run of some of the patients; nothing is copied."""
        return replace(
            self,
            parameters=self.parameters[patients],
            initial_states=self.initial_states[patients],
            timeline=self.timeline.select(patients),
        )

    def seen_at(self, times: NDArray[np.float64]) -> Problem:
        """The run read at other times between its start and its end, (T,), sorted."""
        return replace(self, times=_own(times))


def pose_problem(  # noqa: PLR0913 - everything about a run is said in one place
    program: Program,
    parameters: ArrayLike,
    initial_states: ArrayLike | None,
    timeline: Timeline,
    times: ArrayLike,
    rtol: float,
    atol: ArrayLike,
    max_steps: int,
    *,
    share: ArrayLike = 0.0,
    start: float | None = None,
    first_step: float | None = None,
    resume_step: float = 0.0,
) -> Problem:
    """A run as arrays of one form; `pose_run` has checked what they come from.

    Numbers that are not finite in `parameters` and `initial_states` are no issue here: such a
    patient gets a status of its own.

    Parameters
    ----------
    program
        What was compiled from a model.
    parameters
        A row for each patient, (N, P).
    initial_states
        A row of saved states for each patient, (N, S), or None for the model's own.
    timeline
        What happens to each patient.
    times
        Sorted output grid, (T,); repeated times are allowed. The run ends at the last one.
    rtol, atol
        Relative tolerance, and absolute tolerance: one number, or one for each state (S,).
    max_steps
        Attempted steps that a patient may take.
    share
        Of the largest that a state has been: one number, or one for each state (S,).
    start
        Of the run; the program's own by default.
    first_step
        First step, and largest step right after a change; a ten-thousandth of the run by default.

    Examples
    --------
    >>> import sympy
    >>> from stromal.kernels.compile.program import compile_program
    >>> from stromal.kernels.timeline import no_changes
    >>> from stromal.models.odes import Odes
    >>> x, k = sympy.symbols("x k", real=True)
    >>> odes = Odes("decay", (x,), (-k * x,), (sympy.Integer(1),), (k,), (0.5,), {"x": x})
    >>> program = compile_program(odes, outputs=["x"], vary=["k"])
    >>> rates = [[0.5], [1.0], [2.0]]
    >>> problem = pose_problem(program, rates, None, no_changes(3), [0, 9], 1e-4, 1e-7, 1000)
    >>> problem.end, problem.part(slice(1, 3)).parameters.tolist()
    (9.0, [[1.0], [2.0]])
    """
    begin = program.start if start is None else float(start)
    grid = _own(times)
    n_states = len(program.state_names)
    saved = np.zeros((0, n_states)) if initial_states is None else np.asarray(initial_states)
    tolerances = _own(np.broadcast_to(np.asarray(atol, np.float64), (n_states,)))
    end = float(grid[-1]) if grid.size else begin
    problem = Problem(
        program=program,
        parameters=_own(parameters),
        initial_states=_own(saved),
        continued=initial_states is not None,
        timeline=timeline,
        times=grid,
        start=begin,
        end=end,
        first_step=choose_first_step(begin, end) if first_step is None else float(first_step),
        rtol=float(rtol),
        atol=tolerances,
        share=_own(np.broadcast_to(np.asarray(share, np.float64), (n_states,))),
        max_steps=int(max_steps),
        resume_step=float(resume_step),
    )
    _assert_posed(problem)
    return problem


def empty_answer(problem: Problem) -> Answer:
    """An answer in which nothing has been computed yet: values are NaN, every status is done."""
    answer = blank_answer(problem)
    answer.values.fill(np.nan)
    answer.final_states.fill(np.nan)
    answer.status.fill(0)
    answer.steps.fill(0)
    answer.traces.fill(0)
    return answer


def blank_answer(problem: Problem) -> Answer:
    """An answer whose arrays hold anything, for a back end that writes every element of them."""
    program, n_patients = problem.program, problem.n_patients
    return Answer(
        np.empty((n_patients, problem.times.size, len(program.output_names))),
        np.empty((n_patients, len(program.state_names))),
        np.empty(n_patients, np.int8),
        np.empty(n_patients, np.int32),
        np.empty((n_patients, len(program.state_names)), np.int8),
    )


def _own(values: ArrayLike) -> NDArray[np.float64]:
    """The numbers as an array of the one kind that compiled loops are compiled for."""
    return np.require(values, np.float64, ["C", "W"])


def _assert_posed(problem: Problem) -> None:
    """Arrays fit each other and the program, or compiled loops would read beside them."""
    program, patients = problem.program, problem.n_patients
    assert problem.parameters.shape == (patients, len(program.parameter_names))  # noqa: S101
    saved = (patients if problem.continued else 0, len(program.state_names))
    assert problem.initial_states.shape == saved  # noqa: S101
    assert problem.timeline.n_patients == patients  # noqa: S101
    grid = np.concatenate([[problem.start], problem.times])
    assert np.isfinite(grid).all()  # noqa: S101
    assert (np.diff(grid) >= 0).all()  # noqa: S101
