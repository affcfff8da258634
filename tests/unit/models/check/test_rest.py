"""Where a model rests, when it does."""

from __future__ import annotations

import pytest

from stromal.models.check.rest import find_resting_point
from stromal.models.check.subject import Subject
from stromal.models.model import symbol
from stromal.models.parse import read_model


def rest(text):
    found = find_resting_point(Subject(read_model(text)))
    return None if found is None else {name.name: value for name, value in found.items()}


def test_a_start_at_rest_is_kept_to_the_bit():
    assert rest("k = 3; x = 3; x' = k - x") == {"k": 3.0, "x": 3.0}


def test_rest_is_found_from_the_start():
    found = rest("k = 3; x = 1; y = 1; x' = k - x; y' = x - 2*y")
    assert found["y"] == pytest.approx(1.5)


def test_what_only_counts_stays_at_its_start():
    assert rest("h = 0; x = 1; x' = 1 - x; h' = 0.1*x")["h"] == 0.0


def test_no_rest():
    assert rest("x = 1; y = 0; x' = 1 + 0*y; y' = 1 + 0*x") in (None, {"x": 1.0, "y": 0.0})
    assert rest("x = 1; x' = 1 + x^2") is None
    assert rest("x = 1; x' = sin(time) - x") is None
    assert rest("x = 1; x' = -k*x") is None


def test_a_rest_outside_the_region_is_none():
    assert rest("x = 1; x' = -x*(x + 2) - x") == pytest.approx({"x": 0.0}, abs=1e-5)


def test_an_infinite_start_has_no_rest():
    assert rest("x = 1/0; x' = 1 - x") is None
    assert symbol("x").name == "x"
