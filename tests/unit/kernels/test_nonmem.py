"""Dose records with NONMEM's columns."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from stromal.errors import InvalidInput
from stromal.kernels.door import Accuracy, Read, Schedule
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.nonmem import read_dose_records
from stromal.kernels.solve import solve
from stromal.models.parse import read_model

USUAL = {"ID": 1, "TIME": 0.0, "AMT": 100.0, "CMT": 1, "RATE": 0.0, "II": 0.0, "ADDL": 0, "SS": 0}


def records(*rows):
    return pl.DataFrame([USUAL | {"EVID": 1} | row for row in rows])


def test_additional_doses_and_rates_against_closed_forms():
    given = records(
        {"ID": 5, "RATE": 50.0, "II": 12.0, "ADDL": 2},
        {"ID": 5, "TIME": 1.0, "EVID": 0, "AMT": 0.0},
        {"ID": 3, "TIME": 2.0, "AMT": 7.0},
    )
    found = read_dose_records(given, {1: "A"})
    assert found.subjects == (5, 3)
    model = read_model("A = 0; A' = -0.1*A;")
    kernel = compile_kernel(model, outputs=["A"], dosed=["A"])
    solution = solve(
        kernel,
        np.empty((2, 0)),
        Read([2.0, 40.0]),
        schedule=Schedule(doses=found.doses),
        accuracy=Accuracy(rtol=1e-9),
    )
    peak = 500.0 * (1 - np.exp(-0.2))
    last = sum(peak * np.exp(-0.1 * (38.0 - 12 * k)) for k in range(3))
    right = [[peak, last], [7.0, 7.0 * np.exp(-3.8)]]
    assert solution.output("A") == pytest.approx(np.array(right), rel=1e-7)


def test_steady_state_against_closed_forms():
    """`SS` 1 with `II`, and a constant infusion that ends at the record: NONMEM's help, SS dose."""
    given = records(
        {"ID": 1, "SS": 1, "II": 12.0, "ADDL": 1},
        {"ID": 2, "SS": 1, "AMT": 0.0, "RATE": 5.0},
        {"ID": 3, "SS": 1, "RATE": 50.0, "II": 12.0},
        {"ID": 4},
    ).drop("EVID")
    found = read_dose_records(given, {1: "A"})
    kernel = compile_kernel(read_model("A = 0; A' = -0.1*A;"), outputs=["A"], dosed=["A"])
    solution = solve(
        kernel,
        np.empty((4, 0)),
        Read([0.0, 2.0, 12.0]),
        schedule=Schedule(doses=found.doses),
        accuracy=Accuracy(rtol=1e-9),
    )
    peak = 100.0 / (1 - np.exp(-1.2))
    full = 500.0 * (1 - np.exp(-0.2))  # after one infusion of two hours
    high = full / (1 - np.exp(-1.2))
    right = [
        [peak, peak * np.exp(-0.2), peak],
        [50.0, 50.0 * np.exp(-0.2), 50.0 * np.exp(-1.2)],
        [high * np.exp(-1.0), high, high * np.exp(-1.0)],
        [100.0, 100.0 * np.exp(-0.2), 100.0 * np.exp(-1.2)],
    ]
    assert solution.output("A") == pytest.approx(np.array(right), rel=1e-7)


def test_a_row_with_an_amount_is_a_dose_where_nothing_else_is_said():
    given = records({}, {"TIME": 1.0, "AMT": 0.0}).drop("EVID", "RATE", "II", "ADDL", "SS")
    (dose,) = read_dose_records(given, {1: "A"}).doses
    assert dose.time == [0.0]


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ({"EVID": 3}, "EVID", "a reset is not read"),
        ({"EVID": 4}, "EVID", "a reset with a dose is not read"),
        ({"EVID": 8}, "EVID", "EVID 8 is not known"),
        ({"EVID": 0}, "AMT", "an amount stands in a row of EVID 0"),
        ({"RATE": -1.0}, "RATE", "the model decides the rate"),
        ({"RATE": -2.0}, "RATE", "the model decides the duration"),
        ({"RATE": -3.0}, "RATE", "RATE is negative"),
        ({"SS": 2, "II": 12.0}, "SS", "SS is neither 0 nor 1"),
        ({"SS": 1}, "II", "additional or steady-state doses have no interval"),
        ({"SS": 1, "AMT": 0.0, "RATE": 5.0, "II": 12.0}, "II", "a steady infusion has an interval"),
        ({"SS": 1, "AMT": 0.0, "RATE": 5.0, "ADDL": 2}, "ADDL", "has additional doses"),
        ({"SS": 1, "II": 12.0}, "SS", "resets the doses before it"),
        ({"ADDL": 2}, "II", "additional or steady-state doses have no interval"),
        ({"ADDL": float("nan")}, "ADDL", "ADDL is not a whole number"),
        ({"ID": None}, "ID", "ID is missing"),
        ({"ADDL": -1}, "ADDL", "ADDL is not a whole number"),
        ({"CMT": 2}, "CMT", "compartment 2 has no state"),
        ({"TIME": None}, "TIME", "a dose has no time"),
    ],
)
def test_what_is_not_read_is_refused_with_its_row_and_column(row, column, message):
    with pytest.raises(InvalidInput) as caught:
        read_dose_records(records({}, {"TIME": 1.0} | row), {1: "A"})
    mine = [issue for issue in caught.value.issues if issue.column == column]
    issue = mine[0]
    assert (issue.row, issue.column) == (3, column)
    assert message in issue.message


def test_every_issue_comes_at_once():
    given = records({"ID": 1, "RATE": -1.0}, {"ID": 2, "TIME": 5.0}, {"ID": 2}, {"ID": 1})
    with pytest.raises(InvalidInput) as caught:
        read_dose_records(given, {1: "A"})
    found = {(issue.row, issue.column) for issue in caught.value.issues}
    assert found == {(2, "RATE"), (4, "TIME"), (5, "ID")}


def test_columns_that_lack_or_hold_words():
    given = records({}).drop("AMT").with_columns(TIME=pl.lit("9:30"))
    with pytest.raises(InvalidInput) as caught:
        read_dose_records(given, {1: "A"})
    assert {issue.column for issue in caught.value.issues} == {"AMT", "TIME"}
