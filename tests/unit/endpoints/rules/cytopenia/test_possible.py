"""Possible and certain patterns against every assignment of the assessments that are unknown."""

from __future__ import annotations

from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stromal.endpoints.records.episodes import derive_episodes
from stromal.endpoints.rules.cytopenia.possible import find_possible_patterns

LATE = 28.0
Seen = dict[int, bool | None]


def frame(*series: Seen) -> pl.DataFrame:
    rows = [
        (number, float(day), seen)
        for number, one in enumerate(series)
        for day, seen in sorted(one.items())
    ]
    schema = {"number": pl.UInt32, "day": pl.Float64, "affected": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def shows(seen: Seen, pattern: str, recovery: dict[str, float]) -> bool:
    """The pattern of a series that is known, read off its episodes."""
    starts = derive_episodes(frame(seen), "number", **recovery)["start"].to_list()
    if pattern == "late_onset":
        return any(start >= LATE for start in starts)
    return len(starts) > 1 and starts[0] < LATE


def enumerate_answers(seen: Seen, pattern: str, recovery: dict[str, float]) -> set[bool]:
    unknown = [day for day, one in seen.items() if one is None]
    return {
        shows(seen | dict(zip(unknown, truth, strict=True)), pattern, recovery)
        for truth in product([True, False], repeat=len(unknown))
    }


SERIES = st.dictionaries(
    st.integers(-4, 45), st.sampled_from([True, False, None]), min_size=1, max_size=9
).filter(lambda seen: sum(one is None for one in seen.values()) < 6)
RECOVERY = st.sampled_from(
    [
        {},
        {},
        {"recovery_assessments": 2},
        {"recovery_days": 5.0},
        {"recovery_assessments": 3, "recovery_days": 8.0},
    ]
)


@settings(deadline=None, max_examples=120)
@given(series=st.lists(SERIES, min_size=1, max_size=3), recovery=RECOVERY)
@pytest.mark.parametrize("pattern", ["late_onset", "biphasic"])
def test_bounds_are_those_of_every_assignment(pattern, series, recovery):
    found = find_possible_patterns(frame(*series), pattern, LATE, **recovery)
    for seen, (_, certain, possible) in zip(series, found.rows(), strict=True):
        answers = enumerate_answers(seen, pattern, recovery)
        assert (certain, possible) == (answers == {True}, True in answers)


def test_both_extremes_can_deny_what_is_possible():
    # affected on day 14 joins two episodes, clear on day 20 leaves out the second
    seen = {3: True, 14: None, 20: None}
    assert not shows(seen | {14: True, 20: True}, "biphasic", {})
    assert not shows(seen | {14: False, 20: False}, "biphasic", {})
    assert find_possible_patterns(frame(seen), "biphasic", LATE).row(0) == (0, False, True)


def test_nobody_gives_no_rows():
    assert find_possible_patterns(frame(), "biphasic", LATE).is_empty()
