"""Rules of compiled arithmetic."""

from __future__ import annotations

import numba
import numpy as np

from stromal.kernels.solvers.compiled import compiled


def divide(left, right):
    return left / right


def is_number(value):
    return value == value  # noqa: PLR0124 - what a careless compiler would take for granted


def test_division_by_zero_is_infinite_and_no_error():
    assert compiled(divide)(1.0, 0.0) == np.inf


def test_nan_is_not_optimised_away():
    assert not compiled(is_number)(np.nan)


def test_works_where_nothing_can_be_kept(monkeypatch):
    njit = numba.njit

    def refuse(function, *, cache=False, **options):
        if cache:
            raise RuntimeError("no locator available")
        return njit(function, **options)

    monkeypatch.setattr(numba, "njit", refuse)
    assert compiled(divide)(3.0, 2.0) == 1.5
