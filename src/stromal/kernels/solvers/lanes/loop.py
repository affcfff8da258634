"""The algorithm of `scalar_loop` for several patients at once, one in each lane.

Every lane has its own time and step; a lane whose patient has ended takes the next patient. All
arithmetic on states is done by functions of the program, called by address with arrays (n, lanes);
what is here decides, lane by lane. Nothing moves between lanes, so a patient's numbers depend on
that patient alone. Compiled once per machine for all programs.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stromal.kernels.solvers import step
from stromal.kernels.solvers.compiled import compiled
from stromal.kernels.solvers.rodas5p import GAMMA, STAGES
from stromal.kernels.solvers.scalar_calls import call_address
from stromal.kernels.solvers.scalar_loop import (
    BAD_INITIAL_STATE,
    BAD_PARAMETERS,
    DONE,
    NOT_FINITE,
    PARAMETER,
    STEP_LIMIT,
    STEP_TOO_SMALL,
    Run,
    all_finite,
    least_step,
    plan_step,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Rows = NDArray[Any]

VACANT = -1

(
    CONSTANTS, INITIAL, RATES, FACTOR, RESOLVE, OBSERVE, WEIGH, ACCEPT, BEND, BETWEEN,
    PLAIN_CONSTANTS, CHANGE_TIMES, FIRST_STAGE,
) = range(13)  # fmt: skip
FIRST_JUMP = FIRST_STAGE + STAGES - 1
"""Places in the array of addresses; the stages follow each other, the jumps come last."""


class Lanes(NamedTuple):
    """What is known of the patient in each lane; `patient` is VACANT where there is none."""

    patient: Integers
    time: Floats
    target: Floats
    wanted: Floats
    size: Floats
    lands: NDArray[np.bool_]
    rejected: NDArray[np.bool_]
    error: Floats
    error_before: Floats
    entry: Integers
    last_entry: Integers
    output: Integers
    steps: Integers
    own_times: Floats


class Rooms(NamedTuple):
    """Arrays that the lanes are worked out in; the last index is the lane.

    `argument` is where a stage is taken, and after the last stage the new states. `judgement` has
    rows of error, growth and shrinkage; `bends` are the coefficients of the observed states.
    """

    parameters: Rows
    constants: Rows
    states: Rows
    argument: Rows
    fresh: Rows
    stages: Rows
    factors: Rows
    divisor: Rows
    inverse: Rows
    before: Rows
    judgement: Rows
    accepted: Rows
    bends: Rows
    share: Rows
    between: Rows
    outputs: Rows
    plain_parameters: Floats
    plain_constants: Floats


class Queue(NamedTuple):
    """The patients of a block and where their answers go."""

    parameters: Floats
    saved: Floats
    plans: Integers
    offsets: Integers
    values: Floats
    final_states: Floats
    status: NDArray[np.int8]
    steps: NDArray[np.int32]


@compiled
def integrate_queue(run: Run, lanes: Lanes, rooms: Rooms, queue: Queue, rtol: Floats) -> int:
    """Work out all patients of a queue; the attempts made, each of all lanes together."""
    following, attempts = 0, 0
    lanes.patient[:] = VACANT
    lanes.error_before[:] = step.NO_ERROR_BEFORE
    while True:
        following = fill_lanes(run, lanes, rooms, queue, following)
        if not plan_steps(run, lanes, rooms, queue):
            if following >= queue.parameters.shape[0]:
                return attempts
            continue
        attempt(run, rooms, rtol)
        attempts += 1
        judge(lanes, rooms)
        observe_between(run, lanes, rooms, queue)
        call_address(run.program[ACCEPT], (rooms.argument, rooms.accepted, rooms.states))
        move_on(run, lanes, rooms, queue)


@compiled
def fill_lanes(run: Run, lanes: Lanes, rooms: Rooms, queue: Queue, following: int) -> int:
    """Seat patients from `following` on in vacant lanes; the patient who is next after them."""
    for lane in range(lanes.patient.size):
        while lanes.patient[lane] == VACANT and following < queue.parameters.shape[0]:
            seat(run, lanes, rooms, queue, lane, following)
            following += 1
    return following


@compiled
def leave(lanes: Lanes, queue: Queue, lane: int, status: int) -> None:
    """The patient of a lane has ended."""
    patient = lanes.patient[lane]
    queue.status[patient] = status
    queue.steps[patient] = lanes.steps[lane]
    lanes.patient[lane] = VACANT


@compiled
def seat(run: Run, lanes: Lanes, rooms: Rooms, queue: Queue, lane: int, patient: int) -> None:
    """A patient at the start in a lane, with everything done that happens there."""
    plan = queue.plans[patient]
    lanes.patient[lane] = patient
    lanes.time[lane] = run.start
    lanes.wanted[lane] = run.first_step
    lanes.rejected[lane] = False
    lanes.error[lane] = 0.0
    lanes.error_before[lane] = step.NO_ERROR_BEFORE
    lanes.entry[lane] = queue.offsets[plan]
    lanes.last_entry[lane] = queue.offsets[plan + 1]
    lanes.output[lane] = 0
    lanes.steps[lane] = 0
    status = begin(run, lanes, rooms, queue, lane)
    if status == DONE:
        arrive(run, lanes, rooms, queue, lane)
    else:
        leave(lanes, queue, lane, status)


@compiled
def begin(run: Run, lanes: Lanes, rooms: Rooms, queue: Queue, lane: int) -> int:
    """Parameters, constants and states of a lane at the start; the status."""
    patient = lanes.patient[lane]
    given = rooms.plain_parameters
    given[:] = queue.parameters[patient]
    if not all_finite(given):
        return BAD_PARAMETERS
    while lanes.entry[lane] < lanes.last_entry[lane]:
        entry = lanes.entry[lane]
        if run.entry_times[entry] >= run.start:
            break
        if run.entry_kinds[entry] == PARAMETER:
            given[run.entry_targets[entry]] = run.entry_amounts[entry]
        lanes.entry[lane] += 1
    rooms.parameters[:, lane] = given
    call_address(run.program[CONSTANTS], (rooms.parameters, rooms.constants))
    if run.continued:
        rooms.states[:, lane] = queue.saved[patient]
    else:
        call_address(run.program[INITIAL], (rooms.constants, rooms.fresh))
        rooms.states[:, lane] = rooms.fresh[:, lane]
    if run.uses_time:
        rooms.states[-1, lane] = run.start
    if not time_own_changes(run, lanes, rooms, lane):
        return BAD_PARAMETERS
    return DONE if all_finite(rooms.states[:, lane]) else BAD_INITIAL_STATE


@compiled
def time_own_changes(run: Run, lanes: Lanes, rooms: Rooms, lane: int) -> bool:
    """Times of the model's own changes for a lane; False where one is not a number."""
    own_times = lanes.own_times[lane]
    if own_times.size:
        given, constants = rooms.plain_parameters, rooms.plain_constants
        call_address(run.program[PLAIN_CONSTANTS], (given, constants))
        call_address(run.program[CHANGE_TIMES], (constants, own_times))
    for number in range(own_times.size):
        own = own_times[number]
        if math.isnan(own):
            return False
        if own < run.start or (run.continued and own == run.start):
            own_times[number] = np.inf
    return True


@compiled
def plan_steps(run: Run, lanes: Lanes, rooms: Rooms, queue: Queue) -> bool:
    """Size of the next step in each lane; whether any lane goes on.

    A patient whose steps are used up, or too small for time to go on, leaves.
    """
    goes_on = False
    for lane in range(lanes.patient.size):
        size, lands = 1e-3, False
        if lanes.patient[lane] != VACANT:
            size, lands = plan_step(lanes.wanted[lane], lanes.target[lane] - lanes.time[lane])
            if lanes.steps[lane] >= run.max_steps:
                leave(lanes, queue, lane, STEP_LIMIT)
            elif not lands and size < least_step(lanes.time[lane]):
                broken = lanes.error[lane] >= step.MOST_ERROR
                leave(lanes, queue, lane, NOT_FINITE if broken else STEP_TOO_SMALL)
            else:
                goes_on = True
        lanes.size[lane] = size
        lanes.lands[lane] = lands
        rooms.inverse[0, lane] = 1.0 / size
        rooms.divisor[0, lane] = 1.0 / (size * GAMMA)
        rooms.before[0, lane] = lanes.error_before[lane]
    return goes_on


@compiled
def attempt(run: Run, rooms: Rooms, rtol: Floats) -> None:
    """Stages, new states, errors and changes of step of all lanes."""
    program, states, stages = run.program, rooms.states, rooms.stages
    constants, factors, argument = rooms.constants, rooms.factors, rooms.argument
    call_address(program[FACTOR], (states, constants, rooms.divisor, stages[0], factors))
    call_address(program[RESOLVE], (factors, stages[0]))
    for stage in range(1, STAGES):
        call_address(program[FIRST_STAGE + stage - 1], (states, stages, argument, rooms.inverse))
        call_address(program[RATES], (argument, constants, stages[stage]))
        call_address(program[RESOLVE], (factors, stages[stage]))
    call_address(
        program[WEIGH],
        (states, stages, argument, run.atol, rtol, rooms.before, rooms.judgement),
    )


@compiled
def judge(lanes: Lanes, rooms: Rooms) -> None:
    """Which lanes accept their step, and the step that each wants next."""
    for lane in range(lanes.patient.size):
        rooms.accepted[0, lane] = 0.0
        if lanes.patient[lane] == VACANT:
            continue
        lanes.steps[lane] += 1
        error, size = rooms.judgement[0, lane], lanes.size[lane]
        lanes.error[lane] = error
        if error > 1.0:
            lanes.wanted[lane] = size * rooms.judgement[2, lane]
            lanes.rejected[lane] = True
            continue
        rooms.accepted[0, lane] = 1.0
        growth = float(rooms.judgement[1, lane])
        if lanes.rejected[lane]:
            growth = min(growth, 1.0)
        # a step cut short to land tells nothing against the longer one that was wanted
        if lanes.lands[lane] and growth >= 1.0:
            lanes.wanted[lane] = max(size * growth, lanes.wanted[lane])
        else:
            lanes.wanted[lane] = size * growth
        lanes.error_before[lane] = max(error, step.NO_ERROR_BEFORE)
        lanes.rejected[lane] = False


@compiled
def is_due(run: Run, lanes: Lanes, rooms: Rooms, lane: int) -> bool:
    """Whether the next output of a lane lies inside its step; one it lands on is read later."""
    if rooms.accepted[0, lane] == 0.0 or lanes.output[lane] >= run.times.size:
        return False
    now = run.times[lanes.output[lane]]
    if lanes.lands[lane]:
        return bool(now < lanes.target[lane])
    return bool(now <= lanes.time[lane] + lanes.size[lane])


@compiled
def observe_between(run: Run, lanes: Lanes, rooms: Rooms, queue: Queue) -> None:
    """Outputs inside the steps just accepted: in each round the next output of every lane."""
    program, bent = run.program, False
    while True:
        any_due = False
        for lane in range(lanes.patient.size):
            rooms.share[0, lane] = 0.0
            if is_due(run, lanes, rooms, lane):
                any_due = True
                now = run.times[lanes.output[lane]]
                rooms.share[0, lane] = (now - lanes.time[lane]) / lanes.size[lane]
                if run.uses_time:
                    rooms.between[-1, lane] = now
        if not any_due:
            return
        if not bent:
            call_address(program[BEND], (rooms.stages, run.observed, rooms.bends))
            bent = True
        call_address(
            program[BETWEEN],
            (rooms.states, rooms.argument, rooms.bends, run.observed, rooms.share, rooms.between),
        )
        call_address(program[OBSERVE], (rooms.between, rooms.constants, rooms.outputs))
        for lane in range(lanes.patient.size):
            if is_due(run, lanes, rooms, lane):
                write_outputs(lanes, rooms, queue, lane)


@compiled
def write_outputs(lanes: Lanes, rooms: Rooms, queue: Queue, lane: int) -> None:
    """The outputs of a lane go to its patient's values, at the next time of the grid."""
    row = queue.values[lanes.patient[lane], lanes.output[lane]]
    for place in range(row.size):
        row[place] = rooms.outputs[place, lane]
    lanes.output[lane] += 1


@compiled
def move_on(run: Run, lanes: Lanes, rooms: Rooms, queue: Queue) -> None:
    """Time of each lane whose step was accepted, and what happens where it has come to."""
    for lane in range(lanes.patient.size):
        if rooms.accepted[0, lane] == 0.0:
            continue
        lands = lanes.lands[lane]
        lanes.time[lane] = lanes.target[lane] if lands else lanes.time[lane] + lanes.size[lane]
        if run.uses_time:
            rooms.states[-1, lane] = lanes.time[lane]
        if lands:
            arrive(run, lanes, rooms, queue, lane)


@compiled
def arrive(run: Run, lanes: Lanes, rooms: Rooms, queue: Queue, lane: int) -> None:
    """What happens in a lane that has come to a change or to the end."""
    if make_changes(run, lanes, rooms, lane):
        lanes.wanted[lane] = min(lanes.wanted[lane], run.first_step)
        lanes.error_before[lane] = step.NO_ERROR_BEFORE
    if not all_finite(rooms.states[:, lane]):
        leave(lanes, queue, lane, NOT_FINITE)
        return
    observe_here(run, lanes, rooms, queue, lane)
    target = run.end
    for own in lanes.own_times[lane]:
        target = min(target, own)
    if lanes.entry[lane] < lanes.last_entry[lane]:
        target = min(target, run.entry_times[lanes.entry[lane]])
    lanes.target[lane] = target
    if lanes.time[lane] >= run.end:
        queue.final_states[lanes.patient[lane]] = rooms.states[:, lane]
        leave(lanes, queue, lane, DONE)


@compiled
def make_changes(run: Run, lanes: Lanes, rooms: Rooms, lane: int) -> bool:
    """Changes of a lane that are due, the model's own first; whether there were any."""
    changed, time = False, lanes.time[lane]
    own_times = lanes.own_times[lane]
    for number in range(own_times.size):
        if own_times[number] <= time:
            rooms.fresh[:] = rooms.states
            address = run.program[FIRST_JUMP + number]
            call_address(address, (rooms.states, rooms.constants, rooms.fresh))
            rooms.states[:, lane] = rooms.fresh[:, lane]
            own_times[number] = np.inf
            changed = True
    while lanes.entry[lane] < lanes.last_entry[lane]:
        entry = lanes.entry[lane]
        if run.entry_times[entry] > time:
            break
        target, amount = run.entry_targets[entry], run.entry_amounts[entry]
        if run.entry_kinds[entry] == PARAMETER:
            rooms.parameters[target, lane] = amount
            call_address(run.program[CONSTANTS], (rooms.parameters, rooms.constants))
        else:
            moved = rooms.states[target, lane] * run.entry_factors[entry] + amount
            rooms.states[target, lane] = moved
        lanes.entry[lane] += 1
        changed = True
    return changed


@compiled
def observe_here(run: Run, lanes: Lanes, rooms: Rooms, queue: Queue, lane: int) -> None:
    """Outputs of a lane at times of the grid that are now, from the states themselves."""
    time = lanes.time[lane]
    if lanes.output[lane] < run.times.size and run.times[lanes.output[lane]] <= time:
        call_address(run.program[OBSERVE], (rooms.states, rooms.constants, rooms.outputs))
    while lanes.output[lane] < run.times.size and run.times[lanes.output[lane]] <= time:
        write_outputs(lanes, rooms, queue, lane)
