"""Every back end stops at the times that are known before a run, and has the value of a witness.

Witnesses of the shared cases stand in their README (closed forms, Radau in segments); the others
are closed forms or SciPy in segments, beside each.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from stromal.kernels.kernel import compile_kernel
from stromal.kernels.reducers import Area, Maximum, Minimum, TimeAbove
from stromal.kernels.solve import solve
from stromal.kernels.status import Status
from stromal.models.parse import read_model
from tests.flat import grouped
from tests.shared import shared_file


def case(name):
    return read_model(shared_file("cases", "engine", f"{name}.ant"))


def follow(back_end, model, times, *outputs, reducers=(), **options):
    """A patient's outputs (T, O), with tight tolerances; without a failure."""
    names = outputs or ("x",)
    kernel = compile_kernel(model, outputs=names, **options.pop("kernel", {}))
    accuracy = back_end.within(back_end.tight)
    found = solve(kernel, {}, **grouped(times=times, reducers=reducers, **accuracy, **options))
    assert not found.failed.any()
    return found


def course(back_end, text, times, **options):
    """One output, `x`."""
    return follow(back_end, read_model(text), times, **options).output("x")[0]


def test_an_infusion_of_three_hours(back_end):
    """At the default tolerance, and 3 h is an eighth of a day."""
    kernel = compile_kernel(case("infusion_window"), outputs=["C"])
    days = np.linspace(0.0, 60.0, 3001)
    found = solve(kernel, {}, **grouped(times=days, reducers=[Minimum("C")], **back_end.options))
    lowest = found.output("C")[0]
    assert found.reduced["minimum(C)"] == pytest.approx(2.30690, rel=1e-3)
    assert days[np.argmin(lowest)] == pytest.approx(28.62, abs=0.05)
    tight = follow(back_end, case("infusion_window"), days, "C").output("C")[0]
    assert tight.min() == pytest.approx(2.30690, abs=2e-5)


def test_an_hour_of_every_day(back_end):
    reducers = [Area("A"), Maximum("A")]
    hours = np.linspace(0.0, 480.0, 9601)
    found = follow(back_end, case("daily_pulse"), hours, "A", reducers=reducers)
    assert found.reduced["area(A)"] == pytest.approx(100.0, rel=2e-5)
    assert found.reduced["maximum(A)"] == pytest.approx(5.0 * (1.0 - np.exp(-1.0)), rel=2e-5)


def test_an_event_that_moves_its_own_next_time(back_end):
    found = follow(back_end, case("regular_doses_next"), [0.0, 100.0], "C")
    doses = 3.0 * np.exp(-0.1 * (100.0 - 12.0 * np.arange(1, 9))).sum()
    assert found.output("C")[0, 1] == pytest.approx(10.0 * np.exp(-10.0) + doses, rel=2e-5)
    assert found.output("C")[0, 1] == pytest.approx(2.87797, abs=2e-4)


def test_a_trigger_in_other_units(back_end):
    found = follow(back_end, case("scaled_trigger"), [0.0, 1.5, 2.0], "A").output("A")[0]
    assert found[1] == pytest.approx(np.exp(-0.15) + 2.0, rel=1e-5)
    assert found[2] == pytest.approx(2.72119, abs=5e-5)


def test_a_strict_trigger_shows_the_value_before_it(back_end):
    times = [0.0, 2.0, np.nextafter(2.0, 3.0), 2.5]
    found = follow(back_end, case("strict_trigger"), times, "A").output("A")[0]
    assert found.tolist() == [1.0, 1.0, 5.0, 5.0]


def test_an_event_just_after_the_start(back_end):
    found = follow(back_end, case("switch_at_zero"), [0.0, 0.05, 0.5], "S", "P")
    # e is 800 from the start on: S falls at kk*e - v1 = 145 until it is gone
    assert found.output("S")[0, :2] == pytest.approx([10.0, 10.0 - 0.05 * 145.0], rel=1e-4)
    assert found.output("P")[0, 2] == pytest.approx(10.0, rel=1e-2)


def test_a_compartment_that_an_event_sets(back_end):
    found = follow(back_end, case("compartment_event"), [0.0, 10.0, 20.0], "S", "comp")
    assert found.output("S")[0] == pytest.approx([6.0, 3.0, 6.0 / 11.0], rel=1e-5)
    assert found.output("comp")[0] == pytest.approx([1.0, 2.0, 11.0], rel=1e-5)


@pytest.mark.parametrize("cycles", [8, 40])
def test_days_of_a_cycle_from_a_count_of_cycles(back_end, cycles):
    begun = " + ".join(f"piecewise(1, time > {21 * n}, 0)" for n in range(1, cycles + 1))
    text = f"A = 0; k = 1; kin = 5; cycles := {begun}; day := time - 21*cycles; "
    model = read_model(text + "A' = kin*piecewise(1, day < 3, 0) - k*A; drug := A")
    end = 21.0 * (cycles + 1)
    found = follow(back_end, model, [0.0, end], "A", reducers=[TimeAbove("A", 2.5)])
    # above 2.5 from ln 2 days after each start until the drug, near 5, has halved after day 3
    top = 5.0 * (1.0 - np.exp(-3.0))
    each = 3.0 - np.log(2.0) + np.log(top / 2.5)
    within = end / 720.0 if back_end.precision == "f32" else 0.02 * (cycles + 1)
    assert found.reduced["time_above_2.5(A)"] == pytest.approx((cycles + 1) * each, abs=within)


WINDOWS = [
    ("piecewise(1, time >= 2 && time < 2.5, 0)", [(2.0, 2.5)]),
    ("piecewise(1, time*24 >= 36 && time*24 < 39, 0)", [(1.5, 1.625)]),
    ("piecewise(1, time - 3 > 0, 0)", [(3.0, 9.0)]),
    ("piecewise(1, (time - 2)*(time - 4) < 0, 0)", [(2.0, 4.0)]),
    ("piecewise(1, time % 2 < 0.25, 0)", [(2.0 * n, 2.0 * n + 0.25) for n in range(5)]),
    ("piecewise(1, exp(-time/2) < 0.25, 0)", [(2.0 * np.log(4.0), 9.0)]),
    (
        "piecewise(1, sin(time) > 0.5, 0)",
        [(np.pi / 6, 5 * np.pi / 6), (13 * np.pi / 6, 17 * np.pi / 6)],
    ),
    ("piecewise(1, time >= start1 + lag && time < start1 + lag + 1, 0)", [(2.75, 3.75)]),
    ("floor(time/3)", [(3.0, 9.0), (6.0, 9.0)]),
    ("ceil(time/3) - 1", [(3.0, 9.0), (6.0, 9.0)]),
    ("piecewise(1, abs(time - 5) <= 1, 0)", [(4.0, 6.0)]),
    ("piecewise(1, time > 8 || time < 1, 0)", [(0.0, 1.0), (8.0, 9.0)]),
]


@pytest.mark.parametrize(("rate", "windows"), WINDOWS, ids=[rate for rate, _ in WINDOWS])
def test_windows_of_an_input(back_end, rate, windows):
    """Each adds what decays since: the closed form of a constant input between two times."""
    text = f"x = 0; k = 0.5; start1 = 2; lag = 0.75; x' = {rate} - k*x"
    times = np.linspace(0.0, 9.0, 37)
    expected = sum(
        (
            np.exp(-0.5 * np.maximum(times - end, 0.0))
            - np.exp(-0.5 * np.maximum(times - begin, 0.0))
        )
        / 0.5
        for begin, end in windows
    )
    within = 20 * back_end.tight
    assert course(back_end, text, times) == pytest.approx(expected, rel=within, abs=within)


def test_a_ramp_with_a_kink(back_end):
    """max(time - 2, 0) is (t - 2) after day 2: x is its integral."""
    times = np.linspace(0.0, 6.0, 25)
    found = course(back_end, "x = 0; x' = max(time - 2, 0) - min(time, 1)", times)
    over, under = np.maximum(times - 2.0, 0.0), np.minimum(times, 1.0)
    expected = over**2 / 2.0 - under**2 / 2.0 - (times - under)
    assert found == pytest.approx(expected, rel=1e-5, abs=1e-5)


EVENTS = [
    ("at (time*24 >= 36): x = x + 2", [(1.5, 2.0)]),
    ("at (time - 3 > 0): x = x + 2", [(3.0, 2.0)]),
    ("at (time > 2 && time < 4): x = x + 2", [(2.0, 2.0)]),
    ("at (time < 2 || time > 4): x = x + 2", [(4.0, 2.0)]),
    ("at (time == 5): x = x + 2", [(5.0, 2.0)]),
    ("at (time % 3 == 2): x = x + 2", [(2.0, 2.0), (5.0, 2.0), (8.0, 2.0)]),
    ("tt := t1 + lag; at (time >= tt): x = x + 2", [(2.75, 2.0)]),
    ("at (time >= 0): x = x + 2", []),
    ("at (time >= 0), t0 = false: x = x + 2", [(0.0, 2.0)]),
    ("at (time > 0): x = x + 2", [(0.0, 2.0)]),
    ("at lag after (time > 2), fromTrigger = false: x = x + 2", [(2.75, 2.0)]),
    ("at 2 after (time > 2 && time < 3), persistent = false: x = x + 2", []),
    ("at 2 after (time > 2 && time < 3), fromTrigger = false: x = x + 2", [(4.0, 2.0)]),
    ("at 2 after (time % 3 == 2), fromTrigger = false: x = x + 2", [(4.0, 2.0), (7.0, 2.0)]),
    ("n = 2; at (time >= n): x = x + 2, n = n + 2.5", [(2.0, 2.0), (4.5, 2.0), (7.0, 2.0)]),
    ("n = 0; at (time % 2 >= 1): n = n + 1; at (n >= 3): x = x + 2", [(5.0, 2.0)]),
    (
        "w = 1; at w after (time % 4 >= 3), fromTrigger = false: x = x + w, w = w + 0.5",
        [(4.0, 1.0), (8.5, 1.5)],
    ),
]


@pytest.mark.parametrize(("event", "doses"), EVENTS, ids=[event for event, _ in EVENTS])
def test_events_that_add(back_end, event, doses):
    """Every trigger, delay and next time: each adds what decays from then on."""
    text = f"x = 1; k = 0.5; t1 = 2; lag = 0.75; x' = -k*x; {event}"
    times = np.arange(0.125, 9.5, 0.25)
    expected = np.exp(-0.5 * times)
    for day, amount in doses:
        expected += np.where(times >= day, amount * np.exp(-0.5 * np.maximum(times - day, 0)), 0.0)
    within = 20 * back_end.tight
    assert course(back_end, text, times) == pytest.approx(expected, rel=within, abs=within)


ORDER = [
    # values of the moment of the trigger, though something else happens first
    ("at (time >= 1): x = y; at (time >= 1): y = x", (2.0, 1.0)),
    ("at (time >= 1), priority = 1: x = 5; at (time >= 1), priority = 2: x = 6, y = x", (5.0, 1.0)),
    (
        (
            "at (time >= 1), priority = 1: x = 5; "
            "at (time >= 1), priority = 2, fromTrigger = false: x = 6, y = x"
        ),
        (5.0, 1.0),
    ),
    (
        (
            "at (time >= 1), priority = 2: x = 5; "
            "at (time >= 1), priority = 1, fromTrigger = false: y = x"
        ),
        (5.0, 5.0),
    ),
    ("at (time >= 1), priority = 2: x = 5; at (time >= 1), priority = 1: y = x", (5.0, 1.0)),
    # what the first does takes away the trigger of the second
    (
        (
            "at (time >= 1 && x < 2), priority = 2: x = 3; "
            "at (time >= 1 && x < 2), priority = 1, persistent = false: y = 7"
        ),
        (3.0, 2.0),
    ),
    # one event brings about another at the same instant
    ("at (time >= 1): x = 3; at (x > 2): y = 9", (3.0, 9.0)),
    ("at 1 after (time >= 1): y = x; at (time >= 1.5): x = 4", (4.0, 1.0)),
    ("at 1 after (time >= 1), fromTrigger = false: y = x; at (time >= 1.5): x = 4", (4.0, 4.0)),
]


@pytest.mark.parametrize(("events", "expected"), ORDER, ids=[events for events, _ in ORDER])
def test_the_order_of_one_instant(back_end, events, expected):
    """As SBML Level 3 Version 2 has it, section 4.11.6; by hand."""
    model = read_model(f"x = 1; y = 2; z = 1; z' = -z; {events}")
    found = follow(back_end, model, [0.0, 5.0], "x", "y", "z")
    assert (found.output("x")[0, 1], found.output("y")[0, 1]) == expected


def test_values_taken_at_a_trigger_are_those_of_states(back_end):
    """x grows by 1 a day; 10 times its value on day 1 is set on day 3."""
    times = [0.0, 1.0, 2.5, 3.0, 4.0]
    early = course(back_end, "x = 1; x' = 1; at 2 after (time >= 1): x = 10*x", times)
    assert early == pytest.approx([1.0, 2.0, 3.5, 20.0, 21.0], rel=1e-5)
    text = "x = 1; x' = 1; at 2 after (time >= 1), fromTrigger = false: x = 10*x"
    assert course(back_end, text, times) == pytest.approx([1.0, 2.0, 3.5, 40.0, 41.0], rel=1e-5)


def test_a_saturated_input_in_windows_against_radau_in_segments(back_end):
    """Ten windows of 0.3 days, every 0.9, into a saturable elimination."""
    text = """x = 0.5; vmax = 2; km = 0.4; every = 0.9; long = 0.3; gain = 6
        x' = piecewise(gain, time - every*floor(time/every) < long, 0) - vmax*x/(km + x)"""
    times = np.linspace(0.0, 9.0, 46)
    state, expected, now = 0.5, [0.5], 0.0
    stops = sorted({*(0.9 * np.arange(11)), *(0.9 * np.arange(11) + 0.3), *times})
    for stop in stops[1:]:
        gain = 6.0 if (0.5 * (now + stop)) % 0.9 < 0.3 else 0.0
        part = solve_ivp(
            lambda _, y, gain=gain: gain - 2.0 * y / (0.4 + y),
            (now, stop), [state], method="Radau", rtol=1e-11, atol=1e-13,
        )  # fmt: skip
        state, now = part.y[0, -1], stop
        if stop in times:
            expected.append(state)
    within = 50 * back_end.tight
    assert course(back_end, text, times) == pytest.approx(expected, rel=within, abs=within)


GOING_ON = """x = 1; k = 0.5; n = 2; m = 0; pulse = 1.5
    x' = piecewise(3, time % pulse < 0.25, 0) + piecewise(1, time < n, 0) - k*x
    at (time > n): x = x + 2, n = n + 3
    at (time == 4): m = m + 1
    at (time >= 6): x = x + m"""


@pytest.mark.parametrize("visits", [[4.0], [3.0, 6.0], [1.6], [2.0, 5.0, 8.0]])
def test_a_run_in_parts_is_the_run_in_one(back_end, visits):
    """Split at events, in windows and between: what is due at a visit happens once."""
    model = read_model(GOING_ON)
    kernel = compile_kernel(model, outputs=["x"], dosed=["m"], vary=["pulse"])
    options, times = back_end.within(back_end.tight), np.arange(0.0, 10.5, 0.25)
    times = np.unique([*times, *visits])
    given = {"pulse": [1.5, 2.0, 1.5]}
    whole = solve(kernel, given, **grouped(times=times, **options))
    parts, states, begin = [], None, 0.0
    for end in (*visits, times[-1]):
        own = times[(times >= begin) & (times <= end)]
        run = solve(
            kernel, given, **grouped(times=own, initial_states=states, start=begin, **options)
        )
        parts.append(run.values if states is None else run.values[:, 1:])
        states, begin = run.final_states, end
    within = 1e3 * back_end.tight
    found = np.concatenate(parts, axis=1)
    assert found == pytest.approx(whole.values, rel=within, abs=within)


def test_a_run_from_before_the_model_or_later(back_end):
    """What is past at the start does not happen; what is to come does."""
    kernel = compile_kernel(
        read_model("x = 0; x' = piecewise(1, time % 10 < 1, 0); at (time >= 0): x = x + 100"),
        outputs=["x"],
    )
    options = back_end.within(back_end.tight)
    early = solve(kernel, {}, **grouped(start=-35.0, times=[-35.0, -0.5, 0.0, 5.0], **options))
    # the remainder has the sign of the time: below one throughout before 0, as the file says
    assert early.output("x")[0] == pytest.approx([0.0, 34.5, 135.0, 136.0], rel=1e-5)
    late = solve(kernel, {}, **grouped(start=4.0, times=[4.0, 9.0, 20.5], **options))
    assert late.output("x")[0] == pytest.approx([0.0, 0.0, 1.5], rel=1e-5, abs=1e-6)


def test_an_event_for_ever_ends_its_patient_alone(back_end):
    model = read_model("x = 1; n = 1; d = 1; x' = -x; at (time >= n): n = n + d, x = x + 1")
    kernel = compile_kernel(model, outputs=["x"], vary=["d"])
    given = {"d": [1.0, 0.5]}
    calm = solve(kernel, given, **grouped(times=[0.0, 4.0], **back_end.options))
    windows = read_model("x = 0; w = 1; x' = piecewise(1, time % w < 0.5*w, 0)")
    kernel = compile_kernel(windows, outputs=["x"], vary=["w"])
    found = solve(kernel, {"w": [1.0, 1e-7]}, **grouped(times=[0.0, 4.0], **back_end.options))
    assert calm.status.tolist() == [Status.DONE, Status.DONE]
    assert found.status.tolist() == [Status.DONE, Status.ENDLESS]
    assert found.output("x")[0, 1] == pytest.approx(2.0, rel=1e-3)
    assert np.isnan(found.output("x")[1]).all()
