"""Sizes of compartments that are not, or may not stay, positive."""

from __future__ import annotations

import pytest

from stromal.models.check.sizes import check_sizes
from tests.unit.models.check.examples import tell

HELD = "V' = 1 - V"


@pytest.mark.parametrize(
    "text",
    ["V = 2", "k = 3; V := 2*k", f"V = 2; {HELD}", "V := 2 + x"],
)
def test_sizes_that_stay_positive(text):
    assert tell(check_sizes, f"compartment V; {text}; x = 1; x' = -x") == ""


@pytest.mark.parametrize("text", ["V = -1", "V = 0", "k = -3; V := 2*k", "V := -x"])
def test_sizes_that_are_never_positive(text):
    told = tell(check_sizes, f"compartment V; {text}; x = 1; x' = -x")
    assert "error" in told
    assert "the size of V is never positive" in told


@pytest.mark.parametrize(
    "text", ["V = 2; V' = -1", "V := 2 - time", "V := 1 - x", "V = 2; V' = -V"]
)
def test_sizes_that_may_not_stay_positive(text):
    told = tell(check_sizes, f"compartment V; {text}; x = 1; x' = -x")
    assert "warning" in told
    assert "the size of V is not shown to stay positive" in told


def test_a_compartment_without_a_size_is_left_alone():
    assert tell(check_sizes, "compartment V; x = 1; x' = -x") == ""
