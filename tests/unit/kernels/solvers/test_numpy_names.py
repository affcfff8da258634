"""The functions for arrays give what they give for plain numbers."""

from __future__ import annotations

from inspect import signature

import numpy as np
import pytest

from stromal.kernels.compile.functions import FUNCTIONS
from stromal.kernels.solvers.numpy_names import NUMPY_NAMES

VALUES = np.array([-2.5, -1.0, -0.3, 0.0, 0.4, 1.0, 1.7, 3.0])


def test_every_function_is_there():
    assert NUMPY_NAMES.keys() == FUNCTIONS.keys()


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_same_as_for_plain_numbers(name):
    count = 3 if name == "select" else 1
    if name in {"minimum", "maximum", "power", "both", "either"} or len(name) == 2:
        count = 2
    columns = [column.ravel() for column in np.meshgrid(*[VALUES] * count)]
    plain = [FUNCTIONS[name](*map(float, row)) for row in zip(*columns, strict=True)]
    with np.errstate(all="ignore"):
        together = NUMPY_NAMES[name](*columns)
    finite = np.isfinite(plain)
    np.testing.assert_allclose(together[finite], np.array(plain)[finite], rtol=1e-13)
    assert not np.isfinite(together[~finite]).any()


def test_the_selection_takes_three():
    assert len(signature(NUMPY_NAMES["select"]).parameters) == 3
