from __future__ import annotations

import pytest

from stromal.models.derive import derive_odes
from stromal.models.holding import hold_values
from stromal.models.parse import read_model


def held(events):
    odes = derive_odes(read_model(f"x = 1; y = 2; n = 1; t = 3; x' = -x; {events}"))
    return [state.name for state in hold_values(odes).states[len(odes.states) :]]


@pytest.mark.parametrize(
    ("events", "names"),
    [
        ("at 2 after (time > 1): x = x + 1", ["value 1 of _E0"]),
        ("at 2 after (time > 1): x = 5", []),
        ("at 2 after (time > 1), fromTrigger = false: x = x + 1", []),
        ("at (time > 1): x = x + 1; at (time > 2): y = x", []),
        ("at (time > 1): x = x + 1; at (time > t): y = x", []),
        ("at (time > 1): x = x + 1; at (time % 2 > 1): y = x", ["value 1 of _E1"]),
        ("at (time > n): n = n + 1, x = x + 3", []),
        ("at (time > 4): n = 2; at (time > n): n = n + 1", ["value 1 of _E1"]),
    ],
)
def test_what_must_be_kept(events, names):
    assert held(events) == names
