"""Intervals hold their value."""

from __future__ import annotations

import pytest

from stromal.evidence.check.intervals import check_intervals
from stromal.evidence.check.printed import Printed


@pytest.mark.parametrize(
    ("value", "low", "high", "flagged"),
    [
        ("27.4", 16.2, 38.6, False),
        ("27.4", 28.2, 38.6, True),
        ("27.4", 38.6, 16.2, True),
        ("27", 27.3, 38.6, False),  # 27.4 prints as 27
        ("27", None, 38.6, False),
        (None, 16.2, 38.6, False),
    ],
)
def test_intervals(value, low, high, flagged):
    row = Printed("E1", "A", value=value, low=low, high=high)
    assert bool(check_intervals([row])) is flagged
