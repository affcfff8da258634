import math

import numpy as np
import polars as pl
import pytest

from stromal.estimates import ranks
from stromal.estimates.ranks import compare_ranks, count_sums


def compared(values, groups, **options):
    return compare_ranks(pl.Series(values, dtype=pl.Float64), pl.Series(list(groups)), **options)


def test_ways_are_counted_as_binomial_coefficients():
    assert count_sums(np.arange(1, 61), 30).sum() == math.comb(60, 30)


def test_groups_that_are_apart_have_the_least_p():
    found = compared(range(10), "aaaaabbbbb")
    assert found.p_value == pytest.approx(2 / math.comb(10, 5))
    assert found.statistic == 25


def test_small_groups_have_the_interval_of_all_differences_at_the_level_that_it_reaches():
    estimate = compared([1, 2, 3, 7, 8, 9], "aaabbb").differences[0].estimate
    assert (estimate.value, estimate.low, estimate.high) == (6, 4, 8)
    assert estimate.level == pytest.approx(0.9)
    asked = compared([1, 2, 3, 7, 8, 9], "aaabbb", level=0.9).differences[0].estimate
    assert (asked.low, asked.high, asked.level) == (4, 8, 0.9)


def test_the_smallest_groups_have_no_interval():
    found = compared([1, 7, 8], "abb").differences[0]
    assert (found.estimate.value, found.estimate.low, found.estimate.high) == (6.5, None, None)
    assert found.reason == "the groups are too small for an interval"


def test_what_cannot_be_compared_says_why():
    assert compared([], "").reason == "there are no two groups with a number"
    assert compared([1, 2], "aa").reason == "there are no two groups with a number"
    for groups in ("aabb", "aabbcc"):
        found = compared([3] * len(groups), groups)
        assert (found.p_value, found.reason) == (None, "all numbers are the same")
        assert found.differences[0].reason == found.reason
        assert found.differences[0].estimate.low is None
    one = compared([1, 2], "ab")
    assert one.p_value == 1
    assert one.differences[0].estimate.value == 1


def test_a_middle_in_between_is_the_mean_of_two():
    assert compared([1, 2, 5, 10], "aabb").differences[0].estimate.value == 6


def test_pairs_that_are_not_written_down_give_the_same_shift(monkeypatch):
    random = np.random.default_rng(5)
    values, groups = random.normal(size=200).round(2), random.choice(list("ab"), 200)
    one = compared(values, groups)
    monkeypatch.setattr(ranks, "MOST_PAIRS", 10)
    other = compared(values, groups)
    for name in ("value", "low", "high"):
        written = getattr(one.differences[0].estimate, name)
        assert getattr(other.differences[0].estimate, name) == pytest.approx(written, abs=1e-12)
    assert one.p_value == other.p_value


def test_counted_and_approximate_p_are_close_where_both_can_be_had(monkeypatch):
    random = np.random.default_rng(6)
    values, groups = random.integers(0, 12, 60), "a" * 30 + "b" * 30
    exact = compared(values, groups)
    monkeypatch.setattr(ranks, "MOST_EXACT", 10)
    assert compared(values, groups).p_value == pytest.approx(exact.p_value, abs=0.005)
    assert compared(values, groups).method.endswith("continuity correction")


def test_more_groups_are_compared_with_the_reference():
    found = compared([1, 2, 3, 4, 5, 6, 7, 8, 9], "aaabbbccc", reference="b")
    assert [(d.group, d.reference) for d in found.differences] == [("a", "b"), ("c", "b")]
    assert [d.estimate.value for d in found.differences] == [-3, 3]
    assert found.degrees == 2
