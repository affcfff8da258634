"""One call for many patients."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stromal.errors import InvalidInput, Issue
from stromal.kernels.backends import Backend, BackendName, find_backend
from stromal.kernels.grid import Grid, make_grid, own_points
from stromal.kernels.inputs import (
    Doses,
    Jumps,
    ParameterChanges,
    Parameters,
    find_bad_volumes,
    read_initial_states,
    read_parameters,
    read_timeline,
    read_tolerances,
)
from stromal.kernels.kernel import Kernel, closest, slope_name
from stromal.kernels.numbers import check_counts, read_number, read_numbers
from stromal.kernels.progress import Clock, Tell
from stromal.kernels.reducers import Reducer, Track
from stromal.kernels.solution import Solution
from stromal.kernels.solvers.problem import Precision, Problem, observed_states, pose_problem
from stromal.kernels.status import Status
from stromal.kernels.timeline import Kind

Floats = NDArray[np.float64]

CHUNK_BYTES = 64_000_000
"""Size of the trajectories of one chunk, which are let go when they have been reduced."""

FEWEST = 256
"""Patients of a chunk, where there are as many: back ends work on several at once."""

LEAST_RTOL = 1e-6
"""Smallest relative tolerance that numbers of seven digits can be asked for."""


def solve(  # noqa: PLR0913 - everything about a run is said in one place
    kernel: Kernel,
    parameters: Parameters = None,
    *,
    times: ArrayLike,
    doses: Doses = None,
    jumps: Jumps = None,
    parameter_changes: ParameterChanges = None,
    initial_states: ArrayLike | None = None,
    start: float | None = None,
    reducers: Sequence[Reducer] = (),
    intervals: int = 720,
    keep: bool = True,
    backend: BackendName = "auto",
    precision: Precision = "f64",
    rtol: float = 1e-4,
    atol: float | Mapping[str, float] | ArrayLike | None = None,
    threads: int | None = None,
    chunk: int | None = None,
    max_steps: int = 100_000,
    progress: Tell | None = None,
) -> Solution:
    """Run a kernel for every patient.

    The same numbers come out, to the bit, for any number of threads, any chunk and any order of
    patients; back ends agree with each other within the tolerance.

    Parameters
    ----------
    kernel
        What `compile_kernel` gives.
    parameters
        Numbers or arrays (N,) by name, a Polars table with a column for each, or an array (N, P).
        Parameters that are left out keep the model's value. A patient whose parameters are not
        finite numbers, or whose volumes are not positive, gets a status and no values.
    times
        Times to give outputs at, sorted; the run ends at the last one.
    doses, jumps, parameter_changes
        Tables (`patient`, `day`, and `state`, `amount`; `state`, `factor`; `parameter`, `value`) or
        lists of `Dose`, `Jump`, `ParameterChange`. An output at the time of a change shows the
        value after it. A dose adds to a state: for a species, to its amount.
    initial_states
        `final_states` of a run before, (N, S), to go on from at `start`; the model's own changes up
        to `start` are taken as done. The step size begins anew, so that a run in two parts equals
        one in one part within the tolerance, not to the bit.
    start
        Time of the start; the model's own by default.
    reducers
        What is computed of each trajectory, whether or not it is kept.
    intervals
        Reducers read outputs on the asked times and on this many equal intervals of the run.
    keep
        Whether values are kept: N x T x O numbers.
    backend
        `auto`, `numpy`, `scalar`, `lanes` or `gpu`.
    precision
        `f64`, or `f32` for faster lanes of numbers of about seven digits. These are for populations
        at an `rtol` of about 1e-5 or more, where rounding stays below the error of the method; less
        than 1e-6 is refused. They are no reference, and nothing for a tight tolerance or for small
        differences of large numbers. Times are kept in f64 throughout.
    rtol, atol
        Relative and absolute tolerance; `atol` is one number, one for each state, or numbers by the
        names of states, and a thousandth of `rtol` where nothing is said.
    threads
        Threads to work with; as many as the machine has cores by default.
    chunk
        Patients at a time on each thread; chosen by memory when left out.
    max_steps
        Steps after which a patient is given up.
    progress
        Is told how far the run is after every chunk.

    Returns
    -------
    Solution
        Values, reduced values, final states and how each patient ended.

    Raises
    ------
    InvalidInput
        Every issue of the arguments, before anything is run.

    Examples
    --------
    >>> from stromal.kernels.kernel import compile_kernel
    >>> import polars as pl
    >>> from stromal.kernels.reducers import TimeAbove
    >>> from stromal.models.parse import read_model
    >>> model = read_model("drug = 0; k = 0.5; drug' = -k * drug;")
    >>> kernel = compile_kernel(model, outputs=["drug"], vary=["k"], dosed=["drug"])
    >>> doses = pl.DataFrame({"day": [0.0], "state": ["drug"], "amount": [8.0]})
    >>> solution = solve(
    ...     kernel,
    ...     {"k": [0.5, 1.0]},
    ...     times=[0, 1, 4],
    ...     doses=doses,
    ...     reducers=[TimeAbove("drug", 2.0)],
    ... )
    >>> solution.output("drug").round(3)
    array([[8.   , 4.852, 1.083],
           [8.   , 2.943, 0.147]])
    >>> solution.reduced["time_above_2(drug)"].round(3)
    array([2.773, 1.386])
    """
    reducers = tuple(reducers)
    begins = kernel.program.start if start is None else read_number(start, "start")
    asked, begin = _read_times(times, begins)
    rtol = read_number(rtol, "rtol")
    _check_reducers(kernel, reducers, begin, float(asked[-1]))
    check_counts(intervals=intervals, threads=threads, chunk=chunk, max_steps=max_steps)
    _check_precision(precision, rtol)
    table = read_parameters(kernel, parameters, initial_states)
    spoilt = find_bad_volumes(kernel, table)
    chosen = find_backend(backend, len(table), precision)
    problem = pose_problem(
        kernel.program,
        np.where(spoilt[:, None], np.nan, table) if spoilt.any() else table,
        read_initial_states(kernel, initial_states, len(table)),
        read_timeline(
            kernel, len(table), doses, jumps, parameter_changes, start=begin, end=float(asked[-1])
        ),
        asked,
        rtol,
        read_tolerances(kernel, rtol, atol),
        max_steps,
        start=begin,
    )
    run = _Run(
        kernel=kernel,
        backend=chosen,
        problem=problem,
        reducers=tuple(reducers),
        intervals=intervals,
        keep=keep,
        model_changes=np.empty((len(table), 0)),
    )
    workers = threads or os.cpu_count() or 1
    solution = _run_chunks(_model_changes(run), workers, chunk or run.suit(workers), progress)
    solution.status[spoilt] = Status.BAD_VOLUME
    return solution


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """Everything that a chunk of patients needs, checked."""

    kernel: Kernel
    backend: Backend
    problem: Problem
    reducers: tuple[Reducer, ...]
    intervals: int
    keep: bool
    model_changes: Floats

    def suit(self, workers: int) -> int:
        """Patients of a chunk, so that its trajectories fit the memory set aside for them."""
        points = len(self.problem.times)
        if any(reducer.whole_grid for reducer in self.reducers):
            points += self.intervals
        most = CHUNK_BYTES // (8 * points * len(self.kernel.program.output_names))
        share = -(-self.problem.n_patients // workers)
        return max(min(most, share), FEWEST)

    def part(self, patients: slice) -> _Run:
        """The run of some of the patients."""
        return replace(
            self,
            problem=self.problem.part(patients),
            model_changes=self.model_changes[patients],
        )


def _run_chunks(run: _Run, workers: int, chunk: int, progress: Tell | None) -> Solution:
    """Chunks side by side; each writes its own rows."""
    patients = run.problem.n_patients
    solution = _empty(run)
    functions = run.backend.load(run.kernel.program)
    observed_states(run.kernel.program)  # parsed once, before threads ask for it
    parts = [slice(first, first + chunk) for first in range(0, patients, chunk)]
    clock = Clock(patients, progress)

    def work(rows: slice) -> int:
        return _run_chunk(run.part(rows), functions, solution, rows)

    if workers == 1 or len(parts) <= 1:
        for rows in parts:
            clock.count(work(rows))
        return solution
    pool = ThreadPoolExecutor(workers)
    try:
        for done in as_completed([pool.submit(work, rows) for rows in parts]):
            clock.count(done.result())
    finally:
        pool.shutdown(cancel_futures=True)
    return solution


def _run_chunk(
    run: _Run,
    functions: Any,  # noqa: ANN401 - each back end has functions of its own kind
    solution: Solution,
    rows: slice,
) -> int:
    """Integrate some patients, write what is kept of them, and let the rest go."""
    problem, changes = run.problem, _own_changes(run)
    grid = make_grid(problem.times, problem.start, run.intervals, run.reducers, changes.ravel())
    answer = run.backend.integrate(functions, problem.seen_at(grid.times))
    solution.final_states[rows] = answer.final_states
    solution.status[rows] = answer.status
    solution.steps[rows] = answer.steps
    if solution.values is not None:
        # outputs come first, their slopes after them
        shown = answer.values[:, :, : len(run.kernel.outputs)]
        whole = grid.asked.size == grid.times.size
        solution.values[rows] = shown if whole else shown[:, grid.asked]
    if run.reducers:
        points = None if _all_alike(changes) else own_points(grid, changes)
        tracks = _Tracks(grid, points, run.kernel.program.output_names, answer.values)
        for reducer in run.reducers:
            solution.reduced[reducer.name][rows] = reducer.reduce(tracks.of(reducer))
    return len(answer.status)


def _all_alike(changes: Floats) -> bool:
    """Whether all patients have their changes at the same times."""
    return bool(
        np.array_equal(changes, np.broadcast_to(changes[:1], changes.shape), equal_nan=True)
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Tracks:
    """Outputs of a chunk as reducers read them; without `points`, each patient has all of them."""

    grid: Grid
    points: NDArray[np.int64] | None
    names: tuple[str, ...]
    values: Floats

    def of(self, reducer: Reducer) -> Track:
        """The track of one output, each patient's on the points that are its own."""
        values = self._pick(reducer.output)
        slopes = self._pick(slope_name(reducer.output)) if reducer.whole_grid else values
        times = self.grid.times
        if self.points is None:
            return Track(np.broadcast_to(times, values.shape), values, slopes)
        return Track(times[self.points], values, slopes)

    def _pick(self, name: str) -> Floats:
        every = self.values[:, :, self.names.index(name)]
        if self.points is None:
            return np.ascontiguousarray(every)
        return np.asarray(np.take_along_axis(every, self.points, axis=1))


def _own_changes(run: _Run) -> Floats:
    """Times of every change of each patient, (n, C), NaN where a patient has fewer."""
    timeline, patients = run.problem.timeline, run.problem.n_patients
    if not any(reducer.whole_grid for reducer in run.reducers):
        return np.full((patients, 0), np.nan)
    counts = np.diff(timeline.offsets)[timeline.plans] if patients else np.zeros(0, np.int64)
    planned = np.full((patients, int(counts.max(initial=0))), np.nan)
    for turn in range(planned.shape[1]):
        has = counts > turn
        planned[has, turn] = timeline.times[timeline.offsets[timeline.plans[has]] + turn]
    return np.concatenate([planned, run.model_changes], axis=1)


def _model_changes(run: _Run) -> _Run:
    """The run with the times of the model's own changes, which reducers need."""
    problem = run.problem
    program, timeline = problem.program, problem.timeline
    if not (program.changes and any(reducer.whole_grid for reducer in run.reducers)):
        return run
    functions = find_backend("numpy", problem.n_patients).load(program)
    parameters = problem.parameters.T.copy()
    early = (timeline.kinds == Kind.PARAMETER) & (timeline.times < problem.start)
    for entry in np.flatnonzero(early):
        plan = int(np.searchsorted(timeline.offsets, entry, side="right")) - 1
        parameters[timeline.targets[entry], timeline.plans == plan] = timeline.amounts[entry]
    constants = np.zeros((program.constants, problem.n_patients))
    times = np.full((program.changes, problem.n_patients), np.nan)
    with np.errstate(all="ignore"):
        functions.constants(parameters, constants)
        functions.change_times(constants, times)
    return replace(run, model_changes=np.ascontiguousarray(times.T))


def _read_times(times: ArrayLike, start: float) -> tuple[Floats, float]:
    """Times and start, checked."""
    asked = read_numbers(times, "times")
    issues = []
    if asked.ndim != 1 or asked.size == 0:
        hint = "give at least one time; the run ends at the last"
        issues.append(Issue(f"times have shape {asked.shape}, not a list of times", hint=hint))
    elif not (np.isfinite(asked).all() and np.isfinite(start)):
        issues.append(Issue("a time, or the start, is not a finite number", hint="leave it out"))
    elif (np.diff(asked) < 0).any():
        first = int(np.argmax(np.diff(asked) < 0))
        message = f"times are out of order: {asked[first]:g} stands before {asked[first + 1]:g}"
        issues.append(Issue(message, hint="sort them"))
    elif asked[0] < start:
        message = f"the first time, {asked[0]:g}, is before the start at {start:g}"
        issues.append(Issue(message, hint="give `start`, or leave the time out"))
    if issues:
        raise InvalidInput(issues)
    return asked, float(start)


def _check_reducers(kernel: Kernel, given: Sequence[object], start: float, end: float) -> None:
    reducers = [each for each in given if isinstance(each, Reducer)]
    others = [each for each in given if not isinstance(each, Reducer)]
    if others:
        hint = "give reducers, such as Minimum(output) of stromal.kernels.reducers"
        raise InvalidInput([Issue(f"{each!r} is no reducer", hint=hint) for each in others])
    issues = [issue for reducer in reducers for issue in reducer.check()]
    if issues:
        raise InvalidInput(issues)
    for reducer in reducers:
        if reducer.output not in kernel.outputs:
            hint = closest(reducer.output, kernel.outputs, f"it has {', '.join(kernel.outputs)}")
            message = f"{reducer.name}: the kernel has no output `{reducer.output}`"
            issues.append(Issue(message, hint=hint))
        elif reducer.whole_grid and slope_name(reducer.output) not in kernel.program.output_names:
            hint = "compile the kernel with slopes=True"
            issues.append(Issue(f"{reducer.name} needs slopes of its output", hint=hint))
        issues += [
            Issue(
                f"{reducer.name} looks at {point:g}, outside the run from {start:g} to {end:g}",
                hint="let `times` reach further, or change the reducer",
            )
            for point in reducer.points
            if not start <= point <= end
        ]
    names = [reducer.name for reducer in reducers]
    issues += [
        Issue(f"two reducers are named {name}", hint="give one of them a `label`")
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    if issues:
        raise InvalidInput(issues)


def _check_precision(precision: str, rtol: float) -> None:
    if precision == "f32" and 0 < rtol < LEAST_RTOL:
        message = f"rtol is {rtol:g}, which numbers of seven digits cannot keep"
        hint = "ask for 1e-5 or more, or leave `precision` at f64"
        raise InvalidInput([Issue(message, hint=hint)])


def _empty(run: _Run) -> Solution:
    """A solution to be written into, row by row."""
    patients, kernel, times = run.problem.n_patients, run.kernel, run.problem.times
    shape = (patients, len(times), len(kernel.outputs))
    reduced = {
        reducer.name: np.full(
            (patients,) if reducer.width == 1 else (patients, reducer.width), np.nan
        )
        for reducer in run.reducers
    }
    return Solution(
        outputs=kernel.outputs,
        times=times,
        values=np.empty(shape) if run.keep else None,
        reduced=MappingProxyType(reduced),
        columns=MappingProxyType({reducer.name: reducer.columns for reducer in run.reducers}),
        states=kernel.states,
        final_states=np.full((patients, len(kernel.states)), np.nan),
        status=np.zeros(patients, np.int8),
        steps=np.zeros(patients, np.int32),
        backend=run.backend.name,
        precision=run.backend.precision,
    )
