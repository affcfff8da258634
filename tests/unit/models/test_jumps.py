from __future__ import annotations

import pytest

from stromal.errors import InvalidInput
from stromal.models.derive import derive_odes
from stromal.models.jumps import Jump, When
from stromal.models.model import symbol
from stromal.models.odes import TIME
from stromal.models.parse import read_model

S, V, X, T = map(symbol, ("S", "V", "x", "t"))


def changes(text):
    odes = derive_odes(read_model(text))
    names = [str(state) for state in odes.states]
    return [
        (change.trigger, {names[index]: value for index, value in change.updates})
        for change in odes.changes
    ]


def test_a_concentration_is_set_as_an_amount():
    found = changes("compartment V = 2; species S in V; S = 1; at time >= 3: S = S + 1;")
    assert found == [(TIME >= 3, {"S": V * (S / V + 1)})]


def test_an_amount_stays_when_its_compartment_jumps():
    found = changes("compartment V = 2; species S in V; S = 1; at time >= 3: V = 4;")
    assert found == [(TIME >= 3, {"V": 4})]


def test_a_concentration_set_with_its_compartment_is_thinned_too():
    text = "compartment V = 2; species $S in V; S = 1; S' = 0.1; at time >= 3: S = 5, V = 4;"
    assert changes(text) == [(TIME >= 3, {"S": 5 * V / 4, "V": 4})]


def test_events_at_one_time_are_one_change():
    text = "x = 1; y = 2; t = 3; at time >= t: x = y; at time >= t: y = x;"
    ((trigger, updates),) = changes(text)
    assert trigger == (TIME >= T)
    assert updates == {"x": symbol("y"), "y": X}


def test_two_events_that_set_one_name_at_one_time():
    with pytest.raises(InvalidInput, match="both touch `x` at the same time"):
        changes("x = 1; at time >= 1: x = 2; at time >= 1: x = 3;")


def test_an_event_that_never_happens_is_no_change():
    assert changes("x = 1; at time >= inf: x = 2;") == []


def test_how_an_event_happens_is_kept():
    text = "x = 1; y = 1; at 2 after (time >= 1), t0 = false, persistent = false: x = 2; "
    odes = derive_odes(read_model(text + "at (time > 1), priority = y + 1: y = 2;"))
    first, second = odes.changes
    assert (first.true_before, first.delay, first.persistent) == (False, 2, False)
    assert (second.true_before, second.priority) == (True, symbol("y") + 1)
    assert odes.known == {"x", "y"}


def test_a_jump_knows_all_it_says():
    when = When(TIME > T, true_before=True, delay=None, priority=T, persistent=True, early=True)
    assert Jump("E", when, {"x": X + 1}).all == (TIME > T, T, X + 1)
