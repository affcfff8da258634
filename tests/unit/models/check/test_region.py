"""Where states stay: signs, floors and ceilings that follow from their rates."""

from __future__ import annotations

import math

import pytest

from stromal.models.check.ranges import Range
from stromal.models.check.region import find_region
from stromal.models.derive import derive_odes
from stromal.models.model import symbol
from stromal.models.parse import read_model


def region(text, **constants):
    return find_region(derive_odes(read_model(text)), constants)


@pytest.mark.parametrize(
    ("rate", "start", "low", "held"),
    [
        ("-k*x", 1, 0, False),
        ("k - x", 1, 0, True),
        ("k*x*ln(3/x) - x + 0.1", 1, 0, True),
        ("k*x*ln(3/x)", 1, 0, False),
        ("-k", 1, -math.inf, False),
        ("-k*x", -1, -math.inf, False),
        ("k - x", 0, 0, False),
        ("x*((3/x)^0.5 - 1)", 1, 0, False),
    ],
)
def test_one_state(rate, start, low, held):
    found = region(f"k = 2; x = {start}; x' = {rate}")
    assert found.box[symbol("x")].low == low
    assert (symbol("x") in found.held) is held


def test_a_chain_is_never_negative_and_not_held():
    found = region("k = 1; x = 1; y = 0; x' = -k*x; y' = k*x - k*y")
    assert found.can_vanish == {symbol("x"), symbol("y")}


def test_what_feeds_on_a_held_state_is_held():
    found = region("k = 1; x = 1; y = 1; x' = k - x; y' = k*x - y")
    assert found.held == {symbol("x"), symbol("y")}


def test_one_state_without_a_sign_takes_the_others_with_it():
    found = region("k = 1; x = 1; y = 1; x' = -k; y' = x - y")
    assert found.box[symbol("y")].low == -math.inf


@pytest.mark.parametrize(
    ("rate", "high"),
    [
        ("k*(1 - x)", 1.0),
        ("k*x*(1 - x/5)", 5.0),
        ("k*y/(3 + y) - x", 2.0),
        ("k*y - x", math.inf),
        ("-k*x", math.inf),
    ],
)
def test_ceilings(rate, high):
    found = region(f"k = 2; x = 0.5; y = 0; y' = 0; x' = {rate}")
    assert found.box[symbol("x")].high == high


def test_a_healthy_start_is_no_bound():
    found = region("k = 1; x = 1; y = 1; x' = k*(y - x); y' = k*(x - y)")
    assert found.box[symbol("x")] == Range(0.0, math.inf)


def test_a_jump_of_the_model_can_break_a_floor():
    text = "k = 1; x = 1; x' = k - x; at (time > 5): x = {}"
    assert symbol("x") in region(text.format("x + 1")).held
    assert symbol("x") not in region(text.format("0*x")).held
    assert region(text.format("x - 2")).box[symbol("x")].low == -math.inf


def test_constants_vary_between_their_limits():
    text = "k = 1; x = 1; x' = k - x"
    assert symbol("x") not in region(text, k=Range(0.0, 2.0)).held
    assert region(text, k=Range(-1.0, 2.0)).box[symbol("x")].low == -math.inf


def test_scale_is_the_start_or_the_largest_dose():
    found = region("x = 5; y = 0; z = 0; x' = -x; y' = -y; z' = -z; at (time > 1): y = y + 28")
    assert [found.scale[symbol(name)] for name in "xyz"] == [5.0, 28.0, 1.0]


def test_slack_lowers_what_can_vanish_only():
    found = region("k = 1; x = 4; y = 1; x' = -x; y' = k - y")
    box = found.bounds(0.001).box
    assert (box[symbol("x")].low, box[symbol("y")].low) == (-0.004, 0.0)
