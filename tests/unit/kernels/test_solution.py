"""What a run gives, as arrays and as tables."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tests.flat import grouped
from tests.unit.kernels.examples import DECAY, derive

from stromal.errors import InvalidInput
from stromal.kernels.door import Read, Work
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.reducers import Area, Minimum, ValueAt
from stromal.kernels.solve import solve
from stromal.models.parse import read_model

DOSES = pl.DataFrame({"day": [0.0], "state": ["drug"], "amount": [8.0]})


def _solve(**options):
    kernel = compile_kernel(derive(DECAY), outputs=["drug"], vary=["k"], dosed=["drug"])
    reducers = [Area("drug"), ValueAt("drug", (1.0, 2.0))]
    given = {"k": [0.5, np.nan, 1.0]}
    return solve(kernel, given, **grouped(times=[0, 2], doses=DOSES, reducers=reducers, **options))


def test_long_table():
    frame = _solve().frame()
    assert frame.columns == ["patient", "time", "output", "value"]
    assert frame["patient"].to_list() == [0, 0, 1, 1, 2, 2]
    assert frame["value"].is_null().to_list() == [False, False, True, True, False, False]
    assert frame.row(1) == (0, 2.0, "drug", pytest.approx(8 * np.exp(-1), rel=1e-3))


def test_a_failed_patient_stays_in_the_table_with_its_reason():
    table = _solve(keep=False).patients(first=100)
    assert table.columns == [
        "patient",
        "status",
        "note",
        "steps",
        "area(drug)",
        "value_at(drug)[1]",
        "value_at(drug)[2]",
    ]
    assert table["patient"].to_list() == [100, 101, 102]
    assert table["status"][1] == ("a parameter, or the time of a change, is not a finite number")
    assert table["area(drug)"].is_null().to_list() == [False, True, False]


def test_values_that_were_not_kept():
    solution = _solve(keep=False)
    assert solution.values is None
    assert solution.frame().height == 0
    with pytest.raises(KeyError):
        solution.output("drug")


def test_in_one_line():
    shown = "<Solution: 3 patients, 1 of them failed, drug, area(drug), value_at(drug)>"
    assert repr(_solve()) == shown


def test_unknown_output():
    with pytest.raises(KeyError):
        _solve().output("drag")


def test_the_note_says_where_a_patient_stopped_whatever_is_kept_and_read():
    """x' = x^2 from 1 has the solution 1/(1 - t), which ends at time 1."""
    kernel = compile_kernel(read_model("x = 1; k = 1; x' = k*x^2"), outputs=["x"], vary=["k"])
    for read in (
        Read([0.0, 0.5, 0.9, 2.0]),
        Read([0.0, 0.5, 0.9, 2.0], reducers=[Minimum("x")], keep=False),
    ):
        for chunk in (1, 2):
            found = solve(kernel, {"k": [1.0, 0.1]}, read, work=Work(chunk=chunk))
            assert found.reached.tolist() == [0.9, 2.0]
            notes = found.patients()["note"].to_list()
            assert notes[0].startswith("stopped after time 0.9: look for a rate that grows without")
            assert notes[1] is None


def test_outputs_on_a_day():
    solution = _solve()
    frame = solution.at(2)
    assert frame.columns == ["patient", "drug"]
    assert frame["drug"].is_null().to_list() == [False, True, False]
    assert frame["drug"][0] == pytest.approx(8 * np.exp(-1), rel=1e-3)
    np.testing.assert_array_equal(solution.output("drug", 2.0), solution.output("drug")[:, 1])


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (1, "day 1.0 was not asked for; the nearest asked days are 0.0 and 2.0"),
        (3.5, "the nearest asked days are 2.0"),
        (np.nextafter(2.0, 3.0), "day 2.0000000000000004 was not asked for"),
        ("two", "day is 'two', not a number"),
    ],
)
def test_a_day_that_was_not_asked_for_is_refused(day, words):
    for ask in (_solve().at, lambda day: _solve().output("drug", day)):
        with pytest.raises(InvalidInput) as refusal:
            ask(day)
        assert words in str(refusal.value)
        assert "hint:" in str(refusal.value)


def test_values_that_were_not_kept_are_on_no_day():
    with pytest.raises(InvalidInput, match="values were not kept"):
        _solve(keep=False).at(2)


def test_outputs_of_the_long_table_take_turns():
    kernel = compile_kernel(derive(DECAY), outputs=["drug", "k"], dosed=["drug"])
    frame = solve(kernel, None, **grouped(times=[0, 2], keep=True)).frame()
    assert frame["output"].to_list() == ["drug", "k"] * 2
