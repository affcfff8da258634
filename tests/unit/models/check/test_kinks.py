"""Kinks: where the model starts or rests, elsewhere, and at times."""

from __future__ import annotations

import pytest

from stromal.models.check.kinks import check_kinks, check_switches_in_time
from tests.unit.models.check.examples import tell

TEXT = "c = {}; x = {}; x' = 1 - x; y = 1; y' = {} - y"


@pytest.mark.parametrize(
    "formula",
    [
        "piecewise(x, x > c, c)",
        "max(x, c)",
        "min(2*x, 2*c)",
        "abs(x - c)",
        "piecewise(x, x > c && x < 5, c)",
        "floor(x + 0.5)",
    ],
)
def test_kink_at_the_start(formula, snapshot):
    assert tell(check_kinks, TEXT.format(1, 1, formula)) == snapshot


def test_kink_at_rest(snapshot):
    assert tell(check_kinks, TEXT.format(1, 0.3, "max(x, c)")) == snapshot


def test_kink_elsewhere_is_a_note(snapshot):
    assert tell(check_kinks, TEXT.format(0.02, 1, "max(x, c)")) == snapshot


@pytest.mark.parametrize("formula", ["max(x, 0)", "abs(x)", "max(x, -c)", "max(1 + x, 0.5)"])
def test_what_never_switches(formula):
    assert tell(check_kinks, TEXT.format(1, 1, formula)) == ""


def test_a_switch_of_constants_is_no_kink():
    assert tell(check_kinks, TEXT.format(1, 1, "piecewise(x, c > 0, 1)")) == ""


def test_a_switch_in_time(snapshot):
    text = TEXT.format(1, 1, "piecewise(1, time*exp(-time) > 0.2, 0)")
    assert tell(check_switches_in_time, text) == snapshot
    assert tell(check_kinks, text) == ""
    assert tell(check_switches_in_time, TEXT.format(1, 1, "piecewise(1, time > 5, 0)")) == ""
    assert tell(check_switches_in_time, TEXT.format(1, 1, "piecewise(1, x > 5, 0)")) == ""


def test_no_rest_no_word_of_it(snapshot):
    assert tell(check_kinks, "x = 1; x' = sin(time) - x; y := max(x, 0.5)") == snapshot


def test_no_equations_no_word():
    assert tell(check_kinks, "y = 1; y' = -k*abs(y)") == ""
