"""Runs against a search that looks at each record anew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.kernels.series.many import way

from stromal.kernels.series.runs import Recovery, find_runs

__all__ = ["way"]


def search(days, shows, recovery):
    """Start, end, last, before and open of each run of one series, by its definition."""
    found, at, size = [], 0, len(days)

    def ends(free):
        """Whether the records without it from `free` on make a recovery."""
        after = free
        while after < size and not shows[after]:
            after += 1
        if recovery == Recovery():
            return True
        until = days[after] if after < size else days[size - 1]
        long = recovery.days is not None and until - days[free] >= recovery.days
        return long or (recovery.records is not None and after - free >= recovery.records)

    while at < size:
        if not shows[at]:
            at += 1
            continue
        start, before = days[at], days[at - 1] if at else None
        end = None
        while at < size:
            if not shows[at] and shows[at - 1] and ends(at):
                end = at
                break
            at += 1
        last = days[(size if end is None else end) - 1]
        found.append((start, last if end is None else days[end], last, before, end is None))
    return found


@pytest.mark.usefixtures("way")
@settings(
    deadline=None,
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    series=st.lists(
        st.dictionaries(st.integers(-6, 40), st.booleans(), max_size=10), min_size=1, max_size=3
    ),
    records=st.none() | st.integers(1, 3),
    days=st.none() | st.integers(1, 6),
)
def test_runs_are_those_of_a_search(series, records, days):
    recovery = Recovery(records, days)
    rows = [(s, *row) for s, one in enumerate(series) for row in sorted(one.items())]
    runs = find_runs(
        np.array([row[0] for row in rows], np.uint32),
        np.array([row[1] for row in rows], float),
        np.array([row[2] for row in rows], bool),
        recovery,
    )
    expected = [
        (s, *run)
        for s, one in enumerate(series)
        for run in search(*(zip(*sorted(one.items()), strict=True) if one else ((), ())), recovery)
    ]
    ours = [
        (int(s), start, end, last, None if np.isnan(before) else before, bool(still))
        for s, start, end, last, before, still in zip(
            runs.series, runs.start, runs.end, runs.last, runs.before, runs.open, strict=True
        )
    ]
    assert ours == expected


def test_no_records_have_no_runs():
    runs = find_runs(np.empty(0, np.uint32), np.empty(0), np.empty(0, bool))
    assert runs.series.size == runs.open.size == 0
