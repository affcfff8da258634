"""The algorithm of `scalar_loop` for several patients at once, one in each lane.

Every lane has its own time and step; a lane whose patient has ended takes the next patient. All
arithmetic on states is done by functions of the program, called by address with parts of the
table; what is here decides, lane by lane. Nothing moves between lanes, so a patient's numbers
depend on that patient alone. Compiled once per machine for all programs; `desk` says what the
arguments are.
"""

# mypy: disable-error-code="no-untyped-call"
# ruff: noqa: ANN401 - numba's and LLVM's own values carry no types

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from stromal.kernels.solvers import step
from stromal.kernels.solvers.compiled import compiled, inlined
from stromal.kernels.solvers.lanes.desk import VACANT, Rows
from stromal.kernels.solvers.rodas5p import GAMMA
from stromal.kernels.solvers.scalar_loop import (
    BAD_INITIAL_STATE,
    BAD_PARAMETERS,
    DONE,
    NOT_FINITE,
    PARAMETER,
    STEP_LIMIT,
    STEP_TOO_SMALL,
    least_step,
    plan_step,
)

Floats = NDArray[np.float64]
Records = NDArray[Any]
Integers = NDArray[Any]


def _call(_context: Any, function: Any, arguments: Any) -> Any:
    """Call the C function at an address with a tuple of addresses."""

    def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        where, packed = values
        passed = [builder.extract_value(packed, place) for place in range(len(arguments))]
        kind = ir.FunctionType(ir.VoidType(), [value.type for value in passed])
        builder.call(builder.inttoptr(where, kind.as_pointer()), passed)
        return context.get_dummy_value()

    return types.void(function, arguments), generate


call: Any = intrinsic(_call)


@compiled
def integrate_block(
    desk: Any,
    records: tuple[Records, Records, Records, Records, Records],
    picks: Integers,
    rows: Rows,
    arrays: tuple[Floats, Floats, Floats, Floats, Floats],
    plain: tuple[Floats, Floats],
) -> int:
    """Work out the patients of a block; the attempts made, each of all lanes together.

    `records` are seats and slots (lanes,), the model's own changes (lanes, K), patients (N,) and
    entries of the timeline; `arrays` are parameters (N, P), saved states (N, S), final states
    (N, S), values (N, T, O) and the grid (T,); `plain` the parameters of one patient and times of
    the model's own changes.
    """
    seats, slots, own, patients, entries = records
    parameters, saved, final_states, values, times = arrays
    given, own_times = plain
    following, attempts = 0, 0
    while True:
        for lane in range(seats.size):
            while True:
                if seats[lane].arrived:
                    arrive(desk, seats, rows, own, entries, lane)
                    observe_here(desk, seats, rows, times, values, lane)
                    end_here(desk, seats, rows, patients, final_states, lane)
                if seats[lane].patient != VACANT or following == patients.size:
                    break
                seat(desk, seats, patients, lane, following)
                status = BAD_PARAMETERS
                if read_parameters(
                    desk, seats, rows, entries, parameters, given, lane
                ) and time_own_changes(desk, own, own_times, lane):
                    status = begin(desk, seats, rows, saved, lane)
                if status != DONE:
                    leave(seats, patients, lane, status)
                following += 1
        if not plan_steps(desk, seats, rows, patients):
            if following == patients.size:
                return attempts
            continue
        attempt(desk)
        attempts += 1
        judge(seats, rows)
        observe_between(desk, seats, slots, picks, rows, times, values)
        call(desk.call_accept, (desk.argument, desk.accepted, desk.states))
        move_on(desk, seats, rows)


@compiled
def leave(seats: Records, patients: Records, lane: int, status: int) -> None:
    """The patient of a lane has ended."""
    patient = seats[lane].patient
    patients[patient].status = status
    patients[patient].steps = seats[lane].steps
    patients[patient].outputs = seats[lane].output
    seats[lane].patient = VACANT
    seats[lane].arrived = False


@compiled
def seat(desk: Any, seats: Records, patients: Records, lane: int, patient: int) -> None:
    """A patient takes a lane."""
    taken = seats[lane]
    taken.patient = patient
    taken.time = desk.start
    taken.wanted = desk.first_step
    taken.error = 0.0
    taken.error_before = step.NO_ERROR_BEFORE
    taken.rejected = False
    taken.arrived = True
    taken.entry = patients[patient].entry
    taken.last_entry = patients[patient].last_entry
    taken.output = 0
    taken.steps = 0


@compiled
def read_parameters(
    desk: Any,
    seats: Records,
    rows: Rows,
    entries: Records,
    parameters: Floats,
    given: Floats,
    lane: int,
) -> bool:
    """Parameters and constants of a lane at the start; False where one is not a finite number."""
    taken = seats[lane]
    for place in range(given.size):
        given[place] = parameters[taken.patient, place]
        if not math.isfinite(given[place]):
            return False
    while taken.entry < taken.last_entry and entries[taken.entry].time < desk.start:
        entry = entries[taken.entry]
        if entry.kind == PARAMETER:
            given[entry.target] = entry.amount
        taken.entry += 1
    for place in range(given.size):
        rows.parameters[place, lane] = given[place]
    call(desk.call_constants, (desk.parameters, desk.constants))
    return True


@compiled
def time_own_changes(desk: Any, own: Records, own_times: Floats, lane: int) -> bool:
    """Times of the model's own changes for a lane; False where one is not a number."""
    if own_times.size:
        call(desk.call_plain_constants, (desk.plain_parameters, desk.plain_constants))
        call(desk.call_change_times, (desk.plain_constants, desk.plain_times))
    for number in range(own_times.size):
        time = own_times[number]
        if math.isnan(time):
            return False
        was = time < desk.start or (desk.continued and time == desk.start)
        own[lane, number].time = np.inf if was else time
    return True


@compiled
def begin(desk: Any, seats: Records, rows: Rows, saved: Floats, lane: int) -> int:
    """States of a lane at the start; the status."""
    call(desk.call_initial, (desk.constants, desk.fresh))
    for state in range(desk.n_states):
        if desk.continued:
            rows.states[state, lane] = saved[seats[lane].patient, state]
        else:
            rows.states[state, lane] = rows.fresh[state, lane]
    if desk.uses_time:
        rows.states[desk.n_states - 1, lane] = desk.start
    return DONE if is_finite(desk, rows, lane) else BAD_INITIAL_STATE


@compiled
def is_finite(desk: Any, rows: Rows, lane: int) -> bool:
    """Whether every state of a lane is a finite number."""
    for state in range(desk.n_states):  # noqa: SIM110 - numba has no `all`
        if not math.isfinite(rows.states[state, lane]):
            return False
    return True


@inlined
def plan_steps(desk: Any, seats: Records, rows: Rows, patients: Records) -> bool:
    """Size of the next step in each lane; whether any lane goes on.

    A patient whose steps are used up, or too small for time to go on, leaves.
    """
    goes_on = False
    for lane in range(seats.size):
        taken = seats[lane]
        size, lands = 1e-3, False
        if taken.patient != VACANT:
            size, lands = plan_step(taken.wanted, taken.target - taken.time)
            if taken.steps >= desk.max_steps:
                leave(seats, patients, lane, STEP_LIMIT)
            elif not lands and size < least_step(taken.time):
                broken = taken.error >= step.MOST_ERROR
                leave(seats, patients, lane, NOT_FINITE if broken else STEP_TOO_SMALL)
            else:
                goes_on = True
        taken.size = size
        taken.lands = lands
        rows.inverse[0, lane] = 1.0 / size
        rows.divisor[0, lane] = 1.0 / (size * GAMMA)
        rows.before[0, lane] = taken.error_before
    return goes_on


@inlined
def attempt(desk: Any) -> None:
    """Stages, new states, errors and changes of step of all lanes."""
    states, stages, argument = desk.states, desk.stages, desk.argument
    constants, factors, inverse = desk.constants, desk.factors, desk.inverse
    size = desk.argument - desk.states
    call(desk.call_factor, (states, constants, desk.divisor, stages, factors))
    call(desk.call_resolve, (factors, stages))
    functions = (
        desk.call_stage_1, desk.call_stage_2, desk.call_stage_3, desk.call_stage_4,
        desk.call_stage_5, desk.call_stage_6, desk.call_stage_7,
    )  # fmt: skip
    stage = stages
    for function in functions:
        stage += size
        call(function, (states, stages, argument, inverse))
        call(desk.call_rates, (argument, constants, stage))
        call(desk.call_resolve, (factors, stage))
    call(
        desk.call_weigh,
        (states, stages, argument, desk.atol, desk.rtol, desk.before, desk.judgement),
    )


@inlined
def judge(seats: Records, rows: Rows) -> None:
    """Which lanes accept their step, and the step that each wants next."""
    for lane in range(seats.size):
        taken = seats[lane]
        taken.accepted = False
        rows.accepted[0, lane] = 0.0
        if taken.patient == VACANT:
            continue
        taken.steps += 1
        error = float(rows.judgement[0, lane])
        taken.error = error
        if error > 1.0:
            taken.wanted = taken.size * rows.judgement[2, lane]
            taken.rejected = True
            continue
        taken.accepted = True
        rows.accepted[0, lane] = 1.0
        growth = float(rows.judgement[1, lane])
        if taken.rejected:
            growth = min(growth, 1.0)
        wanted = taken.size * growth
        # a step cut short to land tells nothing against the longer one that was wanted
        if taken.lands and growth >= 1.0:
            wanted = max(wanted, taken.wanted)
        taken.wanted = wanted
        taken.error_before = max(error, step.NO_ERROR_BEFORE)
        taken.rejected = False


@inlined
def is_inside(taken: Any, now: float) -> bool:
    """Whether a time lies inside the step of a lane; one that it lands on is read later."""
    if taken.lands:
        return bool(now < taken.target)
    return bool(now <= taken.time + taken.size)


@inlined
def observe_between(
    desk: Any,
    seats: Records,
    slots: Records,
    picks: Integers,
    rows: Rows,
    times: Floats,
    values: Floats,
) -> None:
    """Outputs inside the steps just accepted: a register holds several days of one patient.

    A slot is filled with each output that is due, of whichever lane; what a slot needs of that
    lane is picked from the lane's place in each row.
    """
    filled, bent = 0, False
    for lane in range(seats.size):
        taken = seats[lane]
        while taken.accepted and taken.output < times.size:
            now = times[taken.output]
            if not is_inside(taken, now):
                break
            if not bent:
                call(desk.call_bend, (desk.stages, desk.observed, desk.bends))
                bent = True
            slot = slots[filled]
            slot.patient, slot.output, slot.time = taken.patient, taken.output, now
            picks[filled] = lane
            rows.share[0, filled] = (now - taken.time) / taken.size
            taken.output += 1
            filled += 1
            if filled == seats.size:
                observe_slots(desk, slots, rows, values, filled)
                filled = 0
    if filled:
        observe_slots(desk, slots, rows, values, filled)


@inlined
def observe_slots(desk: Any, slots: Records, rows: Rows, values: Floats, filled: int) -> None:
    """Work out the outputs of all slots, and write them to the values of their patients."""
    inside = (
        desk.states, desk.argument, desk.bends, desk.observed, desk.picks, desk.share, desk.between,
    )  # fmt: skip
    call(desk.call_between, inside)
    call(desk.call_pick_constants, (desk.constants, desk.read, desk.picks, desk.read_constants))
    if desk.uses_time:
        for slot in range(filled):
            rows.between[desk.n_states - 1, slot] = slots[slot].time
    call(desk.call_observe, (desk.between, desk.read_constants, desk.outputs))
    for slot in range(filled):
        write_outputs(rows, slot, values[slots[slot].patient, slots[slot].output])


@inlined
def write_outputs(rows: Rows, lane: int, values: Floats) -> None:
    """The outputs of a lane or a slot go to a patient's values at one time, (O,)."""
    for place in range(values.size):
        values[place] = rows.outputs[place, lane]


@inlined
def move_on(desk: Any, seats: Records, rows: Rows) -> None:
    """Time of each lane whose step was accepted."""
    for lane in range(seats.size):
        taken = seats[lane]
        if taken.accepted:
            taken.time = taken.target if taken.lands else taken.time + taken.size
            taken.arrived = taken.lands
            if desk.uses_time:
                rows.states[desk.n_states - 1, lane] = taken.time


@compiled
def arrive(
    desk: Any,
    seats: Records,
    rows: Rows,
    own: Records,
    entries: Records,
    lane: int,
) -> None:
    """Changes of a lane that are due, the model's own first, and where the lane goes next."""
    taken, changed = seats[lane], False
    target = desk.end
    for number in range(own.shape[1]):
        if own[lane, number].time <= taken.time:
            for state in range(desk.n_states):
                rows.fresh[state, lane] = rows.states[state, lane]
            call(own[lane, number].jump, (desk.states, desk.constants, desk.fresh))
            for state in range(desk.n_states):
                rows.states[state, lane] = rows.fresh[state, lane]
            own[lane, number].time = np.inf
            changed = True
        target = min(target, own[lane, number].time)
    while taken.entry < taken.last_entry and entries[taken.entry].time <= taken.time:
        entry = entries[taken.entry]
        if entry.kind == PARAMETER:
            rows.parameters[entry.target, lane] = entry.amount
            call(desk.call_constants, (desk.parameters, desk.constants))
        else:
            state = rows.states[entry.target, lane]
            rows.states[entry.target, lane] = state * entry.factor + entry.amount
        taken.entry += 1
        changed = True
    if taken.entry < taken.last_entry:
        target = min(target, entries[taken.entry].time)
    taken.target = target
    if changed:
        taken.wanted = min(taken.wanted, desk.first_step)
        taken.error_before = step.NO_ERROR_BEFORE


@compiled
def observe_here(
    desk: Any,
    seats: Records,
    rows: Rows,
    times: Floats,
    values: Floats,
    lane: int,
) -> None:
    """Outputs of a lane at times of the grid that are now, from the states themselves."""
    taken = seats[lane]
    if not is_finite(desk, rows, lane):
        return
    if taken.output < times.size and times[taken.output] <= taken.time:
        call(desk.call_observe, (desk.states, desk.constants, desk.outputs))
    while taken.output < times.size and times[taken.output] <= taken.time:
        write_outputs(rows, lane, values[taken.patient, taken.output])
        taken.output += 1


@compiled
def end_here(
    desk: Any,
    seats: Records,
    rows: Rows,
    patients: Records,
    final_states: Floats,
    lane: int,
) -> None:
    """A lane that has come to the end, or to a state that is not a number, is left."""
    taken = seats[lane]
    taken.arrived = False
    if not is_finite(desk, rows, lane):
        leave(seats, patients, lane, NOT_FINITE)
    elif taken.time >= desk.end:
        for state in range(desk.n_states):
            final_states[taken.patient, state] = rows.states[state, lane]
        leave(seats, patients, lane, DONE)
