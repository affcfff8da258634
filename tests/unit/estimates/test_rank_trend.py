import polars as pl
import pytest

from stromal.estimates import rank_trend
from stromal.estimates.rank_trend import compare_trend_of_numbers
from stromal.estimates.ranks import compare_ranks


def found(values, groups):
    return compare_trend_of_numbers(pl.Series(values, dtype=pl.Float64), pl.Series(groups))


def test_what_cannot_be_tested_says_why():
    assert found([1, 2], ["a", "a"]).reason == "there are no two groups with a number"
    assert found([], []).reason == "there are no two groups with a number"
    assert found([2, 2], ["a", "b"]).reason == "all numbers are the same"


def test_two_groups_are_the_mann_whitney_test():
    values, groups = [3.0, 1.0, 4.0, 7.0, 5.0, 9.0, 8.0], list("aaabbbb")
    exact = compare_ranks(pl.Series(values), pl.Series(groups))
    assert found(values, groups).p_value == pytest.approx(exact.p_value)


def test_counted_and_approximate_p_are_close(monkeypatch):
    values = [float((7 * place) % 30) + place / 100 for place in range(30)]
    groups = [place // 10 for place in range(30)]
    exact = found(values, groups)
    monkeypatch.setattr(rank_trend, "MOST_EXACT", 5)
    normal = found(values, groups)
    assert exact.method.endswith("exact")
    assert normal.method.endswith("normal approximation")
    assert normal.p_value == pytest.approx(exact.p_value, abs=0.02)


def test_groups_turned_round_turn_the_sign():
    one = found([1, 2, 2, 3, 5, 5], [1, 1, 2, 2, 3, 3])
    other = found([1, 2, 2, 3, 5, 5], [3, 3, 2, 2, 1, 1])
    assert one.statistic == pytest.approx(-other.statistic)
    assert one.effect.value == pytest.approx(1 - other.effect.value)
