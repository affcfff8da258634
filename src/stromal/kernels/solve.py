"""One call for many patients."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stromal.frozen import freeze
from stromal.kernels.backends import find_backend
from stromal.kernels.diagnosis import find_culprits
from stromal.kernels.door import Accuracy, Read, Schedule, Work
from stromal.kernels.grid import Grid, make_grid, own_points, own_times
from stromal.kernels.inputs import Parameters
from stromal.kernels.kernel import Kernel, slope_name
from stromal.kernels.reducers import Reducer
from stromal.kernels.run import Run, pose_run, warn_of_times
from stromal.kernels.settling import settle_patients
from stromal.kernels.solution import Solution
from stromal.kernels.solvers.problem import Answer
from stromal.kernels.status import Status
from stromal.kernels.track import Track
from stromal.kernels.workers import share_out
from stromal.progress import Clock, follow_patients

Floats = NDArray[np.float64]


def solve(
    kernel: Kernel,
    parameters: Parameters,
    read: Read,
    *,
    schedule: Schedule = Schedule(),
    accuracy: Accuracy = Accuracy(),
    work: Work = Work(),
) -> Solution:
    """Run a kernel for every patient.

    The same numbers come out, to the bit, for any number of threads, any chunk and any order of
    patients; back ends agree with each other within the tolerance.

    Parameters
    ----------
    kernel
        What `compile_kernel` gives.
    parameters
        Numbers or arrays (N,) by name, a Polars table with a column for each, or an array (N, P);
        None for one patient with the model's values. Parameters that are left out keep the model's
        value. A patient whose parameters are not finite numbers, or whose volumes are not positive,
        gets a status and no values; where a volume does not stay positive, no values from then on.
    read
        Times to give outputs at, reducers, and whether values are kept.
    schedule
        Doses, jumps and changes of parameters, and where the run starts.
    accuracy
        Tolerances, precision and the most steps.
    work
        Back end, threads, chunks and a bar with the time left.

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
    >>> from stromal.kernels.door import Read, Schedule
    >>> from stromal.kernels.kernel import compile_kernel
    >>> from stromal.kernels.reducers import TimeAbove
    >>> from stromal.kernels.timeline import Dose
    >>> from stromal.models.parse import read_model
    >>> model = read_model("drug = 0; k = 0.5; drug' = -k * drug;")
    >>> kernel = compile_kernel(model, outputs=["drug"], vary=["k"], dosed=["drug"])
    >>> solution = solve(
    ...     kernel,
    ...     {"k": [0.5, 1.0]},
    ...     Read([0, 1, 4], reducers=[TimeAbove("drug", 2.0)]),
    ...     schedule=Schedule(doses=[Dose(0.0, "drug", 8.0)]),
    ... )
    >>> solution.output("drug").round(3)
    array([[8.   , 4.852, 1.083],
           [8.   , 2.943, 0.147]])
    >>> solution.reduced["time_above_2(drug)"].round(3)
    array([2.773, 1.386])
    """
    run = pose_run(kernel, parameters, read, schedule=schedule, accuracy=accuracy, work=work)
    warn_of_times(kernel)
    with follow_patients(run.problem.n_patients, kernel.name, progress=work.progress) as clock:
        return _run_chunks(run, clock)


def _run_chunks(run: Run, clock: Clock) -> Solution:
    """Chunks side by side; each writes its own rows."""
    solution, patients = _empty(run), run.problem.n_patients
    functions = run.backend.load(run.kernel.program)
    parts = [slice(first, first + run.chunk) for first in range(0, patients, run.chunk)]

    def work(rows: slice) -> int:
        return _run_chunk(run.part(rows), functions, solution, rows)

    share_out(work, parts, threads=run.workers, halt=run.problem.halt, tell=clock.count)
    if run.settling is None:
        culprits = find_culprits(run.problem, solution.status, solution.steps)
        return replace(solution, culprits=freeze(culprits))
    return solution


def _run_chunk(
    run: Run,
    functions: Any,  # noqa: ANN401 - each back end has functions of its own kind
    solution: Solution,
    rows: slice,
) -> int:
    """Integrate some patients, write what is kept of them, and let the rest go."""
    run, before = _come_to_start(run)
    problem, changes = run.problem, _own_changes(run)
    own = own_times(run.reducers, run.problem.n_patients)
    grid = make_grid(
        problem.times,
        problem.start,
        run.intervals,
        run.reducers,
        changes.ravel(),
        whole=run.reads_all,
        own=own,
    )
    alone = not (_all_alike(changes) and _all_alike(own))
    points = own_points(grid, changes, own) if alone else None
    answer = run.backend.integrate(functions, problem.seen_at(grid.times))
    _stop_at_bad_volumes(run.kernel, points, answer)
    solution.final_states[rows] = answer.final_states
    solution.status[rows] = np.where(run.ended != Status.DONE, run.ended, answer.status)
    solution.steps[rows] = answer.steps + before
    solution.traces[rows] = answer.traces
    # outputs come first, their slopes after them
    shown = answer.values[:, :, : len(run.kernel.outputs)]
    solution.reached[rows] = _find_reached(shown, grid, solution.status[rows])
    if solution.values is not None:
        alike = np.array_equal(grid.asked, np.arange(grid.times.size))
        solution.values[rows] = shown if alike else shown[:, grid.asked]
    if run.reducers:
        tracks = _Tracks(grid, points, run.kernel.program.output_names, answer.values)
        for (output, slopes), reducers in groupby(sorted(run.reducers, key=_reads), key=_reads):
            track = tracks.of(output, slopes=slopes)
            for reducer in reducers:
                solution.reduced[reducer.name][rows] = reducer.reduce(track)
    return len(answer.status)


def _come_to_start(run: Run) -> tuple[Run, NDArray[np.int64]]:
    """The run from the steady state that doses before its start led to, and the steps to there."""
    problem, steps = run.problem, np.zeros(run.problem.n_patients, np.int64)
    if run.settling is None or not (run.settling.length > 0.0).any():
        return run, steps
    backend = find_backend(run.backend.name, problem.n_patients)
    states, status, steps = settle_patients(backend, problem, run.settling)
    ended = np.where(run.ended != Status.DONE, run.ended, status)
    lost = (ended != Status.DONE)[:, None]
    problem = replace(
        problem,
        parameters=np.where(lost, np.nan, problem.parameters),
        initial_states=np.where(lost, 0.0, states),
        continued=True,
    )
    return replace(run, problem=problem, ended=ended), steps


def _find_reached(shown: Floats, grid: Grid, status: NDArray[np.int8]) -> Floats:
    """Last asked time at which each patient had values, (n,); NaN where there was none."""
    asked = grid.times[grid.asked]
    reached = np.full(len(status), asked[-1])
    for patient in np.flatnonzero(status != Status.DONE):
        there = np.flatnonzero(~np.isnan(shown[patient, grid.asked]).all(axis=1))
        reached[patient] = asked[there[-1]] if there.size else np.nan
    return reached


def _stop_at_bad_volumes(kernel: Kernel, points: NDArray[np.int64] | None, answer: Answer) -> None:
    """Patients with a compartment whose size is not positive have no values from then on.

    Each is looked at on its own `points`, so that others of its chunk do not matter.
    """
    if not kernel.watched:
        return
    sizes = answer.values[:, :, [kernel.program.output_names.index(one) for one in kernel.watched]]
    ended = answer.status != Status.DONE  # and what follows is missing
    missing = np.isnan(sizes) & ended[:, None, None]
    bad = ~(((sizes > 0.0) & (sizes < np.inf)) | missing).all(axis=2)
    if points is not None:
        mine = np.zeros_like(bad)
        np.put_along_axis(mine, points, values=True, axis=1)
        bad &= mine
    for patient in np.flatnonzero(bad.any(axis=1)):
        answer.values[patient, np.argmax(bad[patient]) :] = np.nan
        answer.final_states[patient] = np.nan
        answer.status[patient] = Status.BAD_VOLUME


def _all_alike(changes: Floats) -> bool:
    """Whether all patients have their changes at the same times."""
    return bool(
        np.array_equal(changes, np.broadcast_to(changes[:1], changes.shape), equal_nan=True)
    )


def _reads(reducer: Reducer) -> tuple[str, bool]:
    """What a reducer reads: an output, and whether its slopes."""
    return reducer.output, reducer.whole_grid


@dataclass(frozen=True, slots=True, eq=False)
class _Tracks:
    """Outputs of a chunk as reducers read them; without `points`, each patient has all of them."""

    grid: Grid
    points: NDArray[np.int64] | None
    names: tuple[str, ...]
    values: Floats

    def of(self, output: str, *, slopes: bool) -> Track:
        """The track of one output, each patient's on the points that are its own."""
        values, times = self._pick(output), self.grid.times
        own = np.broadcast_to(times, values.shape) if self.points is None else times[self.points]
        if not slopes:
            return Track(own, values, values, limited=True)
        return Track(own, values, self._pick(slope_name(output))).limit_slopes()

    def _pick(self, name: str) -> Floats:
        every = self.values[:, :, self.names.index(name)]
        if self.points is None:
            return np.ascontiguousarray(every)
        return np.asarray(np.take_along_axis(every, self.points, axis=1))


def _own_changes(run: Run) -> Floats:
    """Times of every change of each patient, (n, C), NaN where a patient has fewer."""
    timeline, patients = run.problem.timeline, run.problem.n_patients
    if not run.reads_all:
        return np.full((patients, 0), np.nan)
    counts = np.diff(timeline.offsets)[timeline.plans] if patients else np.zeros(0, np.int64)
    planned = np.full((patients, int(counts.max(initial=0))), np.nan)
    for turn in range(planned.shape[1]):
        has = counts > turn
        planned[has, turn] = timeline.times[timeline.offsets[timeline.plans[has]] + turn]
    return planned


def _empty(run: Run) -> Solution:
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
        reduced=freeze(reduced),
        columns=freeze({reducer.name: reducer.columns for reducer in run.reducers}),
        states=kernel.states,
        final_states=np.full((patients, len(kernel.states)), np.nan),
        status=np.zeros(patients, np.int8),
        reached=np.full(patients, np.nan),
        steps=np.zeros(patients, np.int32),
        traces=np.zeros((patients, len(kernel.states)), np.int8),
        backend=run.backend.name,
        precision=run.backend.precision,
    )
