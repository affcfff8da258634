"""Numbers are read, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from stromal.errors import InvalidInput
from stromal.kernels.numbers import read_numbers


@pytest.mark.parametrize(
    ("given", "shape"), [(1, ()), ([1, None], (2,)), (range(3), (3,)), ([[1.0], [2.0]], (2, 1))]
)
def test_numbers_of_any_shape(given, shape):
    found = read_numbers(given, "times")
    assert (found.shape, found.dtype) == (shape, np.float64)


def test_numbers_are_not_copied():
    given = np.ones(3)
    assert read_numbers(given, "times") is given


@pytest.mark.parametrize(
    "given", ["a", ["a", "b"], [1j], np.ones(2, complex), [[1.0], [1.0, 2.0]], [10**400], object()]
)
def test_anything_else_is_an_issue(given):
    with pytest.raises(InvalidInput, match="times: not all of it is numbers"):
        read_numbers(given, "times")
