import polars as pl
import pytest

from stromal.estimates.normality import check_normality


def test_groups_that_cannot_be_tested_say_why():
    values = pl.Series([1.0, 2.0, 5.0, 5.0, 5.0, 1.0, 2.0, 4.0])
    found = check_normality(values, pl.Series(list("aabbbccc")))
    assert found.reasons == ("it has fewer than 3 patients", "its numbers are all the same", "")
    assert found.p_values[:2] == (None, None)
    assert found.least is None


def test_too_many_patients_are_not_tested():
    found = check_normality(pl.Series(range(5001)), pl.Series(["a"] * 5001))
    assert found.reasons == ("it has more than 5000 patients",)


def test_unit_and_origin_change_nothing():
    values = pl.Series([1.0, 2.0, 2.5, 4.0, 9.0, 3.0])
    groups = pl.Series(["a"] * 6)
    one = check_normality(values, groups)
    for other in (values * 1e-9, values + 1e6, values * 1000):
        assert check_normality(other, groups).statistics == pytest.approx(one.statistics, rel=1e-7)
    assert one.least == one.p_values[0]
