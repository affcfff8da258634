"""A formula of states that a constant takes at the start is told where a rate rests on it."""

from __future__ import annotations

import pytest

from stromal.models.check.set_once import check_set_once
from tests.unit.models.check.examples import tell


def test_a_formula_that_reads_like_a_rate():
    assert tell(check_set_once, "x = 1; y = 2; v = 0.5*x*y; x' = -v; y' = v") == (
        "warning: v: `= x*y/2` is worked out once, at the start: it does not follow `x` and `y`.\n"
        "hint: nothing, where the start is meant; `v := ...` follows"
    )


@pytest.mark.parametrize(
    "text",
    [
        "x = 1; total := 2*x; v = 0.5*total; x' = -v",
        "x = 1; v = time + 1; x' = -v*x",
        "compartment C = 1; species S in C = 1; k = 1; v = k*S; S -> ; v",
    ],
)
def test_through_an_assignment_or_of_time_or_in_a_reaction(text):
    assert "is worked out once" in tell(check_set_once, text)


@pytest.mark.parametrize(
    "text",
    [
        "x = 1; v := 0.5*x; x' = -v",
        "x = 1; baseline = x; x' = baseline - x",
        "a = 2; k = a/3; x = 1; x' = -k*x",
        "k = 2; x = k; x' = -k*x; y = 2*x; y' = x - y",
        "x = 1; v = 0.5*x; x' = -x; w := v",
    ],
)
def test_a_start_value_on_purpose_or_nothing_that_drives(text):
    assert tell(check_set_once, text) == ""
