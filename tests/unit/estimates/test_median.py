import polars as pl

from stromal.estimates.median import estimate_median


def test_missing_numbers_are_left_out():
    spread = estimate_median(pl.Series([None, 3.0, float("nan"), 1.0]))
    assert (spread.median, spread.minimum, spread.maximum, spread.n) == (2.0, 1.0, 3.0, 2)


def test_no_numbers_have_no_median():
    spread = estimate_median(pl.Series([None], dtype=pl.Float64))
    assert (spread.median, spread.lower_quartile, spread.n) == (None, None, 0)
