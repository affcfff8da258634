from __future__ import annotations

import pytest

from stromal.errors import InvalidInput
from stromal.models.derive import derive_odes
from stromal.models.jumps import Jump
from stromal.models.model import symbol
from stromal.models.odes import Overdue
from stromal.models.parse import read_model

S, V, X, T = map(symbol, ("S", "V", "x", "t"))


def changes(text):
    odes = derive_odes(read_model(text))
    names = [str(state) for state in odes.states]
    return [
        (change.time, {names[index]: value for index, value in change.updates})
        for change in odes.changes
    ]


def test_a_concentration_is_set_as_an_amount():
    found = changes("compartment V = 2; species S in V; S = 1; at time >= 3: S = S + 1;")
    assert found == [(3, {"S": V * (S / V + 1)})]


def test_an_amount_stays_when_its_compartment_jumps():
    found = changes("compartment V = 2; species S in V; S = 1; at time >= 3: V = 4;")
    assert found == [(3, {"V": 4})]


def test_a_concentration_set_with_its_compartment_is_thinned_too():
    text = "compartment V = 2; species $S in V; S = 1; S' = 0.1; at time >= 3: S = 5, V = 4;"
    assert changes(text) == [(3, {"S": 5 * V / 4, "V": 4})]


def test_events_at_one_time_are_one_change():
    text = "x = 1; y = 2; t = 3; at time >= t: x = y; at time >= t: y = x;"
    ((time, updates),) = changes(text)
    assert time.subs(T, 3) == 3
    assert updates == {"x": symbol("y"), "y": X}


def test_two_events_that_set_one_name_at_one_time():
    with pytest.raises(InvalidInput, match="both touch `x` at the same time"):
        changes("x = 1; at time >= 1: x = 2; at time >= 1: x = 3;")


def test_an_event_that_never_happens_is_no_change():
    assert changes("x = 1; at time >= inf: x = 2;") == []


def test_what_is_due_at_the_start_is_for_the_run_to_decide():
    text = "x = 1; y = 1; z = 1; at (time >= 0): x = 2; at (time > 0): y = 2;"
    odes = derive_odes(read_model(text + " at (time >= 0), t0 = false: z = 2;"))
    assert [change.overdue for change in odes.changes] == [*Overdue]
    with pytest.raises(InvalidInput, match="both touch `x` at the same time"):
        changes("x = 1; at time >= 1: x = 2; at time > 1: x = 3;")


def test_a_jump_knows_all_it_says():
    assert Jump("E", T, {"x": X + 1}, Overdue.NEVER).all == (T, X + 1)
