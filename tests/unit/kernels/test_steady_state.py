"""Implied doses before a steady-state dose: where they fall, and what is wrong with them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from stromal.errors import InvalidInput
from stromal.kernels.door import Read, Schedule
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.regimen import Regimen
from stromal.kernels.solve import solve
from stromal.kernels.steady_state import carry_over, find_phase, repeat_within
from stromal.kernels.timeline import Dose
from stromal.models.parse import read_model

KERNEL = compile_kernel(
    read_model("A = 0; B = 0; ke = 0.1; A' = -ke*A; B' = -B;"),
    outputs=["A", "B"],
    vary=["ke"],
    dosed=["A", "B"],
)


def regimen(**numbers):
    plain = {"time": 0, "amount": 10, "duration": 0, "rate": 0, "every": 6, "number": 1}
    plain |= {"lag": 0, "fraction": 1, "steady_state": 1} | numbers
    return Regimen(**{name: np.array([float(value)]) for name, value in plain.items()})


@pytest.mark.parametrize("lag", [0.0, 0.3, 0.6, 5.9, 6.0, 12.5, 1.2, 0.1 * 3])
@pytest.mark.parametrize("every", [6.0, 0.1, 0.3])
def test_a_lag_is_whole_intervals_and_less_than_one(lag, every):
    whole, left = find_phase(np.array([lag]), np.array([every]))
    assert 0.0 <= left[0] < every
    assert whole[0] * every + left[0] == pytest.approx(lag)


@pytest.mark.parametrize(
    ("numbers", "start", "amount"),
    [
        ({}, [], []),
        ({"lag": 1.0}, [], []),
        ({"lag": 13.0}, [7.0, 1.0], [10.0, 10.0]),
        ({"lag": 6.0}, [0.0], [10.0]),
        ({"duration": 4.0}, [], []),
        ({"duration": 8.0}, [0.0], [2.5]),
        ({"duration": 4.0, "lag": 3.0}, [0.0], [2.5]),
        ({"rate": 1.0, "fraction": 0.8}, [0.0], [2.0]),
    ],
)
def test_what_is_still_to_come_of_the_doses_before(numbers, start, amount):
    found = carry_over(regimen(**numbers))
    assert found.start == pytest.approx(start)
    assert found.amount == pytest.approx(amount)


@pytest.mark.parametrize(
    "numbers",
    [{"duration": 4.0}, {"duration": 40.0}, {"duration": 3.0, "lag": 4.0}, {"lag": 8.0}, {}],
)
def test_an_interval_gives_one_dose_in_all(numbers):
    found = repeat_within(regimen(**numbers), np.array([6.0]))
    assert found.amount.sum() == pytest.approx(10.0)
    assert ((found.start >= 0.0) & (found.end <= 6.0)).all()


@pytest.mark.parametrize(
    ("dose", "message"),
    [
        (Dose(0, "A", 1, steady_state=True), "steady_state without every"),
        (Dose(0, "A", 1, rate=1, steady_state=True), "steady_state without every"),
        (Dose(0, "A", 0, rate=1, every=2, steady_state=True), "infusion is given with every"),
        (Dose(0, "A", 0, rate=1, lag=2, steady_state=True), "infusion is given with a lag"),
        (Dose(0, "A", 0, rate=1, fraction=0.5, steady_state=True), "is given with a fraction"),
        (Dose(3, "A", 1, every=2, steady_state=True), "at 3 is after the start at 0"),
        (Dose(-3, "A", 1, every=2, steady_state=True), "at -3 is before the start at 0"),
        (Dose(0, "A", 1, every=-2, steady_state=True), "every is negative"),
        (Dose(0, "A", 1, every=2, steady_state=0.5), "not all of it is true or false"),
        (Dose(0, "A", 1, every=2, steady_state="yes"), "not all of it is true or false"),
        (Dose(0, "A", 1, every=2, steady_state=[True, False]), "steady_state has shape (2,)"),
        (Dose(0, "A", 1, every=2, steady_state=[False]), "every is given without a count"),
        (Dose(0, "A", 1, every=1e-6, duration=1, steady_state=True), "more than 10,000 doses"),
        (Dose(0, "A", 1, every=20, duration=12, steady_state=True), "ends at 12, after the end"),
    ],
)
def test_what_is_wrong(dose, message):
    with pytest.raises(InvalidInput) as caught:
        solve(KERNEL, None, Read([10.0]), schedule=Schedule(doses=[dose]))
    assert message in str(caught.value)
    assert "hint" in str(caught.value)


def test_a_table_names_steady_state_with_truth_values_or_numbers():
    plain = {"patient": [0, 1, 2], "day": 0.0, "state": "A", "amount": 5.0, "every": 4.0}
    right = 5.0 / (1 - np.exp(-0.4))
    for flags, counts in (([True, True, True], None), ([1, 1, 0], [1, 1, 1])):
        table = pl.DataFrame(plain | {"steady_state": flags})
        if counts is not None:
            table = table.with_columns(count=pl.Series(counts))
        found = solve(KERNEL, {"ke": [0.1] * 3}, Read([0.0]), schedule=Schedule(doses=table))
        expected = [right if flag else 5.0 for flag in flags]
        assert found.output("A")[:, 0] == pytest.approx(expected, rel=1e-5)


def test_a_row_of_a_table_that_repeats_says_how_often():
    table = pl.DataFrame(
        {
            "day": [0.0, 0.0],
            "state": ["A", "B"],
            "amount": [5.0, 5.0],
            "every": [4.0, 4.0],
            "steady_state": [True, None],
        }
    )
    with pytest.raises(InvalidInput, match="every is given without a count"):
        solve(KERNEL, None, Read([0.0]), schedule=Schedule(doses=table))
