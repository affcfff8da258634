"""How far a window was watched: to its end, less far, or to death."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.followed import followed

from stromal.endpoints.records.watched import watch_window


@pytest.mark.parametrize(
    ("last", "events", "to_day", "found"),
    [
        (28.0, (), 28, (28, False, False)),
        (28.9, (), 28, (28.9, False, False)),
        (27.9, (), 28, (27.9, False, True)),
        (20.0, (), None, (20, False, False)),
        (None, [("1", 9.0, "death")], 28, (9, True, False)),
        (None, [("1", None, "death")], 28, (None, True, False)),
        (None, (), 28, (None, False, False)),
    ],
)
def test_follow_up_reaches_the_end_or_does_not(last, events, to_day, found):
    assert watch_window(followed({"1": last}, events), to_day).row(0)[1:] == found
