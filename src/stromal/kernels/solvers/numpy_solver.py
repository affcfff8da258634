"""All patients at once in NumPy, each with its own step size: no compilation, for a first look.

States are rows and patients are columns. Every attempt moves each patient of the block by its own
step; those whose error is too large stay where they are with a smaller step, those who have
finished leave the block. No sum runs over patients, so the numbers of one do not depend on others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from stromal.kernels.compile.program import Program
from stromal.kernels.solvers import step
from stromal.kernels.solvers.numpy_names import numpy_functions
from stromal.kernels.solvers.problem import Answer, Problem, empty_answer
from stromal.kernels.solvers.rodas5p import DENSE, GAMMA, OWN_ARGUMENT, STAGES, A, C
from stromal.kernels.status import Status
from stromal.kernels.timeline import Kind
from stromal.kernels.trace import Trace

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Columns = NDArray[np.int64]

BLOCK = 1024
"""Patients that move together."""


def integrate(functions: SimpleNamespace, problem: Problem) -> Answer:
    """Patients in columns of arrays, block by block; `problem` says what is asked and answered."""
    answer = empty_answer(problem)
    for first in range(0, problem.n_patients, BLOCK):
        patients = np.arange(first, min(first + BLOCK, problem.n_patients))
        with np.errstate(all="ignore"):
            _integrate_block(functions, problem, answer, patients)
    return answer


def find_stop(functions: SimpleNamespace, problem: Problem) -> tuple[Floats, Floats] | None:
    """States (S, 1) and constants (C, 1) at which the one patient of a problem failed; else None.

    The states are the last that were accepted, or what a change or the start has made of them.
    """
    stopped: list[tuple[Floats, Floats]] = []
    with np.errstate(all="ignore"):
        _integrate_block(functions, problem, empty_answer(problem), np.zeros(1, np.int64), stopped)
    return stopped[0] if stopped else None


def load_functions(program: Program) -> SimpleNamespace:
    """The functions of a program on arrays with a column for each patient."""
    return numpy_functions(program)


@dataclass(slots=True, eq=False)
class _Block:
    """Patients on their way, one column (last index) each."""

    patient: NDArray[np.int64]
    parameters: Floats
    constants: Floats
    states: Floats
    time: Floats
    target: Floats
    step: Floats
    error: Floats
    error_before: Floats
    rejected: Mask
    entry: NDArray[np.int64]
    last_entry: NDArray[np.int64]
    output: NDArray[np.int64]
    steps: NDArray[np.int32]
    largest: Floats
    traces: NDArray[np.int8]

    def keep(self, chosen: Mask) -> None:
        """Only the chosen patients stay."""
        for field in fields(self):
            values = getattr(self, field.name)
            setattr(self, field.name, np.ascontiguousarray(values[..., chosen]))


def _integrate_block(
    functions: SimpleNamespace,
    problem: Problem,
    answer: Answer,
    patients: NDArray[np.int64],
    stopped: list[tuple[Floats, Floats]] | None = None,
) -> None:
    """Move the patients of a block from the start to the end, and write what they give."""
    observed = np.array(problem.program.reads, dtype=np.int64)
    run = _Run(functions, problem.program, problem, answer, observed, stopped)
    block = run.begin(patients)
    while block.patient.size and not problem.halt[0]:
        run.move(block)


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """The steps of the algorithm on a block, with what they all need."""

    functions: SimpleNamespace
    program: Program
    problem: Problem
    answer: Answer
    observed: NDArray[np.int64]
    stopped: list[tuple[Floats, Floats]] | None = None

    def begin(self, patients: NDArray[np.int64]) -> _Block:
        """Patients at the start, with everything done that happens there."""
        problem, timeline = self.problem, self.problem.timeline
        n = patients.size
        plans = timeline.plans[patients]
        block = _Block(
            patient=patients,
            parameters=np.ascontiguousarray(problem.parameters[patients].T),
            constants=np.zeros((self.program.constants, n)),
            states=np.zeros((len(self.program.state_names), n)),
            time=np.full(n, problem.start),
            target=np.full(n, problem.end),
            step=np.full(n, problem.first_step),
            error=np.zeros(n),
            error_before=np.full(n, step.NO_ERROR_BEFORE),
            rejected=np.zeros(n, np.bool_),
            entry=timeline.offsets[plans],
            last_entry=timeline.offsets[plans + 1],
            output=np.zeros(n, np.int64),
            steps=np.zeros(n, np.int32),
            largest=np.zeros((len(self.program.state_names), n)),
            traces=np.zeros((len(self.program.state_names), n), np.int8),
        )
        self._leave(block, _any(~np.isfinite(block.parameters)), Status.BAD_PARAMETERS)
        self._skip_what_was(block)
        self._start_states(block)
        self._arrive(block, np.arange(block.patient.size))
        return block

    def _skip_what_was(self, block: _Block) -> None:
        """Entries before the start: a parameter keeps its new value, a jump is left out."""
        while (early := np.flatnonzero(self._next_entry(block) < self.problem.start)).size:
            self._do_entries(block, early, only=Kind.PARAMETER)

    def _start_states(self, block: _Block) -> None:
        """Constants and states at the start."""
        self.functions.constants(block.parameters, block.constants)
        if self.problem.continued:
            block.states[:] = self.problem.initial_states[block.patient].T
        else:
            self.functions.initial(block.constants, block.states)
        if self.program.uses_time:
            block.states[-1] = self.problem.start
        block.largest[:] = np.abs(block.states)
        self._leave(block, _any(~np.isfinite(block.states)), Status.BAD_INITIAL_STATE)

    def move(self, block: _Block) -> None:
        """One attempt of a step for every patient of the block."""
        self._give_up(block)
        if not block.patient.size:
            return
        size, lands = _plan_step(block)
        stages, states, block.error = self._attempt(block, size)
        block.steps += np.int32(1)
        accepted = block.error <= 1.0
        arrived = np.where(lands, block.target, block.time + size)
        self._observe_between(block, accepted, size, arrived, lands, stages, states)
        _choose_step(block, size, accepted, lands)
        block.time[accepted] = arrived[accepted]
        states[np.abs(states) < step.LEAST_STATE] = 0.0
        block.states[:, accepted] = states[:, accepted]
        self._watch(block, np.flatnonzero(accepted))
        if self.program.uses_time:
            block.states[-1] = block.time
        self._arrive(block, np.flatnonzero(accepted & lands))

    def _give_up(self, block: _Block) -> None:
        """Patients whose steps are used up, or too small for time to go on, leave."""
        self._leave(block, block.steps >= self.problem.max_steps, Status.STEP_LIMIT)
        self._leave(block, _is_stuck(block) & (block.error >= step.MOST_ERROR), Status.NOT_FINITE)
        self._leave(block, _is_stuck(block), Status.STEP_TOO_SMALL)

    def _attempt(self, block: _Block, size: Floats) -> tuple[Floats, Floats, Floats]:
        """Stages (8, S, M), new states (S, M) and weighted error (M,) of one attempt."""
        functions, constants = self.functions, block.constants
        inverse = 1.0 / size
        factors = np.empty((self.program.factors, size.size))
        stages = np.empty((STAGES, *block.states.shape))
        _fill(functions.factor, block.states, constants, inverse / GAMMA, stages[0], factors)
        _fill(functions.resolve, factors, stages[0])
        argument = block.states
        for stage in range(1, STAGES):
            if stage < OWN_ARGUMENT:
                argument = block.states + A[stage, 0] * stages[0]
                for before in range(1, stage):
                    argument += A[stage, before] * stages[before]
            else:
                argument = argument + stages[stage - 1]
            _fill(functions.rates, argument, constants, stages[stage])
            for before in range(stage):
                stages[stage] += (C[stage, before] * inverse) * stages[before]
            _fill(functions.resolve, factors, stages[stage])
        states = argument + stages[-1]
        return stages, states, self._weigh_error(block, states, stages[-1])

    def _weigh_error(self, block: _Block, after: Floats, error: Floats) -> Floats:
        """Root mean square over the states but time of the error in units of its tolerance.

        A state that outgrows itself in one step is held to less, as in `scalar_loop`.
        """
        n_states = len(after) - self.program.uses_time
        rtol, share = self.problem.rtol, self.problem.share[:, None]
        size, largest = np.abs(after), block.largest
        reached = np.maximum(np.maximum(np.abs(block.states), size), share * largest)
        scale = self.problem.atol[:, None] + rtol * reached
        factor = np.ones(scale.shape)
        grown = np.where(block.states * after < 0.0, 0.0, size)
        for times, more in zip(step.OUTGROWN, step.LET_PASS, strict=True):
            factor[grown > times * largest] = min(more, 1.0 / rtol)
        scale *= np.where(share > 0.0, factor, 1.0)
        weighted = error / scale
        total = _add_up(weighted[:n_states] ** 2)
        total[_any(~np.isfinite(after))] = np.nan
        return step.bound_error(total / max(n_states, 1))

    def _observe_between(
        self,
        block: _Block,
        accepted: Mask,
        size: Floats,
        arrived: Floats,
        lands: Mask,
        stages: Floats,
        states: Floats,
    ) -> None:
        """Outputs at times of the grid inside the step; one that it lands on is read later."""
        reach = np.where(lands, np.nextafter(arrived, -np.inf), arrived)
        reach[~accepted] = -np.inf
        columns = np.flatnonzero(self._next_output(block) <= reach)
        rows = self.observed
        if not columns.size:
            return
        inside = stages[:, rows][..., columns]
        bends = np.stack([_add_up(weights[:, None, None] * inside) for weights in DENSE])
        first, last = block.states[np.ix_(rows, columns)], states[np.ix_(rows, columns)]
        while columns.size:
            time = self._next_output(block)[columns]
            x = (time - block.time[columns]) / size[columns]
            inner = bends[0] + x * (bends[1] + x * bends[2])
            between = np.zeros((len(states), columns.size))
            between[rows] = (1.0 - x) * first + x * (last + (1.0 - x) * inner)
            self._observe(block, columns, time, between)
            more = self._next_output(block)[columns] <= reach[columns]
            columns, bends = columns[more], np.ascontiguousarray(bends[..., more])
            first, last = np.ascontiguousarray(first[:, more]), np.ascontiguousarray(last[:, more])

    def _observe(self, block: _Block, columns: Columns, time: Floats, states: Floats) -> None:
        """Write the next output of these patients from their states, and go to the one after."""
        if self.program.uses_time:
            states[-1] = time
        outputs = np.zeros((len(self.program.output_names), columns.size))
        constants = np.ascontiguousarray(block.constants[:, columns])
        _fill(self.functions.observe, states, constants, outputs)
        self.answer.values[block.patient[columns], block.output[columns]] = outputs.T
        block.output[columns] += 1

    def _arrive(self, block: _Block, columns: Columns) -> None:
        """What happens to patients who have come to a change or to the end."""
        if not columns.size:
            return
        changed = self._do_changes(block, columns)
        restarted = columns[changed | (block.steps[columns] == 0)]
        first = self._begin_step(block, restarted)
        block.step[restarted] = np.minimum(block.step[restarted], first)
        if self.problem.resume_step > 0.0:
            going = columns[~changed & (block.steps[columns] == 0)]
            block.step[going] = self.problem.resume_step
        block.error_before[restarted] = step.NO_ERROR_BEFORE
        broken = np.zeros(block.patient.size, np.bool_)
        broken[columns] = _any(~np.isfinite(block.states[:, columns]))
        here = columns[~broken[columns]]
        while (here := here[self._next_output(block)[here] <= block.time[here]]).size:
            states = np.ascontiguousarray(block.states[:, here])
            self._observe(block, here, block.time[here], states)
        block.target = np.minimum(self._next_entry(block), self.problem.end)
        self._leave(block, broken, Status.NOT_FINITE)
        done = block.time >= self.problem.end
        self.answer.final_states[block.patient[done]] = block.states[:, done].T
        self._leave(block, done, Status.DONE)

    def _begin_step(self, block: _Block, columns: Columns) -> Floats:
        """First step from a start or a change; short where a state has been zero until now."""
        first = np.full(columns.size, self.problem.first_step)
        if not (self.problem.share > 0.0).any():
            return first
        n_states = len(block.states) - self.program.uses_time
        zero = (block.largest[:n_states] == 0.0) & (block.states[:n_states] == 0.0)
        fresh = _any(zero[:, columns])
        shortest = 2.0 * step.least_step(np.abs(block.time[columns]))
        shortest = np.maximum(step.FRESH_SHARE * first, shortest)
        return np.where(fresh, np.minimum(first, shortest), first)

    def _do_changes(self, block: _Block, columns: Columns) -> Mask:
        """Entries of the timeline that are due, in their order; which patients had one."""
        changed = np.zeros(columns.size, np.bool_)
        while (due := self._next_entry(block)[columns] <= block.time[columns]).any():
            before = block.states[:, columns[due]]
            self._do_entries(block, columns[due])
            self._follow(block, columns[due], before)
            changed |= due
        return changed

    def _follow(self, block: _Block, columns: Columns, before: Floats) -> None:
        """Sizes of states that a change has set; they have not come back by themselves."""
        states, traces = block.states[:, columns], block.traces[:, columns]
        block.largest[:, columns] = np.maximum(block.largest[:, columns], np.abs(states))
        traces[(states != before) & (traces == Trace.LOST)] = Trace.FOLLOWED
        block.traces[:, columns] = traces

    def _watch(self, block: _Block, columns: Columns) -> None:
        """Sizes of states after a step, and what was lost below its tolerance or has come back."""
        size = np.abs(block.states[:, columns])
        block.largest[:, columns] = np.maximum(block.largest[:, columns], size)
        rows = np.array(self.program.renewing, dtype=np.int64)
        size, tolerance = size[rows], self._tolerance(block, columns)[rows]
        traces = block.traces[np.ix_(rows, columns)]
        lost = (size < tolerance) & (traces == Trace.FOLLOWED)
        back = (traces == Trace.LOST) & (size > step.COMES_BACK * tolerance)
        traces[lost], traces[back] = Trace.LOST, Trace.CAME_BACK
        block.traces[np.ix_(rows, columns)] = traces

    def _tolerance(self, block: _Block, columns: Columns) -> Floats:
        """Size below which states are held to no relative tolerance, (S, columns)."""
        share = self.problem.share[:, None]
        return self.problem.atol[:, None] + self.problem.rtol * share * block.largest[:, columns]

    def _do_entries(self, block: _Block, columns: Columns, only: Kind | None = None) -> None:
        """One entry of each of these patients; with `only`, other kinds are passed over."""
        timeline = self.problem.timeline
        entries = block.entry[columns]
        block.entry[columns] += 1
        target, amount = timeline.targets[entries], timeline.amounts[entries]
        kinds = timeline.kinds[entries]
        sets = kinds == Kind.PARAMETER
        if only is not Kind.PARAMETER:
            adds = (kinds == Kind.DOSE) | (kinds == Kind.JUMP)
            row, column = target[adds], columns[adds]
            moved = block.states[row, column] * timeline.factors[entries][adds] + amount[adds]
            block.states[row, column] = moved
            self._do_events(block, columns[kinds == Kind.EVENT], target[kinds == Kind.EVENT])
        if sets.any():
            block.parameters[target[sets], columns[sets]] = amount[sets]
            parameters = np.ascontiguousarray(block.parameters[:, columns[sets]])
            constants = np.ascontiguousarray(block.constants[:, columns[sets]])
            self.functions.constants(parameters, constants)
            block.constants[:, columns[sets]] = constants

    def _do_events(self, block: _Block, columns: Columns, numbers: NDArray[np.int64]) -> None:
        """One of the model's own changes for each of these patients."""
        for number in np.unique(numbers):
            here = columns[numbers == number]
            before = np.ascontiguousarray(block.states[:, here])
            after = before.copy()
            constants = np.ascontiguousarray(block.constants[:, here])
            self.functions.jumps[number](before, constants, after)
            block.states[:, here] = after

    def _next_entry(self, block: _Block) -> Floats:
        """Time of the next entry of each patient's plan, infinity after the last."""
        return _take(self.problem.timeline.times, block.entry, block.entry < block.last_entry)

    def _next_output(self, block: _Block) -> Floats:
        """Next time of the grid for each patient, infinity after the last."""
        times = self.problem.times
        return _take(times, block.output, block.output < times.size)

    def _leave(self, block: _Block, leaving: Mask, status: Status) -> None:
        """Patients leave the block with an outcome."""
        if leaving.any():
            if self.stopped is not None and status is not Status.DONE:
                self.stopped.append((block.states[:, leaving], block.constants[:, leaving]))
            self.answer.status[block.patient[leaving]] = status
            self.answer.steps[block.patient[leaving]] = block.steps[leaving]
            columns = np.flatnonzero(leaving)
            largest, tolerance = block.largest[:, columns], self._tolerance(block, columns)
            unseen = (largest > 0.0) & (largest <= tolerance)
            traces = np.where(unseen, Trace.NEVER_SEEN, block.traces[:, columns])
            self.answer.traces[block.patient[columns]] = traces.T
            block.keep(~leaving)


def _take(values: Floats, index: NDArray[np.int64], there: Mask) -> Floats:
    """Values at the indices that are there, infinity elsewhere."""
    found = np.full(index.size, np.inf)
    found[there] = values[index[there]]
    return found


def _plan_step(block: _Block) -> tuple[Floats, Mask]:
    """Size of the next step, and whether it lands on a change or the end.

    A step that comes close is stretched; when one and a part are left, both are made equal.
    """
    remaining = block.target - block.time
    lands = block.step * step.REACH >= remaining
    size = np.where(2.0 * block.step > remaining, 0.5 * remaining, block.step)
    return np.where(lands, remaining, size), lands


def _is_stuck(block: _Block) -> Mask:
    """Whether the next step is too small for time to go on."""
    size, lands = _plan_step(block)
    return np.logical_and(~lands, size < step.least_step(block.time))


def _fill(function: Callable[..., None], *arrays: Floats) -> None:
    """Call a function of the program; for one patient on plain numbers, which is faster."""
    if arrays[0].shape[-1] == 1:
        arrays = tuple(array[..., 0] for array in arrays)
    function(*arrays)


def _add_up(rows: Floats) -> Floats:
    """Sum over the first index in its order, whatever the shape; a plain sum may regroup."""
    if not len(rows):
        return np.zeros(rows.shape[1:])
    total: Floats = np.add.accumulate(rows, axis=0)[-1]
    return total


def _any(rows: Mask) -> Mask:
    """Of each patient, whether any row holds."""
    found: Mask = np.logical_or.reduce(rows, axis=0)
    return found


def _choose_step(block: _Block, size: Floats, accepted: Mask, lands: Mask) -> None:
    """Next step of each patient from the error of this one."""
    growth = step.choose_growth(block.error, block.error_before)
    growth = np.where(block.rejected, np.minimum(growth, 1.0), growth)
    after = size * growth
    after = np.where(lands & (growth >= 1.0), np.maximum(after, block.step), after)
    block.step = np.where(accepted, after, size * step.choose_shrinkage(block.error))
    least = step.NO_ERROR_BEFORE
    block.error_before = np.where(accepted, np.maximum(block.error, least), block.error_before)
    block.rejected = ~accepted
