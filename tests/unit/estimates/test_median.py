import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stromal.estimates.median import estimate_median


def test_missing_numbers_are_left_out():
    spread = estimate_median(pl.Series([None, 3.0, float("nan"), 1.0]))
    assert (spread.median, spread.minimum, spread.maximum, spread.n) == (2.0, 1.0, 3.0, 2)


def test_no_numbers_have_no_median():
    spread = estimate_median(pl.Series([None], dtype=pl.Float64))
    assert (spread.median, spread.lower_quartile, spread.n) == (None, None, 0)


@pytest.mark.parametrize(
    ("least", "most", "expected"),
    [
        ([0, 45, 80, 99], [10, 45, 80, 99], (62.5, None, 99)),
        ([45, 80, 1000], [45, 80, None], (80, 45, None)),
        ([0, 0, 80], [10, 10, 80], (None, None, 80)),
        ([0, 5, 45, 80], [10, 5, 45, 80], (None, None, 80)),
        ([None, 20, 30], [10, 20, 30], (20, None, 30)),
    ],
)
def test_a_number_that_a_limit_decides_is_not_given(least, most, expected):
    spread = estimate_median(pl.Series(least, dtype=pl.Float64), pl.Series(most, dtype=pl.Float64))
    assert (spread.median, spread.minimum, spread.maximum) == expected
    assert spread.n == len(least)


ENDS = st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 20)), min_size=1, max_size=9)


@given(ENDS, st.data())
def test_what_is_given_holds_for_every_number_between_the_ends(ends, data):
    least, most = [low for low, _ in ends], [low + wide for low, wide in ends]
    found = estimate_median(pl.Series(least), pl.Series(most))
    drawn = [data.draw(st.integers(low, high)) for low, high in zip(least, most, strict=True)]
    true = estimate_median(pl.Series(drawn))
    for name in ("median", "lower_quartile", "upper_quartile", "minimum", "maximum"):
        assert getattr(found, name) in (None, getattr(true, name))
