"""Tables and lists of events: what each row becomes, every issue, and the part of some patients."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from stromal.errors import InvalidInput
from stromal.kernels.events import (
    CHANGES,
    DOSES,
    JUMPS,
    part_of_events,
    read_events,
    settle_events,
)
from stromal.kernels.timeline import Dose, Jump

ROWS = pl.DataFrame(
    {
        "patient": [None, 2, 0, 2],
        "day": [0.0, 1.0, 2.0, 3.0],
        "state": ["drug"] * 4,
        "amount": [1.0, 2.0, 3.0, 4.0],
    }
)


def _issues(table, given, patients=3):
    with pytest.raises(InvalidInput) as error:
        read_events(table, given, patients)
    assert all(issue.table == table.name for issue in error.value.issues)
    return [f"{issue.message} | {issue.hint}" for issue in error.value.issues]


def test_rows_of_every_patient_and_of_one():
    every, own = read_events(DOSES, ROWS, 3)
    assert (every.time, every.state, every.amount, every.patients) == (0.0, "drug", 1.0, None)
    assert own.patients.tolist() == [2, 0, 2]
    assert own.amount.tolist() == [2.0, 3.0, 4.0]
    assert own.time.tolist() == [1.0, 2.0, 3.0]


def test_a_change_happens_to_those_that_have_a_row():
    rows = pl.DataFrame({"patient": [1], "time": [2], "parameter": ["ke"], "value": [0]})
    (change,) = read_events(CHANGES, rows, 3)
    assert (change.time.tolist(), change.patients.tolist()) == ([2.0], [1])


def test_a_jump_may_leave_out_what_it_adds():
    rows = pl.DataFrame({"day": [2.0], "state": ["cells"], "factor": [0.5]})
    (jump,) = read_events(JUMPS, rows, 3)
    assert (jump.factor, jump.amount) == (0.5, 0.0)


def test_no_events():
    assert read_events(DOSES, None, 3) == []
    assert read_events(DOSES, ROWS.clear(), 3) == []


def test_every_issue_of_a_table_at_once():
    bad = pl.DataFrame({"patient": ["x"], "day": ["y"], "amout": [1.0], "state": [[1]]})
    assert _issues(DOSES, bad) == [
        "no column amount | it has patient, day, amout, state",
        "column `amout` is not known | did you mean `amount`?",
        "column `patient` holds no numbers | give numbers",
        "column `day` holds no numbers | give numbers",
        "column `state` holds no names | give names",
    ]
    absent, missing = _issues(DOSES, ROWS.with_columns(patient=7, amount=None))
    assert absent == "there is no patient 7 | patients are numbered from 0 to 2"
    assert missing.startswith("a value is missing | every row has a day, a name and numbers")


def test_a_product_is_no_state():
    """A table of doses once took `product` for `state`."""
    hint = "write the state of the model that is dosed in a column `state`"
    assert _issues(DOSES, ROWS.rename({"state": "product"})) == [
        f"column `product` is not known | {hint}"
    ]
    assert _issues(DOSES, ROWS.with_columns(product=pl.lit("msc"))) == [
        f"column `product` is not known | {hint}"
    ]


def test_what_is_no_event():
    assert "Jump stands where a Dose is meant" in _issues(DOSES, [Jump(1.0, "x", 1.0)])[0]
    assert "a Dose is of 3, which is no name" in _issues(DOSES, Dose(1.0, 3, 1.0))[0]


def test_part_of_a_table():
    settled = settle_events(DOSES, ROWS, 3)
    assert part_of_events(settled, range(1, 3)).rows() == [
        (None, 0.0, "drug", 1.0),
        (1, 1.0, "drug", 2.0),
        (1, 3.0, "drug", 4.0),
    ]
    plain = ROWS.drop("patient")
    assert part_of_events(plain, range(1, 3)) is plain
    with pytest.raises(InvalidInput, match="there is no patient 2"):
        settle_events(DOSES, ROWS, 2)


def test_part_of_a_list():
    given = iter(
        [Dose(np.array([[1.0], [2.0], [3.0]]), "drug", 5.0), Dose(4.0, "drug", np.arange(3))]
    )
    settled = settle_events(DOSES, given, 3)
    first, second = part_of_events(settled, range(1, 3))
    assert (first.time.tolist(), first.amount) == ([[2.0], [3.0]], 5.0)
    assert (second.time, second.amount.tolist()) == (4.0, [1, 2])
    with pytest.raises(InvalidInput, match=r"`drug`: amount has shape \(3,\), for 4 patients"):
        settle_events(DOSES, settled, 4)


def test_part_of_events_of_some_patients():
    given = [
        Dose([1.0, 2.0, 3.0], "drug", 5.0, patients=[2, 0, 2]),
        Dose(1.0, "drug", 4.0, patients=[True] * 3),
    ]
    own, every = part_of_events(settle_events(DOSES, given, 3), range(1, 3))
    assert (own.time.tolist(), own.amount, own.patients.tolist()) == ([1.0, 3.0], 5.0, [1, 1])
    assert (every.amount, every.patients.tolist()) == (4.0, [0, 1])
    with pytest.raises(InvalidInput, match="there is no patient 2"):
        settle_events(DOSES, given[:1], 2)


def test_numbers_of_unequal_length_are_an_issue():
    with pytest.raises(InvalidInput, match="not all of it is numbers"):
        settle_events(DOSES, [Dose([[1.0], [1.0, 2.0]], "drug", 1.0)], 3)
