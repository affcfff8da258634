"""The algorithm of `scalar_loop` for several patients at once, one in each lane.

Every lane has its own time and step; a lane whose patient has ended takes the next patient. All
arithmetic on states is done by functions of the program, and step control by those of `control`,
called by address with parts of the table. What is here serves single lanes: those that have come to
a change or to the end, or that have outputs inside their step. Compiled once per machine for all
programs; `desk` says what the arguments are.
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
from stromal.kernels.solvers.lanes.control import Clock, Mark
from stromal.kernels.solvers.lanes.desk import VACANT, Rows
from stromal.kernels.solvers.scalar_loop import (
    BAD_INITIAL_STATE,
    BAD_PARAMETERS,
    DONE,
    NOT_FINITE,
    PARAMETER,
    STEP_LIMIT,
    STEP_TOO_SMALL,
)

Floats = NDArray[np.float64]
Records = NDArray[Any]
Integers = NDArray[Any]

TIME, TARGET, WANTED = int(Clock.TIME), int(Clock.TARGET), int(Clock.WANTED)
INVERSE, LANDS, REACHED = int(Clock.INVERSE), int(Clock.LANDS), int(Clock.REACHED)
ERROR, BEFORE, REJECTED = int(Clock.ERROR), int(Clock.ERROR_BEFORE), int(Clock.REJECTED)
STEPS, SEATED_ROW, NEXT_OUTPUT = int(Clock.STEPS), int(Clock.SEATED), int(Clock.NEXT_OUTPUT)
SEATED, STUCK = int(Mark.SEATED), int(Mark.STUCK)
DUE, ARRIVED = int(Mark.DUE), int(Mark.ARRIVED)


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
    marks: Integers,
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
    seats, slots, _own, patients, _entries = records
    _parameters, _saved, _final_states, values, times = arrays
    following, attempts, serve = 0, 0, (1 << seats.size) - 1
    while True:
        for lane in range(seats.size):
            if has(serve, lane):
                following = serve_lane(desk, records, rows, arrays, plain, lane, following)
        plan = (
            desk.clock, desk.limits, desk.inverse, desk.divisor, desk.before, desk.marks,
        )  # fmt: skip
        call(desk.call_plan, plan)
        serve = marks[STUCK]
        if serve:
            give_up(desk, seats, rows, patients, serve)
            if following < patients.size:
                continue
        if marks[SEATED] == serve:
            return attempts
        attempt(desk)
        attempts += 1
        call(desk.call_judge, (desk.clock, desk.judgement, desk.accepted, desk.marks))
        if marks[DUE]:
            observe_between(desk, seats, slots, picks, rows, times, values, marks[DUE])
        accept = (desk.argument, desk.increment, desk.accepted, desk.sums, desk.states)
        call(desk.call_accept, accept)
        call(desk.call_move_on, (desk.clock, desk.states, desk.sums))
        serve = marks[ARRIVED]


@compiled
def serve_lane(
    desk: Any,
    records: tuple[Records, Records, Records, Records, Records],
    rows: Rows,
    arrays: tuple[Floats, Floats, Floats, Floats, Floats],
    plain: tuple[Floats, Floats],
    lane: int,
    following: int,
) -> int:
    """Changes and outputs of a lane that has come to them; if it is free, the next patient's.

    The next patient after that is returned.
    """
    seats, _slots, own, patients, entries = records
    parameters, saved, final_states, values, times = arrays
    while True:
        if seats[lane].patient != VACANT:
            arrive(desk, seats, rows, own, entries, lane)
            observe_here(desk, seats, rows, times, values, lane)
            end_here(desk, seats, rows, patients, final_states, lane)
        if seats[lane].patient != VACANT or following == patients.size:
            return following
        seat(desk, seats, rows, patients, lane, following)
        status = start_here(desk, seats, rows, own, entries, (parameters, saved), plain, lane)
        if status != DONE:
            leave(seats, rows, patients, lane, status)
        following += 1


@inlined
def has(bits: int, lane: int) -> bool:
    """Whether the bit of a lane is set."""
    return bool(bits >> lane & 1)


@compiled
def leave(seats: Records, rows: Rows, patients: Records, lane: int, status: int) -> None:
    """The patient of a lane has ended."""
    patient = seats[lane].patient
    patients[patient].status = status
    patients[patient].steps = int(rows.clock[STEPS, lane])
    patients[patient].outputs = seats[lane].output
    seats[lane].patient = VACANT
    rows.clock[SEATED_ROW, lane] = 0.0
    rows.clock[NEXT_OUTPUT, lane] = np.inf


@compiled
def give_up(desk: Any, seats: Records, rows: Rows, patients: Records, stuck: int) -> None:
    """Patients whose steps are used up, or too small for time to go on, leave."""
    for lane in range(seats.size):
        if not has(stuck, lane):
            continue
        status = NOT_FINITE if rows.clock[ERROR, lane] >= step.MOST_ERROR else STEP_TOO_SMALL
        if rows.clock[STEPS, lane] >= desk.max_steps:
            status = STEP_LIMIT
        leave(seats, rows, patients, lane, status)


@compiled
def seat(desk: Any, seats: Records, rows: Rows, patients: Records, lane: int, patient: int) -> None:
    """A patient takes a lane."""
    taken = seats[lane]
    taken.patient = patient
    taken.entry = patients[patient].entry
    taken.last_entry = patients[patient].last_entry
    taken.output = 0
    clock = rows.clock[:, lane]
    clock[TIME] = desk.start
    clock[WANTED] = desk.first_step
    clock[ERROR] = 0.0
    clock[BEFORE] = step.NO_ERROR_BEFORE
    clock[REJECTED] = 0.0
    clock[STEPS] = 0.0
    clock[SEATED_ROW] = 1.0


@compiled
def start_here(
    desk: Any,
    seats: Records,
    rows: Rows,
    own: Records,
    entries: Records,
    given: tuple[Floats, Floats],
    plain: tuple[Floats, Floats],
    lane: int,
) -> int:
    """Parameters, changes to come and states of the patient that took a lane; the status."""
    parameters, saved = given
    own_parameters, own_times = plain
    if not read_parameters(desk, seats, rows, entries, parameters, own_parameters, lane):
        return BAD_PARAMETERS
    if not time_own_changes(desk, own, own_times, lane):
        return BAD_PARAMETERS
    return int(begin(desk, seats, rows, saved, lane))


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
        call(desk.call_plain_change_times, (desk.plain_constants, desk.plain_times))
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
            set_state(rows, state, lane, saved[seats[lane].patient, state])
        else:
            set_state(rows, state, lane, rows.fresh[state, lane])
    if desk.uses_time:
        set_state(rows, desk.n_states - 1, lane, desk.start)
    return DONE if is_finite(desk, rows, lane) else BAD_INITIAL_STATE


@inlined
def set_state(rows: Rows, state: int, lane: int, value: float) -> None:
    """A state of a lane takes a value."""
    rows.sums[state, lane] = value
    rows.states[state, lane] = value


@compiled
def is_finite(desk: Any, rows: Rows, lane: int) -> bool:
    """Whether every state of a lane is a finite number."""
    for state in range(desk.n_states):  # noqa: SIM110 - numba has no `all`
        if not math.isfinite(rows.states[state, lane]):
            return False
    return True


@inlined
def attempt(desk: Any) -> None:
    """Stages, new states, errors and changes of step of all lanes."""
    states, stages, argument = desk.states, desk.stages, desk.argument
    increment = desk.increment
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
        call(function, (states, stages, argument, increment, inverse))
        call(desk.call_rates, (argument, constants, stage))
        call(desk.call_resolve, (factors, stage))
    weigh = (
        states, stages, argument, increment, desk.atol, desk.rtol, desk.before, desk.judgement,
    )  # fmt: skip
    call(desk.call_weigh, weigh)


@inlined
def observe_between(
    desk: Any,
    seats: Records,
    slots: Records,
    picks: Integers,
    rows: Rows,
    times: Floats,
    values: Floats,
    due: int,
) -> None:
    """Outputs inside the steps just accepted: a register holds several days of one patient.

    A slot is filled with each output of a lane that is due; what a slot needs of that lane is
    picked from the lane's place in each row. An output that a step lands on is read later.
    """
    call(desk.call_bend, (desk.stages, desk.observed, desk.bends))
    filled = 0
    for lane in range(seats.size):
        if not has(due, lane):
            continue
        taken = seats[lane]
        begun, reached = rows.clock[TIME, lane], rows.clock[REACHED, lane]
        lands, share = rows.clock[LANDS, lane] > 0.0, rows.clock[INVERSE, lane]
        output, now = taken.output, times[taken.output]
        while now < reached or (now == reached and not lands):
            slot = slots[filled]
            slot.patient, slot.output, slot.time = taken.patient, output, now
            picks[filled] = lane
            rows.share[0, filled] = (now - begun) * share
            output += 1
            filled += 1
            if filled == seats.size:
                observe_slots(desk, slots, rows, values, filled)
                filled = 0
            now = times[output] if output < times.size else np.inf
        taken.output = output
        rows.clock[NEXT_OUTPUT, lane] = now
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
    taken, clock, changed = seats[lane], rows.clock[:, lane], False
    target = desk.end
    for number in range(own.shape[1]):
        if own[lane, number].time <= clock[TIME]:
            for state in range(desk.n_states):
                rows.fresh[state, lane] = rows.states[state, lane]
            call(own[lane, number].jump, (desk.states, desk.constants, desk.fresh))
            for state in range(desk.n_states):
                if rows.fresh[state, lane] != rows.states[state, lane]:
                    set_state(rows, state, lane, rows.fresh[state, lane])
            own[lane, number].time = np.inf
            changed = True
        target = min(target, own[lane, number].time)
    while taken.entry < taken.last_entry and entries[taken.entry].time <= clock[TIME]:
        entry = entries[taken.entry]
        if entry.kind == PARAMETER:
            rows.parameters[entry.target, lane] = entry.amount
            call(desk.call_constants, (desk.parameters, desk.constants))
        else:
            state = rows.sums[entry.target, lane]
            set_state(rows, entry.target, lane, state * entry.factor + entry.amount)
        taken.entry += 1
        changed = True
    if taken.entry < taken.last_entry:
        target = min(target, entries[taken.entry].time)
    clock[TARGET] = target
    if changed:
        clock[WANTED] = min(clock[WANTED], desk.first_step)
        clock[BEFORE] = step.NO_ERROR_BEFORE


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
    taken, time = seats[lane], rows.clock[TIME, lane]
    if not is_finite(desk, rows, lane):
        return
    if taken.output < times.size and times[taken.output] <= time:
        call(desk.call_observe, (desk.states, desk.constants, desk.outputs))
    while taken.output < times.size and times[taken.output] <= time:
        write_outputs(rows, lane, values[taken.patient, taken.output])
        taken.output += 1
    rows.clock[NEXT_OUTPUT, lane] = times[taken.output] if taken.output < times.size else np.inf


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
    if not is_finite(desk, rows, lane):
        leave(seats, rows, patients, lane, NOT_FINITE)
    elif rows.clock[TIME, lane] >= desk.end:
        for state in range(desk.n_states):
            final_states[seats[lane].patient, state] = rows.sums[state, lane]
        leave(seats, rows, patients, lane, DONE)
