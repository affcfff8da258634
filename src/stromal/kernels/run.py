"""A run: everything that `solve` is given, read, checked and put in the form that chunks want."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass, replace
from functools import partial
from math import inf

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stromal.errors import InvalidInput, Issue, IssueList
from stromal.kernels.arguments import check_counts, check_truths, is_listed, read_number
from stromal.kernels.backends import Backend, find_backend
from stromal.kernels.covariates import add_covariates, read_covariates
from stromal.kernels.door import Accuracy, Read, Schedule, Work, check_groups
from stromal.kernels.inputs import (
    Parameters,
    check_patients,
    check_window,
    complete_parameters,
    find_bad_volumes,
    read_parameters,
    read_reducers,
    read_saved_states,
    read_start,
    read_timeline,
    read_times,
    read_tolerances,
    spread_states,
)
from stromal.kernels.kernel import Kernel, check_kernel
from stromal.kernels.reducers import Reducer, read_all
from stromal.kernels.settling import Settling, plan_settling
from stromal.kernels.solvers.problem import Problem, pose_problem
from stromal.kernels.solvers.step import LEAST_STATE_F32
from stromal.kernels.status import Status
from stromal.kernels.timeline import Kind, Timeline
from stromal.kernels.times.plan import Course, Timed, plan_known_times
from stromal.progress import check_progress

Floats = NDArray[np.float64]


class UnknownTimes(UserWarning):
    """A condition on time that the solver is not told of, so that a step may pass over it."""


CHUNK_BYTES = 64_000_000
"""Size of the trajectories of one chunk, which are let go when they have been reduced."""

FEWEST = 256
"""Patients of a chunk, where there are as many: back ends work on several at once."""

FEWEST_APART = 64
"""The same where patients have days of their own, each of which is a point for all of a chunk."""

MOST_INTERVALS = 1_000_000
"""Intervals that reducers may ask for."""

LEAST_RTOL = 1e-6
"""Smallest relative tolerance that numbers of seven digits can be asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Everything that a run of N patients needs, checked.

    Parameters
    ----------
    kernel, backend
        What is run, and by what.
    problem
        What the back end is asked.
    reducers, intervals, keep
        What is kept of each trajectory.
    reads_all
        Whether the whole run is read: by reducers, or to look at sizes that may change.
    ended
        Codes of `Status` of patients who cannot be run, (N,), such as those with a volume that is
        not positive, else of `DONE`; their parameters are made NaN.
    workers, chunk
        Threads, and patients at a time on each.
    settling
        What is repeated before the start, where doses are at steady state.
    """

    kernel: Kernel
    backend: Backend
    problem: Problem
    reducers: tuple[Reducer, ...]
    intervals: int
    keep: bool
    reads_all: bool
    ended: NDArray[np.int8]
    workers: int
    chunk: int
    settling: Settling | None = None

    def part(self, patients: slice) -> Run:
        """The run of some of the patients."""
        return replace(
            self,
            problem=self.problem.part(patients),
            reducers=tuple(reducer.part(patients) for reducer in self.reducers),
            ended=self.ended[patients],
            settling=self.settling and self.settling.part(patients),
        )


def pose_run(
    kernel: Kernel,
    parameters: Parameters,
    read: Read,
    *,
    schedule: Schedule = Schedule(),
    accuracy: Accuracy = Accuracy(),
    work: Work = Work(),
) -> Run:
    """The run that the arguments of `solve` ask for: the one place where they are checked.

    Returns
    -------
    Run
        Ready to be worked on.

    Raises
    ------
    InvalidInput
        Every issue of the arguments: first of each by itself, then of how they fit together.

    Examples
    --------
    >>> from stromal.kernels.kernel import compile_kernel
    >>> from stromal.models.parse import read_model
    >>> kernel = compile_kernel(read_model("x = 1; k = 1; x' = -k*x"), outputs=["x"], vary=["k"])
    >>> run = pose_run(kernel, {"k": [0.5, 1.0]}, Read([0, 9]))
    >>> run.backend.name, run.problem.n_patients, run.problem.end
    ('numpy', 2, 9.0)
    """
    check_kernel(kernel)
    check_groups(read, schedule, accuracy, work)
    found = IssueList()
    wanted = {"threads": work.threads, "chunk": work.chunk}
    counts = {name: count for name, count in wanted.items() if count is not None}
    found.of(check_counts, max_steps=accuracy.max_steps, **counts)
    found.of(check_truths, keep=read.keep)
    found.of(check_counts, MOST_INTERVALS, intervals=read.intervals)
    found.of(check_progress, work.progress)
    rtol = found.of(read_number, accuracy.rtol, "rtol")
    resume_step = found.of(_read_resume_step, accuracy.resume_step)
    begin = found.of(read_start, kernel, schedule.start)
    asked = found.of(read_times, read.times)
    summaries = found.of(read_reducers, kernel, read.reducers)
    saved = found.of(read_saved_states, kernel, schedule.initial_states)
    rows = len(saved) if saved is not None and saved.ndim == 2 else 1
    table = found.of(read_parameters, kernel, parameters, rows)
    found.stop()
    patients, end = len(table), float(asked[-1])
    found.of(check_window, asked, begin, summaries)
    found.of(check_patients, summaries, patients)
    chosen = found.of(find_backend, work.backend, patients, accuracy.precision, len(kernel.states))
    length = end - begin
    precision = str(accuracy.precision)
    tolerances = found.of(read_tolerances, kernel, accuracy.atol, precision, length)
    found.of(_check_tolerances, precision, rtol, tolerances, told=accuracy.atol is not None)
    states = found.of(spread_states, kernel, saved, patients)
    doses = schedule.doses
    if not isinstance(doses, pl.DataFrame) and is_listed(doses):
        doses = tuple(doses)  # they may be read only once, and are looked at twice
    driven = partial(read_covariates, kernel, schedule.covariates, patients, start=begin, end=end)
    visits = found.of(driven)
    changes = found.of(add_covariates, schedule.parameter_changes, visits or [], patients)
    planned = (doses, schedule.jumps, changes)
    timeline = found.of(read_timeline, kernel, patients, *planned, start=begin, end=end)
    found.stop()
    plan = partial(plan_settling, kernel, patients, doses, timeline, start=begin, end=end)
    settling = found.of(plan)
    found.of(_check_one_origin, settling, saved)
    found.stop()
    table, timeline, ended = _time_everything(kernel, table, timeline, states, (begin, end))
    spoilt = ended != Status.DONE
    problem = pose_problem(
        kernel.program,
        np.where(spoilt[:, None], np.nan, table) if spoilt.any() else table,
        states,
        timeline,
        asked,
        rtol,
        tolerances[0],
        accuracy.max_steps,
        share=tolerances[1],
        start=begin,
        resume_step=resume_step if states is not None else 0.0,
    )
    changed = bool(kernel.watched) and bool((timeline.kinds == Kind.PARAMETER).any())
    whole = read_all(summaries) or kernel.moving or changed
    workers = work.threads or os.cpu_count() or 1
    return Run(
        kernel=kernel,
        backend=chosen,
        problem=problem,
        reducers=summaries,
        intervals=read.intervals,
        keep=read.keep,
        reads_all=whole,
        ended=ended,
        workers=workers,
        chunk=work.chunk or _suit_chunk(problem, read.intervals if whole else 0, workers),
        settling=settling,
    )


def _read_resume_step(given: float | None) -> float:
    """Return the step to go on with, 0 where none is given; one that does not go on is refused."""
    if given is None:
        return 0.0
    found = read_number(given, "resume_step")
    if not 0.0 < found < inf:
        hint = "write a step of more than zero, in the time of the model, or leave it out"
        raise InvalidInput([Issue("resume_step is no step", column="resume_step", hint=hint)])
    return found


def warn_of_times(kernel: Kernel) -> None:
    """Warn of conditions on time that a step may pass over, where a kernel has some."""
    if kernel.open_times:
        warnings.warn(
            f"{kernel.name}: when these change cannot be worked out before a run, and a step may "
            f"pass over it: {'; '.join(kernel.open_times)}. Write them with sums, products, "
            "powers and exponentials of time, or as events",
            UnknownTimes,
            stacklevel=3,
        )


def _check_one_origin(settling: Settling | None, saved: Floats | None) -> None:
    """Refuse saved states beside doses at steady state, which say what states are at the start."""
    if settling is not None and saved is not None:
        message = "initial_states are given beside doses at steady state, which say what states are"
        raise InvalidInput([Issue(message, column="initial_states", hint="leave one of them out")])


def _time_everything(
    kernel: Kernel,
    table: Floats,
    timeline: Timeline,
    states: Floats | None,
    window: tuple[float, float],
) -> Timed:
    """Parameters and timeline with all that happens by itself, and who cannot be run."""
    names = () if kernel.clock is None else kernel.clock.known
    columns = [kernel.states.index(name) for name in names]
    timed = plan_known_times(
        kernel.clock,
        kernel.program,
        complete_parameters(kernel, table),
        timeline,
        Course(*window, known=None if states is None else states[:, columns]),
    )
    timed.ended[find_bad_volumes(kernel, table)] = Status.BAD_VOLUME
    return timed


def _suit_chunk(problem: Problem, intervals: int, workers: int) -> int:
    """Patients of a chunk, so that its trajectories fit the memory set aside for them.

    Where `intervals` are read, every change of a patient is two points more for its chunk.
    """
    timeline, points = problem.timeline, problem.times.size + intervals
    share = max(-(-problem.n_patients // workers), FEWEST)
    if intervals:
        days = np.unique(timeline.times).size
        own = max(int(np.diff(timeline.offsets).max(initial=0)), 1)
        if 2 * days > points:
            share = min(share, max(FEWEST_APART, points // (2 * own)))
        points += 2 * min(days, own * share)
    most = CHUNK_BYTES // (8 * points * len(problem.program.output_names))
    return max(min(most, share), 1)


def _check_tolerances(
    precision: str, rtol: float, read: tuple[Floats, Floats] | None, *, told: bool
) -> None:
    """Tolerances that are none, or that the caller has `told` and numbers of f32 cannot keep."""
    issues, atol = [], np.ones(1) if read is None else read[0]
    if not 0 < rtol < 1:
        hint = "give a share of each number, such as 1e-4"
        issues.append(Issue(f"relative tolerance is {rtol:g}, not between 0 and 1", hint=hint))
    elif precision == "f32" and rtol < LEAST_RTOL:
        message = f"rtol is {rtol:g}, which numbers of seven digits cannot keep"
        hint = "ask for 1e-5 or more, or leave `precision` at f64"
        issues.append(Issue(message, hint=hint))
    if not (np.isfinite(atol) & (atol > 0)).all():
        hint = "say below what size each state does not matter"
        issues.append(Issue("an absolute tolerance is not a positive number", hint=hint))
    elif precision == "f32" and told and atol.min(initial=np.inf) < LEAST_STATE_F32:
        message = f"atol is {atol.min():g}; states of f32 below {LEAST_STATE_F32:g} become zero"
        hint = "give a larger one, or leave `precision` at f64"
        issues.append(Issue(message, hint=hint))
    if issues:
        raise InvalidInput(issues)
