"""Numbers are read, and nothing else."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from stromal.errors import InvalidInput
from stromal.kernels.arguments import check_counts, is_number, read_number, read_numbers


@pytest.mark.parametrize(
    ("given", "shape"), [(1, ()), ([1, None], (2,)), (range(3), (3,)), ([[1.0], [2.0]], (2, 1))]
)
def test_numbers_of_any_shape(given, shape):
    found = read_numbers(given, "times")
    assert (found.shape, found.dtype) == (shape, np.float64)


def test_what_is_masked_is_missing():
    given = np.ma.masked_array([1, 2], mask=[False, True])
    np.testing.assert_array_equal(read_numbers(given, "ke"), [1.0, np.nan])


@pytest.mark.parametrize(
    "values",
    [
        ["1", "2"],
        [True, False],
        [1j, 2j],
        np.array(["2020-01-01", "2021-01-01"], "M8[D]"),
        ["a", 2],
    ],
)
def test_what_is_masked_is_of_a_kind_too(values):
    given = np.ma.masked_array(values, mask=[False, True])
    with pytest.raises(InvalidInput, match="ke: not all of it is numbers"):
        read_numbers(given, "ke")


def test_what_is_masked_of_objects_is_missing():
    given = np.ma.masked_array(np.array([1, "x"], object), mask=[False, True])
    np.testing.assert_array_equal(read_numbers(given, "ke"), [1.0, np.nan])


@pytest.mark.parametrize("given", [Decimal("sNaN"), Fraction(10**400), True, np.True_])
def test_what_no_number_is(given):
    assert not is_number(given)


def test_a_list_of_masked_rows():
    rows = [np.ma.array([1.0, 2.0], mask=[True, False]), np.ma.array([3.0, 4.0])]
    np.testing.assert_array_equal(read_numbers(rows, "ke"), [[np.nan, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize("given", [[True, 2.0], [[1.0, 2.0], [np.True_, 3]], (0, False)])
def test_truths_among_numbers_are_no_numbers(given):
    with pytest.raises(InvalidInput, match="not all of it is numbers"):
        read_numbers(given, "ke")


def test_numbers_are_not_copied():
    given = np.ones(3)
    assert read_numbers(given, "times") is given


@pytest.mark.parametrize(
    "given", ["a", ["a", "b"], [1j], np.ones(2, complex), [[1.0], [1.0, 2.0]], [10**400], object()]
)
def test_anything_else_is_an_issue(given):
    with pytest.raises(InvalidInput, match="times: not all of it is numbers"):
        read_numbers(given, "times")


@pytest.mark.parametrize("given", ["x", None, [1.0], 1j, np.ones(2)])
def test_one_number_is_one_number(given):
    assert read_number(np.float64(2.0), "rtol") == 2.0
    with pytest.raises(InvalidInput, match="rtol is"):
        read_number(given, "rtol")


@pytest.mark.parametrize("count", [0, -5, 2.5, "x"])
def test_counts_are_whole_numbers_of_at_least_one(count):
    check_counts(chunk=np.int64(1), threads=3)
    with pytest.raises(InvalidInput, match="chunk is"):
        check_counts(chunk=count)
