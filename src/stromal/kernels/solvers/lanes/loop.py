"""The algorithm of `scalar_loop` for several patients at once, one in each lane.

Lanes are refilled from a work queue: every lane has its own time and step, and one whose patient
has ended takes the next patient. Outputs inside a step are read off the method's dense output. All
arithmetic on states is done by functions of the program, and step control by those of `control`,
called by address with parts of the table. What is here serves single lanes: those that have come to
a change or to the end, or that have outputs inside their step. Compiled once per machine for all
programs; `context` says what the arguments are.
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
from stromal.kernels.solvers.lanes.context import VACANT, Rows
from stromal.kernels.solvers.lanes.control import Clock, Mark
from stromal.kernels.solvers.scalar_loop import (
    BAD_INITIAL_STATE,
    BAD_PARAMETERS,
    DONE,
    EVENT,
    FOLLOWED,
    LOST,
    NEVER_SEEN,
    NOT_FINITE,
    PARAMETER,
    STEP_LIMIT,
    STEP_TOO_SMALL,
    least_step,
)

Floats = NDArray[np.float64]
Records = NDArray[Any]
Integers = NDArray[Any]
Told = tuple[Floats, Floats, NDArray[np.int8]]
"""Absolute tolerances (S,), shares of own sizes times `rtol` (S,), and traces (N, S) to fill in."""

TIME, TARGET, WANTED = int(Clock.TIME), int(Clock.TARGET), int(Clock.WANTED)
INVERSE, LANDS, REACHED = int(Clock.INVERSE), int(Clock.LANDS), int(Clock.REACHED)
ERROR, BEFORE, REJECTED = int(Clock.ERROR), int(Clock.ERROR_BEFORE), int(Clock.REJECTED)
STEPS, OCCUPIED_ROW, NEXT_OUTPUT = int(Clock.STEPS), int(Clock.OCCUPIED), int(Clock.NEXT_OUTPUT)
OCCUPIED, STUCK = int(Mark.OCCUPIED), int(Mark.STUCK)
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
    context: Any,
    records: tuple[Records, Records, Integers, Records, Records],
    picks: Integers,
    marks: Integers,
    rows: Rows,
    arrays: tuple[Floats, Floats, Floats, Floats, Floats, Floats],
    told: Told,
    halt: Integers,
) -> int:
    """Work out the patients of a block; the attempts made, each of all lanes together.

    `records` are occupants and slots (lanes,), addresses of the model's own changes
    (K,), patients (N,), and entries of the timeline; `arrays` are parameters (N, P), saved states
    (N, S), final states (N, S), values (N, T, O), the grid (T,) and room for the parameters of one
    patient; `told` is for what became of states. Where `halt` is set, the work is left as it is.
    """
    occupants, slots, _jumps, patients, _entries = records
    values, times = arrays[3], arrays[4]
    following, attempts, serve = 0, 0, (1 << occupants.size) - 1
    while True:
        # One lane at a time here, although it leaves the others idle: changes and ends differ from
        # patient to patient, and they are few beside the steps that all lanes share.
        for lane in range(occupants.size):
            if has(serve, lane):
                following = serve_lane(
                    context, records, rows, arrays, told, lane, following,
                )  # fmt: skip
        plan = (
            context.clock, context.limits, context.inverse, context.divisor, context.before,
            context.marks,
        )  # fmt: skip
        call(context.call_propose, plan)
        serve = marks[STUCK]
        if serve:
            dismiss_stuck(context, occupants, rows, patients, told, serve)
            # An attempt costs the same with an empty lane, so that a lane is filled before it. With
            # nobody left to come the others go on, and empty lanes compute what nobody reads.
            if following < patients.size:
                continue
        if marks[OCCUPIED] == serve or halt[0]:
            return attempts
        attempt(context)
        attempts += 1
        call(
            context.call_decide, (context.clock, context.estimate, context.accepted, context.marks)
        )
        if marks[DUE]:
            observe_between(context, occupants, slots, picks, rows, times, values, marks[DUE])
        accept = (
            context.argument,
            context.increment,
            context.accepted,
            context.sums,
            context.states,
        )
        call(context.call_accept, accept)
        if context.n_renewing:
            watched = (
                context.states, context.largest, context.traces, context.atol, context.rtol,
                context.own, context.renewing,
            )  # fmt: skip
            call(context.call_watch, watched)
        call(context.call_advance, (context.clock, context.states, context.sums))
        serve = marks[ARRIVED]


@compiled
def serve_lane(
    context: Any,
    records: tuple[Records, Records, Integers, Records, Records],
    rows: Rows,
    arrays: tuple[Floats, Floats, Floats, Floats, Floats, Floats],
    told: Told,
    lane: int,
    following: int,
) -> int:
    """Changes and outputs of a lane that has come to them; if it is free, the next patient's.

    The next patient after that is returned.
    """
    occupants, _slots, jumps, patients, entries = records
    parameters, saved, final_states, values, times, given = arrays
    # A patient may end at once (bad start, run of no length): ask until one stays.
    while True:
        if occupants[lane].patient != VACANT:
            # changes before outputs: an output at the instant of a change shows the value after it
            arrive(context, occupants, rows, jumps, entries, lane)
            observe_here(context, occupants, rows, times, values, lane)
            end_here(context, occupants, rows, patients, told, final_states, lane)
        if occupants[lane].patient != VACANT or following == patients.size:
            return following
        admit(context, occupants, rows, patients, lane, following)
        status = start_here(
            context, occupants, rows, entries, (parameters, saved, given), lane,
        )  # fmt: skip
        if status != DONE:
            release(occupants, rows, patients, told, lane, status)
        following += 1


@inlined
def has(bits: int, lane: int) -> bool:
    """Whether the bit of a lane is set."""
    return bool(bits >> lane & 1)


@compiled
def release(
    occupants: Records, rows: Rows, patients: Records, told: Told, lane: int, status: int
) -> None:
    """The patient of a lane has ended."""
    patient = occupants[lane].patient
    atol, own, traces = told
    for state in range(atol.size):
        # sizes are noted when a step begins, so that the last one is not among them
        largest = float(max(rows.largest[state, lane], abs(rows.states[state, lane])))
        unseen = 0.0 < largest <= atol[state] + own[state] * largest
        traces[patient, state] = NEVER_SEEN if unseen else int(rows.traces[state, lane])
    patients[patient].status = status
    patients[patient].steps = int(rows.clock[STEPS, lane])
    patients[patient].outputs = occupants[lane].output
    occupants[lane].patient = VACANT
    rows.clock[OCCUPIED_ROW, lane] = 0.0
    rows.clock[NEXT_OUTPUT, lane] = np.inf


@compiled
def dismiss_stuck(
    context: Any, occupants: Records, rows: Rows, patients: Records, told: Told, stuck: int
) -> None:
    """Patients whose steps are used up, or too small for time to go on, leave."""
    for lane in range(occupants.size):
        if not has(stuck, lane):
            continue
        status = NOT_FINITE if rows.clock[ERROR, lane] >= step.MOST_ERROR else STEP_TOO_SMALL
        if rows.clock[STEPS, lane] >= context.max_steps:
            status = STEP_LIMIT
        release(occupants, rows, patients, told, lane, status)


@compiled
def admit(
    context: Any, occupants: Records, rows: Rows, patients: Records, lane: int, patient: int
) -> None:
    """A patient takes a lane."""
    taken = occupants[lane]
    taken.patient = patient
    taken.entry = patients[patient].entry
    taken.last_entry = patients[patient].last_entry
    taken.output = 0
    clock = rows.clock[:, lane]
    clock[TIME] = context.start
    clock[WANTED] = context.first_step
    clock[ERROR] = 0.0
    clock[BEFORE] = step.NO_ERROR_BEFORE
    clock[REJECTED] = 0.0
    clock[STEPS] = 0.0
    clock[OCCUPIED_ROW] = 1.0


@compiled
def start_here(
    context: Any,
    occupants: Records,
    rows: Rows,
    entries: Records,
    arrays: tuple[Floats, Floats, Floats],
    lane: int,
) -> int:
    """Parameters, changes to come and states of the patient that took a lane; the status."""
    parameters, saved, given = arrays
    if not read_parameters(context, occupants, rows, entries, parameters, given, lane):
        return BAD_PARAMETERS
    return int(begin(context, occupants, rows, saved, lane))


@compiled
def read_parameters(
    context: Any,
    occupants: Records,
    rows: Rows,
    entries: Records,
    parameters: Floats,
    given: Floats,
    lane: int,
) -> bool:
    """Parameters and constants of a lane at the start; False where one is not a finite number."""
    taken = occupants[lane]
    for place in range(given.size):
        given[place] = parameters[taken.patient, place]
        if not math.isfinite(given[place]):
            return False
    while taken.entry < taken.last_entry and entries[taken.entry].time < context.start:
        entry = entries[taken.entry]
        if entry.kind == PARAMETER:
            given[entry.target] = entry.amount
        taken.entry += 1
    for place in range(given.size):
        rows.parameters[place, lane] = given[place]
    call(context.call_constants, (context.parameters, context.constants))
    return True


@compiled
def begin(context: Any, occupants: Records, rows: Rows, saved: Floats, lane: int) -> int:
    """States of a lane at the start; the status."""
    call(context.call_initial, (context.constants, context.fresh))
    for state in range(context.n_states):
        rows.largest[state, lane], rows.traces[state, lane] = 0.0, FOLLOWED
        if context.continued:
            set_state(rows, state, lane, saved[occupants[lane].patient, state])
        else:
            set_state(rows, state, lane, rows.fresh[state, lane])
    if context.uses_time:
        set_state(rows, context.n_states - 1, lane, context.start)
    return DONE if is_finite(context, rows, lane) else BAD_INITIAL_STATE


@inlined
def set_state(rows: Rows, state: int, lane: int, value: float) -> None:
    """A state of a lane takes a value, and is followed from there."""
    rows.sums[state, lane] = value
    rows.states[state, lane] = value
    rows.largest[state, lane] = max(rows.largest[state, lane], abs(value))
    if rows.traces[state, lane] == LOST:
        rows.traces[state, lane] = FOLLOWED


@compiled
def is_finite(context: Any, rows: Rows, lane: int) -> bool:
    """Whether every state of a lane is a finite number."""
    for state in range(context.n_states):  # noqa: SIM110 - numba has no `all`
        if not math.isfinite(rows.states[state, lane]):
            return False
    return True


@inlined
def attempt(context: Any) -> None:
    """Stages, new states, errors and changes of step of all lanes."""
    states, stages, argument = context.states, context.stages, context.argument
    increment = context.increment
    constants, factors, inverse = context.constants, context.factors, context.inverse
    size = context.argument - context.states
    call(context.call_factor, (states, constants, context.divisor, stages, factors))
    call(context.call_resolve, (factors, stages))
    functions = (
        context.call_stage_1, context.call_stage_2, context.call_stage_3, context.call_stage_4,
        context.call_stage_5, context.call_stage_6, context.call_stage_7,
    )  # fmt: skip
    stage = stages
    for function in functions:
        stage += size
        call(function, (states, stages, argument, increment, inverse))
        call(context.call_rates, (argument, constants, stage))
        call(context.call_resolve, (factors, stage))
    error = (
        states, stages, argument, increment, context.atol, context.rtol, context.before,
        context.estimate, context.largest,
    )  # fmt: skip
    if context.sized:
        sized = (context.own, context.sure, context.passes)
        call(context.call_estimate_error_sized, error + sized)
    else:
        call(context.call_estimate_error, error)


@inlined
def observe_between(
    context: Any,
    occupants: Records,
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
    call(context.call_interpolant, (context.stages, context.observed, context.interpolants))
    # Lanes are seldom due together, and one long step may pass over many days. With one day of
    # each lane most slots would be empty at each turn; with all that is due, at the last turn only.
    filled = 0
    for lane in range(occupants.size):
        if not has(due, lane):
            continue
        taken = occupants[lane]
        begun, reached = rows.clock[TIME, lane], rows.clock[REACHED, lane]
        lands, share = rows.clock[LANDS, lane] > 0.0, rows.clock[INVERSE, lane]
        output, now = taken.output, times[taken.output]
        # where a step lands on a change, the output there waits for the change to be made
        while now < reached or (now == reached and not lands):
            slot = slots[filled]
            slot.patient, slot.output, slot.time = taken.patient, output, now
            picks[filled] = lane
            rows.share[0, filled] = (now - begun) * share
            output += 1
            filled += 1
            if filled == occupants.size:
                observe_slots(context, slots, rows, values, filled)
                filled = 0
            now = times[output] if output < times.size else np.inf
        taken.output = output
        rows.clock[NEXT_OUTPUT, lane] = now
    if filled:
        observe_slots(context, slots, rows, values, filled)


@inlined
def observe_slots(context: Any, slots: Records, rows: Rows, values: Floats, filled: int) -> None:
    """Work out the outputs of all slots, and write them to the values of their patients."""
    inside = (
        context.states, context.argument, context.interpolants, context.observed, context.picks,
        context.share, context.interpolated,
    )  # fmt: skip
    call(context.call_interpolate, inside)
    call(
        context.call_pick_constants,
        (context.constants, context.read, context.picks, context.read_constants),
    )
    if context.uses_time:
        for slot in range(filled):
            rows.interpolated[context.n_states - 1, slot] = slots[slot].time
    call(context.call_observe, (context.interpolated, context.read_constants, context.outputs))
    for slot in range(filled):
        write_outputs(rows, slot, values[slots[slot].patient, slots[slot].output])


@inlined
def write_outputs(rows: Rows, lane: int, values: Floats) -> None:
    """The outputs of a lane or a slot go to a patient's values at one time, (O,)."""
    for place in range(values.size):
        values[place] = rows.outputs[place, lane]


@compiled
def arrive(
    context: Any,
    occupants: Records,
    rows: Rows,
    jumps: Integers,
    entries: Records,
    lane: int,
) -> None:
    """Changes of a lane that are due, in their order, and where the lane goes next."""
    taken, clock, changed = occupants[lane], rows.clock[:, lane], False
    target = context.end
    while taken.entry < taken.last_entry and entries[taken.entry].time <= clock[TIME]:
        entry = entries[taken.entry]
        if entry.kind == PARAMETER:
            rows.parameters[entry.target, lane] = entry.amount
            call(context.call_constants, (context.parameters, context.constants))
        elif entry.kind == EVENT:
            for state in range(context.n_states):
                rows.fresh[state, lane] = rows.states[state, lane]
            call(jumps[entry.target], (context.states, context.constants, context.fresh))
            for state in range(context.n_states):
                if rows.fresh[state, lane] != rows.states[state, lane]:
                    set_state(rows, state, lane, rows.fresh[state, lane])
        else:
            state = rows.sums[entry.target, lane]
            set_state(rows, entry.target, lane, state * entry.factor + entry.amount)
        taken.entry += 1
        changed = True
    if taken.entry < taken.last_entry:
        target = min(target, entries[taken.entry].time)
    clock[TARGET] = target
    if changed or clock[STEPS] == 0.0:
        # PI control takes the next step from errors of the last two. They speak of a course that
        # has ended: after a dose rates are others, and a long step would pass over the new start.
        clock[WANTED] = min(clock[WANTED], begin_step(context, rows, lane, clock[TIME]))
        clock[BEFORE] = step.NO_ERROR_BEFORE
    if not changed and clock[STEPS] == 0.0 and context.resume_step > 0.0:
        clock[WANTED] = context.resume_step


@compiled
def begin_step(context: Any, rows: Rows, lane: int, time: float) -> float:
    """First step from a start or a change; a short one where a state has been zero until now."""
    fresh = False
    for state in range(context.n_states - (1 if context.uses_time else 0)):
        known = max(rows.largest[state, lane], abs(rows.states[state, lane]))
        fresh = fresh or known == 0.0
    if not (context.sized and fresh):
        return float(context.first_step)
    shortest = max(step.FRESH_SHARE * context.first_step, 2.0 * least_step(abs(time)))
    return float(min(context.first_step, shortest))


@compiled
def observe_here(
    context: Any,
    occupants: Records,
    rows: Rows,
    times: Floats,
    values: Floats,
    lane: int,
) -> None:
    """Outputs of a lane at times of the grid that are now, from the states themselves."""
    taken, time = occupants[lane], rows.clock[TIME, lane]
    if not is_finite(context, rows, lane):
        return
    if taken.output < times.size and times[taken.output] <= time:
        call(context.call_observe, (context.states, context.constants, context.outputs))
    while taken.output < times.size and times[taken.output] <= time:
        write_outputs(rows, lane, values[taken.patient, taken.output])
        taken.output += 1
    rows.clock[NEXT_OUTPUT, lane] = times[taken.output] if taken.output < times.size else np.inf


@compiled
def end_here(
    context: Any,
    occupants: Records,
    rows: Rows,
    patients: Records,
    told: Told,
    final_states: Floats,
    lane: int,
) -> None:
    """A lane that has come to the end, or to a state that is not a number, is left."""
    if not is_finite(context, rows, lane):
        release(occupants, rows, patients, told, lane, NOT_FINITE)
    elif rows.clock[TIME, lane] >= context.end:
        for state in range(context.n_states):
            final_states[occupants[lane].patient, state] = rows.sums[state, lane]
        release(occupants, rows, patients, told, lane, DONE)
