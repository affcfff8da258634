"""The algorithm for one patient, in plain loops: the reference that the other back ends follow."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stromal.kernels.solvers import step
from stromal.kernels.solvers.compiled import compiled, inlined
from stromal.kernels.solvers.rodas5p import DENSE, GAMMA, OWN_ARGUMENT, STAGES, A, C
from stromal.kernels.solvers.scalar_calls import (
    constants,
    factor,
    initial,
    jump,
    observe,
    rates,
    resolve,
)
from stromal.kernels.status import Status
from stromal.kernels.timeline import Kind
from stromal.kernels.trace import Trace

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DONE = int(Status.DONE)
BAD_PARAMETERS = int(Status.BAD_PARAMETERS)
BAD_INITIAL_STATE = int(Status.BAD_INITIAL_STATE)
NOT_FINITE = int(Status.NOT_FINITE)
STEP_TOO_SMALL = int(Status.STEP_TOO_SMALL)
STEP_LIMIT = int(Status.STEP_LIMIT)
PARAMETER, EVENT = int(Kind.PARAMETER), int(Kind.EVENT)
FOLLOWED, LOST = int(Trace.FOLLOWED), int(Trace.LOST)
CAME_BACK, NEVER_SEEN = int(Trace.CAME_BACK), int(Trace.NEVER_SEEN)

OUTGROWN = tuple(zip(step.OUTGROWN, step.LET_PASS, strict=True))

bound_error = compiled(step.bound_error)
choose_growth = compiled(step.choose_growth)
choose_shrinkage = compiled(step.choose_shrinkage)
least_step = compiled(step.least_step)


class Run(NamedTuple):
    """What all patients of a run share: the program, the timeline, the grid and the tolerances."""

    program: Integers
    uses_time: bool
    continued: bool
    observed: Integers
    entry_times: Floats
    entry_kinds: Integers
    entry_targets: Integers
    entry_factors: Floats
    entry_amounts: Floats
    times: Floats
    start: float
    end: float
    first_step: float
    resume_step: float
    rtol: float
    atol: Floats
    share: Floats
    renewing: Integers
    max_steps: int
    halt: Integers


class Work(NamedTuple):
    """Arrays that one patient is worked out in, used again for the next.

    `argument` is where a stage is taken, and after the last stage the new states; `bends` are the
    coefficients of the observed states between the ends of a step; `largest` is how large each
    state has been, and `traces` say where one was lost below its tolerance (`Trace`).
    """

    parameters: Floats
    constants: Floats
    states: Floats
    argument: Floats
    stages: Floats
    factors: Floats
    bends: Floats
    between: Floats
    largest: Floats
    traces: NDArray[np.int8]


def make_work(n_parameters: int, sizes: tuple[int, int, int], n_observed: int) -> Work:
    """Arrays for one patient; sizes are of constants, states and factors."""
    n_constants, n_states, n_factors = sizes
    return Work(
        parameters=np.zeros(n_parameters),
        constants=np.zeros(n_constants),
        states=np.zeros(n_states),
        argument=np.zeros(n_states),
        stages=np.zeros((STAGES, n_states)),
        factors=np.zeros(n_factors),
        bends=np.zeros((3, n_observed)),
        between=np.zeros(n_states),
        largest=np.zeros(n_states),
        traces=np.zeros(n_states, np.int8),
    )


@compiled
def integrate_patient(
    run: Run,
    work: Work,
    given: Floats,
    saved: Floats,
    entry: int,
    last_entry: int,
    values: Floats,
    final: Floats,
) -> tuple[int, int]:
    """Fill the values (T, O) and final states (S,) of a patient; its status and attempted steps.

    `given` are its parameters, `saved` its states to go on from, and its entries of the timeline
    are `entry` up to `last_entry`.
    """
    status, entry = begin(run, work, given, saved, entry, last_entry)
    if status != DONE:
        return status, 0
    time, size_wanted, error, error_before = run.start, run.first_step, 0.0, step.NO_ERROR_BEFORE
    rejected, output, steps = False, 0, 0
    changed, entry = make_changes(run, work, time, entry, last_entry)
    if not all_finite(work.states):
        return NOT_FINITE, 0
    size_wanted = start_step(run, work, time, changed)
    output = observe_here(run, work, time, output, values)
    target = next_target(run, entry, last_entry)
    while time < run.end:
        if run.halt[0]:
            return STEP_LIMIT, steps
        size, lands = plan_step(size_wanted, target - time)
        status = check_step(run, steps, time, size, lands, error)
        if status != DONE:
            return status, steps
        error = attempt(run, work, size)
        steps += 1
        if error > 1.0:
            size_wanted = size * choose_shrinkage(error)
            rejected = True
            continue
        output = observe_between(run, work, time, size, target, lands, output, values)
        size_wanted = choose_step(size, size_wanted, error, error_before, rejected, lands)
        error_before = max(error, step.NO_ERROR_BEFORE)
        rejected = False
        time = target if lands else time + size
        accept(run, work, time)
        if lands:
            changed, entry = make_changes(run, work, time, entry, last_entry)
            if changed:
                size_wanted = min(size_wanted, begin_step(run, work, time))
                error_before = step.NO_ERROR_BEFORE
            if not all_finite(work.states):
                return NOT_FINITE, steps
            output = observe_here(run, work, time, output, values)
            target = next_target(run, entry, last_entry)
    copy(work.states, final)
    return DONE, steps


@compiled
def start_step(run: Run, work: Work, time: float, changed: bool) -> float:  # noqa: FBT001
    """First step of a run: one that goes on, and in which nothing changes, is no new start."""
    if run.resume_step > 0.0 and not changed:
        return run.resume_step
    return float(begin_step(run, work, time))


@compiled
def begin_step(run: Run, work: Work, time: float) -> float:
    """First step from a start or a change; a short one where a state has been zero until now."""
    sized, fresh = False, False
    for i in range(work.states.size - (1 if run.uses_time else 0)):
        sized = sized or run.share[i] > 0.0
        fresh = fresh or (work.largest[i] == 0.0 and work.states[i] == 0.0)
    if not (sized and fresh):
        return run.first_step
    shortest = max(step.FRESH_SHARE * run.first_step, 2.0 * least_step(abs(time)))
    return float(min(run.first_step, shortest))


@compiled
def begin(
    run: Run, work: Work, given: Floats, saved: Floats, entry: int, last_entry: int
) -> tuple[int, int]:
    """Parameters, constants and states at the start; the status, and the first entry to come."""
    copy(given, work.parameters)
    for i in range(work.states.size):
        work.largest[i] = 0.0
        work.traces[i] = FOLLOWED
    if not all_finite(given):
        return BAD_PARAMETERS, entry
    while entry < last_entry and run.entry_times[entry] < run.start:
        if run.entry_kinds[entry] == PARAMETER:
            work.parameters[run.entry_targets[entry]] = run.entry_amounts[entry]
        entry += 1
    constants(run.program, work.parameters, work.constants)
    if run.continued:
        copy(saved, work.states)
    else:
        initial(run.program, work.constants, work.states)
    if run.uses_time:
        work.states[-1] = run.start
    for i in range(work.states.size):
        work.largest[i] = abs(work.states[i])
    return (DONE if all_finite(work.states) else BAD_INITIAL_STATE), entry


@inlined
def plan_step(wanted: float, remaining: float) -> tuple[float, bool]:
    """Size of the next step, and whether it lands on a change or the end.

    A step that comes close is stretched; when one and a part are left, both are made equal.
    """
    if wanted * step.REACH >= remaining:
        return remaining, True
    if 2.0 * wanted > remaining:
        return 0.5 * remaining, False
    return wanted, False


@inlined
def check_step(
    run: Run,
    steps: int,
    time: float,
    size: float,
    lands: bool,  # noqa: FBT001 - compiled functions are called by position
    error: float,
) -> int:
    """DONE if the step may be attempted, else why not; `error` is that of the attempt before."""
    if steps >= run.max_steps:
        return STEP_LIMIT
    if lands or size >= least_step(time):
        return DONE
    return NOT_FINITE if error >= step.MOST_ERROR else STEP_TOO_SMALL


@inlined
def choose_step(
    size: float,
    wanted: float,
    error: float,
    error_before: float,
    rejected: bool,  # noqa: FBT001
    lands: bool,  # noqa: FBT001
) -> float:
    """Step after one that was accepted; it does not grow at once after a rejection.

    A step that was cut short to land tells nothing against the longer one that was wanted.
    """
    growth = choose_growth(error, error_before)
    if rejected:
        growth = min(growth, 1.0)
    if lands and growth >= 1.0:
        return float(max(size * growth, wanted))
    return float(size * growth)


@inlined
def attempt(run: Run, work: Work, size: float) -> float:
    """Stages and new states of a step of this size; its weighted error."""
    states, argument, stages, factors = work.states, work.argument, work.stages, work.factors
    inverse = 1.0 / size
    factor(run.program, states, work.constants, inverse / GAMMA, stages[0], factors)
    resolve(run.program, factors, stages[0])
    for stage in range(1, STAGES):
        if stage < OWN_ARGUMENT:
            copy(states, argument)
            for before in range(stage):
                add(A[stage, before], stages[before], argument)
        else:
            add(1.0, stages[stage - 1], argument)
        rates(run.program, argument, work.constants, stages[stage])
        for before in range(stage):
            add(C[stage, before] * inverse, stages[before], stages[stage])
        resolve(run.program, factors, stages[stage])
    add(1.0, stages[STAGES - 1], argument)
    return float(weigh_error(run, work))


@inlined
def weigh_error(run: Run, work: Work) -> float:
    """Root mean square over the states but time of the error in units of its tolerance."""
    n_states = work.states.size - (1 if run.uses_time else 0)
    total = 0.0
    for i in range(n_states):
        after, own = abs(work.argument[i]), run.share[i] * work.largest[i]
        scale = run.atol[i] + run.rtol * max(abs(work.states[i]), after, own)
        if run.share[i] > 0.0:
            turned = work.states[i] * work.argument[i] < 0.0
            scale *= let_pass(0.0 if turned else after, work.largest[i], run.rtol)
        weighted = work.stages[STAGES - 1, i] / scale
        total += weighted * weighted
    if not all_finite(work.argument):
        total = np.nan
    return float(bound_error(total / max(n_states, 1)))


@inlined
def let_pass(after: float, largest: float, rtol: float) -> float:
    """Factor of the tolerance of a state that outgrows itself in one step (`step.OUTGROWN`)."""
    factor = 1.0
    for times, more in OUTGROWN:
        if after > times * largest:
            factor = more
    return min(factor, 1.0 / rtol)


@inlined
def accept(run: Run, work: Work, time: float) -> None:
    """The new states become the states; time, where it is a state, is set without rounding."""
    for i in range(work.states.size):
        after = work.argument[i]
        work.states[i] = 0.0 if abs(after) < step.LEAST_STATE else after
    watch(run, work)
    if run.uses_time:
        work.states[-1] = time


@inlined
def observe_between(
    run: Run,
    work: Work,
    time: float,
    size: float,
    target: float,
    lands: bool,  # noqa: FBT001 - compiled functions are called by position
    output: int,
    values: Floats,
) -> int:
    """Outputs at times of the grid inside the step; one that it lands on is read later."""
    reach = target if lands else time + size
    if output >= run.times.size or run.times[output] > reach:
        return output
    find_bends(run, work)
    while output < run.times.size:
        now = run.times[output]
        if now > reach or (lands and now == reach):
            break
        x = (now - time) / size
        for place in range(run.observed.size):
            i = run.observed[place]
            inner = work.bends[0, place] + x * (work.bends[1, place] + x * work.bends[2, place])
            ends = (1.0 - x) * work.states[i] + x * (work.argument[i] + (1.0 - x) * inner)
            work.between[i] = ends
        if run.uses_time:
            work.between[-1] = now
        observe(run.program, work.between, work.constants, values[output])
        output += 1
    return output


@inlined
def find_bends(run: Run, work: Work) -> None:
    """Coefficients of the observed states between the ends of the step."""
    for place in range(run.observed.size):
        first = second = third = 0.0
        for stage in range(STAGES):
            value = work.stages[stage, run.observed[place]]
            first += DENSE[0, stage] * value
            second += DENSE[1, stage] * value
            third += DENSE[2, stage] * value
        work.bends[0, place], work.bends[1, place], work.bends[2, place] = first, second, third


@compiled
def observe_here(run: Run, work: Work, time: float, output: int, values: Floats) -> int:
    """Outputs at times of the grid that are now, from the states themselves."""
    while output < run.times.size and run.times[output] <= time:
        observe(run.program, work.states, work.constants, values[output])
        output += 1
    return output


@compiled
def make_changes(
    run: Run, work: Work, time: float, entry: int, last_entry: int
) -> tuple[bool, int]:
    """Changes that are due, in their order; whether there were any, and the next entry."""
    changed = False
    while entry < last_entry and run.entry_times[entry] <= time:
        target, amount = run.entry_targets[entry], run.entry_amounts[entry]
        if run.entry_kinds[entry] == PARAMETER:
            work.parameters[target] = amount
            constants(run.program, work.parameters, work.constants)
        elif run.entry_kinds[entry] == EVENT:
            copy(work.states, work.argument)
            jump(run.program, target, work.argument, work.constants, work.states)
            for i in range(work.states.size):
                if work.states[i] != work.argument[i]:
                    follow(work, i)
        else:
            work.states[target] = work.states[target] * run.entry_factors[entry] + amount
            follow(work, target)
        entry += 1
        changed = True
    return changed, entry


@inlined
def find_tolerance(run: Run, work: Work, i: int) -> float:
    """Size below which a state is held to no relative tolerance."""
    return float(run.atol[i] + run.rtol * run.share[i] * work.largest[i])


@inlined
def follow(work: Work, i: int) -> None:
    """A state that a change has set: its size, and that it has not come back by itself."""
    work.largest[i] = max(work.largest[i], abs(work.states[i]))
    if work.traces[i] == LOST:
        work.traces[i] = FOLLOWED


@compiled
def watch(run: Run, work: Work) -> None:
    """Sizes of states after a step, and what was lost below its tolerance or has come back."""
    for i in range(work.states.size):
        work.largest[i] = max(work.largest[i], abs(work.states[i]))
    for i in run.renewing:
        size, tolerance = abs(work.states[i]), find_tolerance(run, work, i)
        if size < tolerance and work.traces[i] == FOLLOWED:
            work.traces[i] = LOST
        elif work.traces[i] == LOST and size > step.COMES_BACK * tolerance:
            work.traces[i] = CAME_BACK


@compiled
def report_traces(run: Run, work: Work, traces: NDArray[np.int8]) -> None:
    """Write what became of each state beside its tolerance."""
    for i in range(traces.size):
        unseen = 0.0 < work.largest[i] <= find_tolerance(run, work, i)
        traces[i] = NEVER_SEEN if unseen else work.traces[i]


@compiled
def next_target(run: Run, entry: int, last_entry: int) -> float:
    """Time of the next change, or the end if that is sooner."""
    target = run.end
    if entry < last_entry:
        target = min(target, run.entry_times[entry])
    return target


@inlined
def add(weight: float, values: Floats, to: Floats) -> None:
    """Add the weighted numbers to those of another array."""
    for i in range(to.size):
        to[i] += weight * values[i]


@inlined
def copy(values: Floats, to: Floats) -> None:
    """Write the numbers to another array, as a loop that compiles fast."""
    for i in range(values.size):
        to[i] = values[i]


@inlined
def all_finite(values: Floats) -> bool:
    """Whether no number is NaN or infinite."""
    for value in values:  # noqa: SIM110 - numba has no `all`
        if not math.isfinite(value):
            return False
    return True


@compiled
def integrate_patients(
    run: Run,
    work: Work,
    parameters: Floats,
    saved: Floats,
    plans: Integers,
    offsets: Integers,
    answer: tuple[Floats, Floats, NDArray[np.int8], NDArray[np.int32], NDArray[np.int8]],
) -> None:
    """One patient after another; the answer is filled in."""
    values, final_states, status, steps, traces = answer
    for patient in range(parameters.shape[0]):
        plan = plans[patient]
        own_states = saved[patient if run.continued else 0]
        status[patient], steps[patient] = integrate_patient(
            run,
            work,
            parameters[patient],
            own_states,
            offsets[plan],
            offsets[plan + 1],
            values[patient],
            final_states[patient],
        )
        report_traces(run, work, traces[patient])
