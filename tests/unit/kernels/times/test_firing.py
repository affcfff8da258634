"""When events are executed, by hand; the order of one instant is in the contract of back ends."""

from __future__ import annotations

import numpy as np
import pytest

from stromal.errors import InvalidInput
from stromal.kernels.status import Status
from stromal.kernels.times.clock import make_clock
from stromal.kernels.times.firing import Firings, fire
from stromal.kernels.times.spans import Spans
from stromal.models.derive import derive_odes
from stromal.models.holding import hold_values
from stromal.models.parse import read_model
from stromal.models.switches import split_times


def followed(text, values=(1.0,), end=20.0, known=None):
    odes = hold_values(derive_odes(read_model(f"x = 1; p = 1; x' = -x; {text}")))
    clock = make_clock(split_times(odes).odes, outputs=["x"], vary=["p"], fixed={})
    rows = np.zeros((clock.size, len(values)))
    rows[0] = values
    zeros = np.zeros(len(values))
    groups = np.arange(len(values))
    spans = Spans(groups, zeros, zeros + end, np.zeros(len(values), int), rows)
    return fire(clock, spans, known)


def times_of(found, group=0, change=0):
    mine = (found.firings.group == group) & (found.firings.change == change)
    return found.firings.time[mine].tolist()


def test_each_group_moves_its_own_next_time():
    found = followed("n = 2; at (time >= n): n = n + p", values=(5.0, 8.0, 100.0))
    assert times_of(found, 0) == [2.0, 7.0, 12.0, 17.0]
    assert times_of(found, 1) == [2.0, 10.0, 18.0]
    assert times_of(found, 2) == [2.0]
    mine = found.spans.group == 1
    assert found.spans.begin[mine].tolist() == [0.0, 2.0, 10.0, 18.0]
    assert found.spans.values[1, mine].tolist() == [2.0, 10.0, 18.0, 26.0]


def test_delays_wait_in_a_queue():
    found = followed("at 5 after (time % 2 >= 1), fromTrigger = false: x = x + 1")
    assert times_of(found) == [6.0, 8.0, 10.0, 12.0, 14.0, 16.0, 18.0]


def test_a_run_that_goes_on_has_what_was_known():
    known = np.array([[7.0]])
    assert times_of(followed("n = 2; at (time >= n): n = n + 5", known=known)) == [7.0, 12.0, 17.0]


def test_an_event_that_happens_for_ever_ends_the_group_alone(monkeypatch):
    monkeypatch.setattr("stromal.kernels.times.firing.MOST_STOPS", 50)
    found = followed("n = 2; at (time >= n): n = n + p", values=(5.0, 1e-6))
    assert found.statuses.tolist() == [Status.DONE, Status.ENDLESS]
    assert times_of(found, 0) == [2.0, 7.0, 12.0, 17.0]
    at_once = followed("n = 2; at (time >= n): n = time + 5; at (n > 6): n = 0")
    assert at_once.statuses.tolist() == [Status.ENDLESS]


@pytest.mark.parametrize("delay", [-1.0, np.nan])
def test_a_delay_that_is_no_time(delay):
    found = followed("at p after (time > 1), fromTrigger = false: x = 2", values=(delay, 2.0))
    assert found.statuses.tolist() == [Status.BAD_PARAMETERS, Status.DONE]
    assert times_of(found, 1) == [pytest.approx(3.0)]


def test_values_are_kept_once():
    with pytest.raises(InvalidInput, match="triggered again before"):
        followed("at 5 after (time % 2 >= 1): x = x + 1")


def test_firings_of_changes_that_a_program_makes():
    found = Firings(np.zeros(3, int), np.arange(3.0), np.zeros(3, int), np.array([0, 2, 5]))
    kept = found.numbered((2, 5))
    assert (kept.change.tolist(), kept.time.tolist()) == ([0, 1], [1.0, 2.0])
    assert found.numbered(()).change.tolist() == []
