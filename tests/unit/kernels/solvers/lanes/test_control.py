"""Step control of all lanes at once: the rules of the scalar loop, lane by lane."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.kernels.solvers.lanes.registers import WIDTHS, call, kind_of

from stromal.kernels.solvers import scalar_loop, step
from stromal.kernels.solvers.lanes.control import IDLE_STEP, Clock, Mark
from stromal.kernels.solvers.lanes.machine_code import compile_units
from stromal.kernels.solvers.lanes.solver import control_unit
from stromal.kernels.solvers.rodas5p import GAMMA

pytestmark = pytest.mark.skipif(not WIDTHS, reason="no wide vector registers")
STATES = 2


@pytest.fixture(params=WIDTHS, ids=lambda width: width.name)
def width(request):
    return request.param


@pytest.fixture(params=[False, True], ids=["autonomous", "with time"])
def code(request, width):
    unit = control_unit(STATES, width, uses_time=request.param)
    return compile_units("tests/control", [unit]), request.param


def lanes_with(width, **rows):
    clock = np.zeros((len(Clock), width.lanes))
    clock[Clock.OCCUPIED] = 1.0
    clock[Clock.NEXT_OUTPUT] = np.inf
    for name, values in rows.items():
        clock[Clock[name]] = np.resize(values, width.lanes)
    return clock


def marked(marks, mark, width):
    return [bool(marks[mark] >> lane & 1) for lane in range(width.lanes)]


def plan(code, width, clock, limit=100.0):
    kind = kind_of(width)
    inverse, divisor, before = (np.zeros((1, width.lanes), kind) for _ in range(3))
    marks = np.zeros(len(Mark), np.int64)
    call(code, "propose", clock, np.array([limit]), inverse, divisor, before, marks)
    return inverse[0], divisor[0], before[0], marks


def test_steps_are_planned_as_for_one_patient(code, width):
    wanted = [0.5, 0.9, 1.2, 2.5]
    clock = lanes_with(width, TIME=1.0, TARGET=2.2, WANTED=wanted, ERROR_BEFORE=0.25)
    inverse, divisor, before, marks = plan(code[0], width, clock)
    for lane in range(width.lanes):
        size, lands = scalar_loop.plan_step(np.resize(wanted, width.lanes)[lane], 2.2 - 1.0)
        assert clock[Clock.SIZE, lane] == size
        assert clock[Clock.LANDS, lane] == lands
        np.testing.assert_allclose(inverse[lane], 1.0 / size, rtol=1e-6)
        np.testing.assert_allclose(divisor[lane], 1.0 / (size * GAMMA), rtol=1e-6)
    assert (before == 0.25).all()
    assert marks[Mark.STUCK] == 0
    assert marks[Mark.OCCUPIED] == (1 << width.lanes) - 1


def test_lanes_that_cannot_go_on_are_stuck_and_empty_ones_are_not(code, width):
    steps, occupied = [3.0, 100.0, 3.0, 100.0], [1.0, 1.0, 0.0, 0.0]
    clock = lanes_with(width, TARGET=10.0, WANTED=1.0, STEPS=steps, OCCUPIED=occupied)
    *_, marks = plan(code[0], width, clock)
    expected = [s >= 100 and here for s, here in zip(steps, occupied, strict=True)]
    assert marked(marks, Mark.STUCK, width) == [bool(x) for x in np.resize(expected, width.lanes)]
    assert marked(marks, Mark.OCCUPIED, width) == [
        bool(x) for x in np.resize(occupied, width.lanes)
    ]
    assert (clock[Clock.SIZE][clock[Clock.OCCUPIED] == 0] == IDLE_STEP).all()


@pytest.mark.parametrize("wanted", [1e-16, np.nan])
def test_a_step_too_small_for_time_to_go_on_is_stuck(code, width, wanted):
    clock = lanes_with(width, TIME=5.0, TARGET=10.0, WANTED=wanted)
    *_, marks = plan(code[0], width, clock)
    assert marks[Mark.STUCK] == (1 << width.lanes) - 1


def test_steps_are_judged_as_for_one_patient(code, width):
    errors, lands = [0.5, 2.0, 1.0, 1e-9], [1.0, 1.0, 0.0, 0.0]
    rejected, wanted, size = [0.0, 0.0, 1.0, 0.0], [3.0, 1.5, 2.0, 1.0], 1.5
    names = {"LANDS": lands, "REJECTED": rejected, "WANTED": wanted, "SIZE": size}
    clock = lanes_with(width, TIME=1.0, TARGET=2.5, ERROR_BEFORE=0.1, STEPS=4.0, **names)
    before = clock.copy()
    error = np.resize(errors, width.lanes)
    estimate = np.array(
        [error, step.choose_growth(error, 0.1), step.choose_shrinkage(error)], kind_of(width)
    )
    accepted, marks = np.zeros((1, width.lanes), kind_of(width)), np.zeros(len(Mark), np.int64)
    call(code[0], "decide", clock, estimate, accepted, marks)
    for lane in range(width.lanes):
        own = before[:, lane]
        if error[lane] > 1:
            want = size * step.choose_shrinkage(error[lane])
        else:
            want = scalar_loop.choose_step(
                size, own[Clock.WANTED], error[lane], 0.1, own[Clock.REJECTED] > 0,
                own[Clock.LANDS] > 0,
            )  # fmt: skip
        np.testing.assert_allclose(clock[Clock.WANTED, lane], want, rtol=1e-6)
    good = error <= 1
    np.testing.assert_array_equal(accepted[0] > 0, good)
    np.testing.assert_array_equal(clock[Clock.REJECTED] > 0, ~good)
    np.testing.assert_array_equal(clock[Clock.STEPS], 5.0)
    reached = np.where(good, np.where(before[Clock.LANDS] > 0, 2.5, 1.0 + size), 1.0)
    np.testing.assert_array_equal(clock[Clock.REACHED], reached)
    assert marked(marks, Mark.ARRIVED, width) == [*(good & (before[Clock.LANDS] > 0))]


def test_an_output_is_due_inside_a_step_and_at_its_end_unless_it_lands_there(code, width):
    following, lands = [1.5, 2.5, 2.5, 2.6], [0.0, 0.0, 1.0, 0.0]
    clock = lanes_with(
        width, TIME=1.0, TARGET=2.5, SIZE=1.5, LANDS=lands, NEXT_OUTPUT=following, WANTED=1.5
    )
    estimate = np.full((3, width.lanes), 0.5, kind_of(width))
    accepted, marks = np.zeros((1, width.lanes), kind_of(width)), np.zeros(len(Mark), np.int64)
    call(code[0], "decide", clock, estimate, accepted, marks)
    expected = np.resize([True, True, False, False], width.lanes)
    assert marked(marks, Mark.DUE, width) == [*expected]


def test_time_moves_on_where_a_step_was_accepted(code, width):
    functions, uses_time = code
    clock = lanes_with(width, TIME=1.0, REACHED=[2.0, 1.0], GOOD=[1.0, 0.0])
    states = np.full((STATES, width.lanes), 0.5, kind_of(width))
    sums = np.full((STATES, width.lanes), 0.5) if width.bits == 32 else states
    call(functions, "advance", clock, states, sums)
    np.testing.assert_array_equal(clock[Clock.TIME], np.resize([2.0, 1.0], width.lanes))
    last = np.resize([2.0, 0.5] if uses_time else [0.5, 0.5], width.lanes)
    for kept in (states, sums):
        np.testing.assert_array_equal(kept[0], 0.5)
        np.testing.assert_array_equal(kept[1], last)
