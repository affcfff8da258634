import polars as pl
import pytest

from stromal.estimates.restricted_mean import compare_restricted_means, estimate_restricted_mean

OUTCOMES = pl.DataFrame({"day": [10.0, 20.0, 30.0, 40.0], "status": [1, 1, 0, 0]})


def test_the_area_of_rectangles():
    assert estimate_restricted_mean(OUTCOMES, 30).value == 10 + 10 * 0.75 + 10 * 0.5
    assert estimate_restricted_mean(OUTCOMES, 5).value == 5


def test_beyond_the_last_follow_up_nobody_knows():
    assert estimate_restricted_mean(OUTCOMES, 41).value is None
    ended = pl.DataFrame({"day": [10.0, 20.0], "status": [1, 1]})
    assert estimate_restricted_mean(ended, 100).value == 15


def test_without_events_there_is_no_interval():
    found = estimate_restricted_mean(OUTCOMES, 8)
    assert (found.value, found.low, found.high, found.events) == (8, None, None, 0)


def test_an_interval_stays_within_the_time():
    found = estimate_restricted_mean(OUTCOMES, 30)
    assert 0 <= found.low < found.value < found.high <= 30


def test_nobody_has_no_mean():
    assert estimate_restricted_mean(OUTCOMES.clear(), 30).value is None
    found, p_value = compare_restricted_means(OUTCOMES, OUTCOMES.clear(), 30)
    assert (found.value, p_value) == (None, None)


def test_a_group_against_itself():
    found, p_value = compare_restricted_means(OUTCOMES, OUTCOMES, 30)
    assert (found.value, p_value) == (0.0, pytest.approx(1.0))
    assert found.low == -found.high


def test_a_day_is_the_same_day_whatever_its_last_digit():
    """A seventh is no binary fraction: 8 / 7 and 16 / 7 / 2 differ from what is held."""
    outcomes = pl.DataFrame({"day": [8 / 7, 16 / 7], "status": [0, 0]})
    assert estimate_restricted_mean(outcomes.head(1), 8 / 7).value == pytest.approx(8 / 7)
