"""Episodes: where they start and end, and what counts as recovery."""

from __future__ import annotations

from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from tests.unit.endpoints.rules.cytopenia import in_columns

from stromal.endpoints.records.episodes import derive_episodes


def episodes(days: dict[float, bool], **recovery: float) -> list[tuple]:
    rows = sorted(days.items())
    assessments = pl.DataFrame(
        {"subject": ["1"] * len(rows), "day": [float(d) for d, _ in rows]},
        schema_overrides={"subject": pl.String, "day": pl.Float64},
    ).with_columns(pl.Series("affected", [seen for _, seen in rows], pl.Boolean))
    found = derive_episodes(assessments, **recovery)
    return found.select("start", "end", "open").rows()


def test_an_episode_ends_on_the_first_assessment_below():
    days = {0: False, 3: True, 10: True, 14: False, 20: False, 30: True, 33: True}
    assert episodes(days) == [(3, 14, False), (30, 33, True)]


def test_one_present_before_starts_on_day_zero():
    assert episodes({-9: True, -5: True, 7: False}) == [(0, 7, False)]
    assert episodes({-9: True, -5: False, 7: False}) == []


@pytest.mark.parametrize(
    ("recovery", "expected"),
    [
        ({}, [(3, 10, False), (12, 20, False), (24, 30, False)]),
        ({"recovery_assessments": 2}, [(3, 20, False), (24, 30, True)]),
        ({"recovery_days": 3}, [(3, 20, False), (24, 30, True)]),
        ({"recovery_assessments": 3, "recovery_days": 4}, [(3, 20, False), (24, 30, True)]),
        ({"recovery_days": 5}, [(3, 30, True)]),
    ],
)
def test_a_recovery_can_be_asked_to_last(recovery, expected):
    days = {0: False, 3: True, 10: False, 12: True, 20: False, 22: False, 24: True, 30: False}
    assert episodes(days, **recovery) == expected


def test_series_do_not_run_into_each_other():
    assessments = pl.DataFrame(
        {"subject": ["a", "a", "b", "b"], "day": [1.0, 2.0, 3.0, 9.0], "affected": [True] * 4}
    )
    found = derive_episodes(assessments)
    assert found.select("subject", "start", "end", "before").rows() == [
        ("a", 1, 2, None),
        ("b", 3, 9, None),
    ]


@pytest.mark.parametrize(
    ("recovery", "around"),
    [({}, [(0, 3), (10, 12), (20, 33)]), ({"recovery_assessments": 2}, [(0, 12), (20, 33)])],
)
def test_the_assessments_around_an_episode(recovery, around):
    days = {0: False, 3: True, 10: False, 12: True, 14: False, 20: False, 24: True, 33: True}
    rows = sorted(days.items())
    assessments = pl.DataFrame(
        {"subject": "1", "day": [day for day, _ in rows], "affected": [seen for _, seen in rows]}
    )
    found = derive_episodes(assessments, **recovery)
    assert found.select("before", "last").rows() == around


@settings(deadline=None, max_examples=40)
@given(days=st.dictionaries(st.integers(-10, 120), st.booleans(), max_size=12))
def test_episodes_are_apart_in_order_and_only_the_last_is_open(days):
    found = episodes(days, recovery_days=3)
    assert all(end >= start >= 0 for start, end, _ in found)
    assert all(one[1] < other[0] for one, other in pairwise(found))
    assert not any(still_open for *_, still_open in found[:-1])


@settings(deadline=None, max_examples=40)
@given(
    series=st.lists(st.dictionaries(st.integers(-10, 60), st.booleans(), max_size=9), max_size=3),
    records=st.none() | st.integers(1, 3),
    days=st.none() | st.integers(1, 6),
)
def test_episodes_are_those_of_whole_columns(series, records, days):
    rows = [
        (s, float(day), seen) for s, one in enumerate(series) for day, seen in sorted(one.items())
    ]
    assessments = pl.DataFrame(
        rows,
        schema={"number": pl.UInt32, "day": pl.Float64, "affected": pl.Boolean},
        orient="row",
    )
    found = derive_episodes(assessments, "number", records, days)
    assert_frame_equal(found, in_columns.episodes(assessments, records, days))
