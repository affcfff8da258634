"""Denominators that become zero: inside the region, just below it, or where a state runs to."""

from __future__ import annotations

import pytest

from stromal.models.check.poles import (
    check_poles_below_zero,
    check_runaways,
    check_zero_denominators,
    runs_away,
)
from stromal.models.check.subject import Subject
from stromal.models.model import symbol
from stromal.models.parse import read_model
from tests.unit.models.check.examples import tell

DECAY = "c = {}; x = 1; x' = -x; y = 1; y' = x/(x + c) - y"


@pytest.mark.parametrize(
    "text", ["x = 0; x' = -x; y = 1; y' = 1/x", "x = 1; x' = -x; y = 1; y' = 2/x"]
)
def test_division_by_what_vanishes(text, snapshot):
    assert tell(check_zero_denominators, text) == snapshot


def test_division_inside_the_region(snapshot):
    assert tell(check_zero_denominators, "x = 1; x' = -x; y = 1; y' = 1/(x - 0.5)") == snapshot


def test_what_a_power_is_told_of_is_not_told_again():
    assert tell(check_zero_denominators, "x = 1; x' = -x; y = 1; y' = (2/x)^0.5") == ""


@pytest.mark.parametrize("bottom", ["1 + x", "x^2 + 1", "max(x, 1e-9)", "1 + 1.5*(s - 1)"])
def test_safe_denominators(bottom):
    text = f"x = 1; x' = -x; s = 1; s' = 0.1*x*(2 - s) - 0.1*(s - 1); y = 1; y' = 1/({bottom})"
    assert tell(check_zero_denominators, text) == ""


@pytest.mark.parametrize("distance", ["1e-9", "2e-5"])
def test_pole_just_below_zero(distance, snapshot):
    assert tell(check_poles_below_zero, DECAY.format(distance)) == snapshot


def test_pole_at_a_safe_distance():
    assert tell(check_poles_below_zero, DECAY.format("0.5")) == ""


def test_distance_is_by_the_scale_of_the_state(snapshot):
    text = "x = 1000; x' = -x; y = 1; y' = 1/(x + 1)"
    assert tell(check_poles_below_zero, text) == snapshot


def test_a_held_state_has_no_pole_below_zero():
    assert tell(check_poles_below_zero, "x = 1; x' = 1 - x; y = 1; y' = x/(x + 1e-6)") == ""


def test_a_ceiling_at_zero_guards_the_pole():
    text = "x = 1; x' = -x; y = 1; y' = max(x, 0)/(max(x, 0) + 1e-9)"
    assert tell(check_poles_below_zero, text) == ""


def test_runaway_into_a_pole(snapshot):
    text = "g = 0.1; T = 0; T' = g*T*(1 - T/5000); y = 0; y' = T/(T + 5) - y"
    assert tell(check_runaways, text) == snapshot


@pytest.mark.parametrize(
    "rate", ["-x", "1 - x", "-2*x/(1 + x)", "x*(0.5 - y/(1 + y)) - 0.6*x", "0*x"]
)
def test_what_does_not_run_away(rate):
    subject = Subject(read_model(f"x = 1; y = 1; y' = -y; x' = {rate}"))
    assert not runs_away(subject, symbol("x"))


def test_growth_with_a_logarithm_runs_away():
    subject = Subject(read_model("x = 0; x' = 0.1*x*ln(5000/(x + 1e-9)) - 0.2*x"))
    assert runs_away(subject, symbol("x"))


@pytest.mark.parametrize("check", [check_zero_denominators, check_poles_below_zero, check_runaways])
def test_no_equations_no_word(check):
    assert tell(check, "y = 1; y' = -k/y") == ""


@pytest.mark.parametrize(
    ("formula", "told"),
    [("piecewise(1/x, x > 0.1, 10)", False), ("piecewise(1/x, x > 0, 10)", True)],
)
def test_a_denominator_is_kept_from_zero_by_the_condition_of_its_piece(formula, told):
    text = f"x = 1; x' = -x; y = 0; y' = {formula} - y"
    assert ("divides by zero" in tell(check_zero_denominators, text)) is told
