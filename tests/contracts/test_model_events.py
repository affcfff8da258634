"""Events of the model itself: every back end and every reducer has the very same times of them."""

from __future__ import annotations

import numpy as np
import pytest

from stromal.kernels.kernel import compile_kernel
from stromal.kernels.reducers import Area, FirstCrossing, Maximum
from stromal.kernels.solve import solve
from stromal.models.parse import read_model
from tests.flat import grouped

RESET = "x = 1; a = 3; b = 1; c = 1; x' = -x; at (time >= a*b + c*0.1 + ln(a)): x = 5"


def test_reducers_know_when_a_model_resets_itself(back_end):
    kernel = compile_kernel(read_model(RESET), outputs=["x"], vary=["a", "b", "c"])
    a, b, c = np.random.default_rng(0).uniform(1.0, 2.0, (3, 400))
    found = solve(
        kernel,
        {"a": a, "b": b, "c": c},
        **grouped(
            times=[0.0, 10.0],
            reducers=[Maximum("x"), Area("x"), FirstCrossing("x", 2.0)],
            **back_end.within(back_end.tight),
        ),
    ).reduced
    time = a * b + 0.1 * c + np.log(a)
    area = 1.0 - np.exp(-time) + 5.0 * (1.0 - np.exp(time - 10.0))
    near = 50 * back_end.tight
    np.testing.assert_allclose(found["maximum(x)"], 5.0, rtol=near)
    np.testing.assert_allclose(found["area(x)"], area, rtol=near)
    np.testing.assert_allclose(found["first_crossing_up_2(x)"], time, rtol=near)


@pytest.mark.parametrize(
    ("event", "start", "happens"),
    [
        ("at (time >= day)", 0.0, [False, False, True]),
        ("at (time > day)", 0.0, [False, True, True]),
        ("at (time >= day), t0 = false", 0.0, [True, True, True]),
        ("at (time >= day)", -35.0, [True, True, True]),
        ("at (time >= day)", 3.0, [False, False, False]),
        ("at (time > day)", 3.0, [False, False, True]),
        ("at (time >= day)", -2.0, [False, True, True]),
        ("at (time > day)", -2.0, [True, True, True]),
    ],
)
def test_an_event_at_or_before_the_start(back_end, event, start, happens):
    model = read_model(f"x = 1; day = 0; x' = 0 * x; {event}: x = 5")
    kernel = compile_kernel(model, outputs=["x"], vary=["day"])
    days = np.array([-2.0, 0.0, 3.0])
    times = np.unique([start, *days[days >= start], 4.0])
    found = solve(kernel, {"day": days}, **grouped(times=times, start=start, **back_end.options))
    due = np.where(happens, np.maximum(days, start), np.inf)[:, None]
    # what is true after a day only is not yet true on it
    past = times > due if "time > day" in event else times >= due
    np.testing.assert_array_equal(found.output("x"), np.where(past, 5.0, 1.0))


def test_what_was_done_before_a_saved_state_is_not_done_again(back_end):
    model = read_model("x = 1; x' = 0 * x; at (time >= 2): x = x + 1; at (time > 5): x = x + 10")
    kernel = compile_kernel(model, outputs=["x"])
    first = solve(kernel, None, **grouped(times=[0.0, 2.0], **back_end.options))
    rest = {"initial_states": first.final_states, "start": 2.0, **back_end.options}
    assert first.output("x").tolist() == [[1.0, 2.0]]
    later = solve(kernel, None, **grouped(times=[2.0, 5.0, 6.0], **rest))
    assert later.output("x").tolist() == [[2.0, 2.0, 12.0]]
