"""Repetitions tell how far a number leans on what the figure leaves open."""

from __future__ import annotations

import polars as pl
import pytest

from stromal.errors import InvalidInput
from stromal.evidence.reconstruct.digitised import digitise
from stromal.evidence.reconstruct.patients import (
    Digitising,
    reconstruct_patients,
    repeat_outcomes,
)
from stromal.evidence.reconstruct.repeat import (
    join_arms,
    repeat_hazard_ratio,
    repeat_log_rank,
    repeat_median,
    repeat_statistic,
    repeat_survival,
)

FALLS = {"a": [0.9, 0.8, 0.65, 0.5, 0.4, 0.3], "b": [0.95, 0.9, 0.85, 0.75, 0.7, 0.6]}


@pytest.fixture(scope="module")
def arms():
    found = {}
    for arm, falls in FALLS.items():
        curve = pl.DataFrame({"time": [2.0, 4, 6, 8, 10, 12], "survival": falls})
        numbers = pl.DataFrame({"time": [0.0, 6.0], "at_risk": [60, 45]})
        digitised = digitise(curve, numbers)
        central = reconstruct_patients(digitised, arm).outcomes
        found[arm] = (
            central.select("day", "status", arm=pl.lit(arm)),
            repeat_outcomes(
                digitised, arm, repetitions=60, digitising=Digitising(survival=0.02, days=0.5)
            ),
        )
    return found


@pytest.fixture(scope="module")
def both(arms):
    outcomes = pl.concat([central for central, _ in arms.values()])
    return outcomes, join_arms(*(every for _, every in arms.values()))


def test_intervals_hold_their_values(arms, both):
    outcomes, every = arms["a"]
    for found in (
        repeat_median(outcomes, every),
        repeat_survival(outcomes, every, 6.0),
        repeat_hazard_ratio(*both, "b"),
        repeat_log_rank(*both),
    ):
        assert found.low < found.value < found.high
        assert found.repetitions == 60


def test_a_ratio_turns_round_with_its_reference(both):
    one, other = repeat_hazard_ratio(*both, "b"), repeat_hazard_ratio(*both, "a")
    assert one.value > 1
    assert one.value * other.value == pytest.approx(1, rel=1e-6)


def test_a_median_beyond_the_curve_has_no_upper_end(arms):
    found = repeat_median(*arms["b"])
    assert found.value is None
    assert found.undefined == 60
    assert (found.low, found.high) == (None, None)


def test_undefined_repetitions_count_as_beyond():
    tables = [pl.DataFrame({"day": [float(at)], "status": [1]}) for at in range(1, 11)]

    def odd(table):
        return None if table["day"][0] > 8 else table["day"][0]

    found = repeat_statistic(tables[0], tables, odd, "odd", level=0.8)
    assert (found.low, found.high, found.undefined) == (1.0, None, 2)


def test_without_repetitions_there_is_no_interval(arms):
    found = repeat_survival(arms["a"][0], [], 6.0)
    assert found.value is not None
    assert (found.low, found.high, found.repetitions) == (None, None, 0)


def test_a_ratio_has_two_arms(arms):
    outcomes, every = arms["a"]
    with pytest.raises(InvalidInput, match="arms a, reference b"):
        repeat_hazard_ratio(outcomes, every, "b")


def test_arms_of_different_length_are_not_joined(arms):
    with pytest.raises(ValueError, match="shorter"):
        join_arms(arms["a"][1], arms["b"][1][:5])
