"""One count a day, gaps that are filled, and days of episodes."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.endpoints.counted import lab, table

from stromal.endpoints.records.daily_grid import count_low_days, derive_daily_grid
from stromal.endpoints.records.lab_series import as_numbered
from stromal.tables.patients import Patients


def grid(*counts, end=9.0, period=(0, 9), **more):
    labs = table(*(lab("neutrophils", count, "10^9/L", day=day) for day, count in counts))
    patients = as_numbered(Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), labs=labs))
    return derive_daily_grid(patients, "neutrophils", period, np.array([end]), **more)


def test_the_lowest_of_a_day_counts_and_an_empty_one_only_alone():
    found = grid((0, 2.0), (0.5, 1.0), (1, None), (1.2, 3.0), (2, None))
    assert found.least[0, :3].tolist() == [1.0, 3.0, 0.0]
    assert found.most[0, 2] > 1e9
    assert found.counted[0].tolist() == [True] * 3 + [False] * 7


def test_bounds_hold_what_a_count_can_be():
    found = grid((0, "<0.5"), (1, ">2"))
    assert (found.least[0, 0], found.most[0, 0]) == (0.0, 0.5)
    assert found.least[0, 1] == 2.0


@pytest.mark.parametrize(
    ("counts", "fill", "expected"),
    [
        ([(0, 1.0), (4, 3.0)], 3, [1.0, 1.5, 2.0, 2.5, 3.0]),
        ([(0, 1.0), (4, 3.0)], 2, [1.0, None, None, None, 3.0]),
        ([(1, 1.0), (2, 2.0)], 2, [1.0, 1.0, 2.0, 2.0, 2.0]),
        ([(3, 1.0)], 2, [None, None, None, 1.0, 1.0]),
        ([], 7, [None] * 5),
    ],
)
def test_gaps_are_filled_up_to_a_length(counts, fill, expected):
    found = grid(*counts, period=(0, 4), fill_days=fill)
    ours = [None if np.isnan(each) else each for each in found.most[0]]
    assert ours == expected


def test_nothing_is_filled_after_the_end_of_observation():
    found = grid((0, 1.0), (2, 1.0), (5, 1.0), end=3.4, fill_days=7)
    assert found.open[0].tolist() == [True] * 4 + [False] * 6
    assert np.isnan(found.least[0, 4:]).all()
    assert found.last.tolist() == [3]
    assert not found.counted[0, 5]


def test_filled_days_are_rounded_and_counted_ones_are_not():
    found = grid((0, 0.504), (3, 1.0), period=(0, 3), fill_days=7, round_filled=2)
    assert found.least[0].tolist() == [0.504, 0.67, 0.83, 1.0]


@settings(deadline=None, max_examples=80)
@given(low=st.lists(st.booleans(), min_size=1, max_size=14), stable=st.integers(1, 4))
def test_days_of_episodes_are_those_of_a_search(low, stable):
    episodes: list[list[int]] = []
    for day in (day for day, each in enumerate(low) if each):
        if episodes and day - episodes[-1][1] - 1 < stable:
            episodes[-1][1] = day
        else:
            episodes.append([day, day])
    found = count_low_days(np.array([low]), np.array([len(low) - 1]), stable)
    lengths = [last - first + 1 for first, last in episodes]
    assert found.longest.item() == max(lengths, default=0)
    assert found.all.item() == sum(lengths)
    ends = [first for first, last in episodes if last == len(low) - 1]
    assert found.throughout_from.item() == (ends[0] if ends else len(low))
