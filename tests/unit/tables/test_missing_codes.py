import polars as pl
import pytest

from stromal.tables.missing_codes import LOUD_CODES, QUIET_CODES, is_absurd, name_code

CODES = [2147483621, 2147483647, -2147483648, 8.98846567431158e307, 1.7e308, -1.79e308, 1e37, 4e20]


@pytest.mark.parametrize("number", CODES)
def test_codes_are_absurd(number):
    assert is_absurd(pl.Series([number], dtype=pl.Float64)).to_list() == [True]


@pytest.mark.parametrize("number", [0, -0.0, 999, 9999, 3e8, 1e12, 2.2e9, 1e-9, None])
def test_numbers_of_bodies_are_not(number):
    assert is_absurd(pl.Series([number], dtype=pl.Float64)).to_list() == [False]


def test_a_code_has_a_name_where_it_has_one():
    assert "Stata" in name_code(2147483621)
    assert name_code(4e20) is None


def test_codes_that_may_be_numbers():
    assert {999, 9999, 99999, -99999, -999, 888, 777, 998} <= set(LOUD_CODES)
    assert not set(LOUD_CODES) & set(QUIET_CODES)
