"""PI step-size control of all lanes, as text: which step comes next, and what became of it.

The rules are those of `scalar_loop`, with a choice where that has a branch. Times are f64 in every
precision. What the loop must do for single lanes is told by marks: a bit for each lane.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from stromal.kernels.solvers import step
from stromal.kernels.solvers.rodas5p import GAMMA

IDLE_STEP = 1e-3
"""Step of a lane without a patient: what it computes is not looked at, but must not be slow."""


class Clock(IntEnum):
    """Rows of the table of times, (rows, lanes); flags are 1 or 0."""

    TIME = 0
    TARGET = 1
    WANTED = 2
    SIZE = 3
    LANDS = 4
    ERROR = 5
    ERROR_BEFORE = 6
    REJECTED = 7
    STEPS = 8
    OCCUPIED = 9
    GOOD = 10
    REACHED = 11
    NEXT_OUTPUT = 12
    INVERSE = 13


class Mark(IntEnum):
    """Places of the marks, which hold a bit for each lane."""

    OCCUPIED = 0
    STUCK = 1
    DUE = 2
    ARRIVED = 3


def write_control(n_states: int, bits: int, *, uses_time: bool) -> str:
    """Text of `propose`, `decide` and `advance`.

    `propose` chooses each lane's step and marks lanes that are stuck: their steps are used up, or
    too small for time to go on. `decide` reads the errors of the attempt, says which lanes accept
    their step and what each wants next, and marks lanes with outputs inside the step and lanes that
    have come to their target. `advance` sets the time, also where time is a state.

    Parameters
    ----------
    n_states
        Integrated states.
    bits
        Of the numbers that states are kept in; those of f32 have sums in f64 beside them.
    uses_time
        Whether the last state is time.

    Examples
    --------
    >>> write_control(2, 64, uses_time=False).count("def ")
    3
    """
    return (
        "\n\n\n".join([_propose(), _decide(), _advance(n_states, bits, uses_time=uses_time)]) + "\n"
    )


def _load(*names: Clock) -> list[str]:
    return [f"    {name.name.lower()} = load(clock, {int(name)})" for name in names]


def _store(name: Clock, value: str) -> str:
    return f"    store(clock, {int(name)}, {value})"


def _function(head: str, *parts: Sequence[str]) -> str:
    return "\n".join([f"def {head}:", *(line for part in parts for line in part)])


def _propose() -> str:
    least = f"maximum({step.LEAST_STEP!r}, {step.LEAST_RELATIVE_STEP!r} * absolute(time))"
    return _function(
        "propose(clock, limits, inverse, divisor, before, marks)",
        _load(
            Clock.TIME, Clock.TARGET, Clock.WANTED, Clock.STEPS, Clock.OCCUPIED, Clock.ERROR_BEFORE
        ),
        [
            "    remaining = target - time",
            f"    lands = ge(wanted * {step.REACH!r}, remaining)",
            "    two = gt(2.0 * wanted, remaining)",
            "    size = select(lands, remaining, select(two, 0.5 * remaining, wanted))",
            f"    small = both(negate(lands), negate(ge(size, {least})))",
            "    spent = ge(steps, number(limits, 0))",
            f"    mark(marks, {int(Mark.STUCK)}, both(occupied, either(spent, small)))",
            f"    mark(marks, {int(Mark.OCCUPIED)}, occupied)",
            f"    size = select(occupied, size, {IDLE_STEP!r})",
            _store(Clock.SIZE, "size"),
            _store(Clock.LANDS, "lands"),
            "    over = 1.0 / size",
            _store(Clock.INVERSE, "over"),
            "    narrow(inverse, 0, over)",
            f"    narrow(divisor, 0, 1.0 / (size * {GAMMA!r}))",
            "    narrow(before, 0, error_before)",
        ],
    )


def _decide() -> str:
    return _function(
        "decide(clock, estimate, accepted, marks)",
        _load(Clock.TIME, Clock.TARGET, Clock.WANTED, Clock.SIZE, Clock.LANDS, Clock.ERROR_BEFORE),
        _load(Clock.REJECTED, Clock.STEPS, Clock.OCCUPIED, Clock.NEXT_OUTPUT),
        [
            "    error = widen(estimate, 0)",
            "    good = both(occupied, le(error, 1.0))",
            "    growth = widen(estimate, 1)",
            "    growth = select(rejected, minimum(growth, 1.0), growth)",
            # a step cut short to land tells nothing against the longer one that was wanted
            "    longer = both(lands, ge(growth, 1.0))",
            "    grown = size * growth",
            "    grown = select(longer, maximum(grown, wanted), grown)",
            "    reached = select(good, select(lands, target, time + size), time)",
            "    inside = select(lands, lt(next_output, target), le(next_output, reached))",
            _store(Clock.WANTED, "select(good, grown, size * widen(estimate, 2))"),
            _store(
                Clock.ERROR_BEFORE,
                f"select(good, maximum(error, {step.NO_ERROR_BEFORE!r}), error_before)",
            ),
            _store(Clock.REJECTED, "both(occupied, negate(good))"),
            _store(Clock.STEPS, "steps + occupied"),
            _store(Clock.ERROR, "error"),
            _store(Clock.GOOD, "good"),
            _store(Clock.REACHED, "reached"),
            "    narrow(accepted, 0, good)",
            f"    mark(marks, {int(Mark.DUE)}, both(good, inside))",
            f"    mark(marks, {int(Mark.ARRIVED)}, both(good, lands))",
        ],
    )


def _advance(n_states: int, bits: int, *, uses_time: bool) -> str:
    last = n_states - 1
    lines = [
        *_load(Clock.REACHED, Clock.GOOD),
        _store(Clock.TIME, "reached"),
    ]
    if uses_time:
        now = f"select(good, reached, widen(states, {last}))"
        lines.append(f"    narrow(states, {last}, {now})")
        if bits == 32:
            lines.append(f"    store(sums, {last}, select(good, reached, load(sums, {last})))")
    return _function("advance(clock, states, sums)", lines)
