import numpy as np
import polars as pl
import pytest

from stromal.tables.cells import (
    MISSING,
    Commas,
    Fault,
    describe_fault,
    gather_faults,
    read_cells,
)
from stromal.tables.schema import Column, Kind, Presence

VALUE = Column("value", Kind.NUMBER, "a value", "row")
COUNT = Column("n", Kind.INTEGER, "a count", "1")
SUBJECT = Column("subject", Kind.TEXT, "who", None, Presence.EVERY_CELL)


def read(texts, column=VALUE, *, decimal_commas=False):
    rows = np.arange(2, 2 + len(texts))
    return read_cells(
        pl.Series(texts, dtype=pl.String), column, rows, decimal_commas=decimal_commas
    )


@pytest.mark.parametrize("text", [*MISSING, "  ", None])
def test_what_is_missing_is_null_and_no_fault_where_it_may_be(text):
    values, faults, _ = read([text])
    assert values.to_list() == [None]
    assert faults == ()
    assert read([text], SUBJECT)[1][0].kind == "empty"


@pytest.mark.parametrize(
    ("text", "number"), [("1", 1.0), (" -2.5 ", -2.5), ("+3", 3.0), ("1e-3", 0.001), (".5", 0.5)]
)
def test_numbers(text, number):
    assert read([text])[0].to_list() == [number]


@pytest.mark.parametrize(
    "text",
    ["abc", "inf", "-Infinity", "1e999", "1 000", "1_000", "0x10", "1,5", "<5", "12 g/L", "#N/A"],
)
def test_what_is_not_a_finite_number_is_a_fault_and_null(text):
    values, (fault,), _ = read([text])
    assert values.to_list() == [None]
    assert fault == Fault("number", "value", ((2, text),), 1)


def test_whole_numbers():
    values, (fault,), _ = read(["3", "3.0", "3.5"], COUNT)
    assert values.to_list() == [3, 3, None]
    assert fault.cells == ((4, "3.5"),)
    (issue,) = describe_fault(fault, "a.csv", decimal_commas=False)
    assert issue.message == "`3.5` is not a whole number"
    assert issue.hint == "a count has no decimals; look it up"


def test_decimal_commas_only_where_they_may_be():
    values, faults, use = read(["0,5", "7", "1.5"], decimal_commas=True)
    assert values.to_list() == [0.5, 7.0, 1.5]
    assert faults == ()
    assert use == Commas(comma=2, point=4, proof=2)


def test_a_comma_that_may_part_thousands_is_no_proof():
    assert read(["250,000"], decimal_commas=True)[2] == Commas(comma=2)
    assert read(["0,250"], decimal_commas=True)[2].proof == 2


def test_only_the_first_cells_are_kept_and_all_counted():
    _, faults, _ = read(["x"] * 500)
    (fault,) = gather_faults([*faults, *faults])
    assert (len(fault.cells), fault.count) == (20, 1000)
    assert describe_fault(fault, "a.csv", decimal_commas=False)[-1].message.startswith("and 980 ")


def test_a_code_for_missing_is_a_fault_and_null_where_patients_are_measured():
    values, (fault,), _ = read(["40", "2147483621"])
    assert (values.to_list(), fault.kind) == ([40.0, None], "code")
    free = read_cells(
        pl.Series(["1e40"]), VALUE, np.array([2]), decimal_commas=False, measured=False
    )
    assert (free[0].to_list(), free[1]) == ([1e40], ())


def test_empty_cells_below_a_filled_one_are_one_issue():
    _, faults, _ = read([None, "1", "", None, "2", "NA"], SUBJECT)
    assert [(fault.kind, fault.count) for fault in faults] == [("empty", 1), ("below", 3)]
    (issue,) = describe_fault(faults[1], "labs.csv", decimal_commas=False)
    assert (issue.row, issue.column) == (4, "subject")
    assert issue.message == "the cell is empty, and so is that of rows 5, 7"
    assert "fill down from the row above" in issue.hint


def test_one_empty_cell_says_no_more_than_that():
    (fault,) = read(["1", None], SUBJECT)[1]
    (issue,) = describe_fault(fault, "labs.csv", decimal_commas=False)
    assert (issue.message, issue.hint) == ("the cell is empty", None)


def test_a_fault_of_a_day_is_of_its_own_kind():
    day = Column("day", Kind.NUMBER, "a day", "day")
    assert read(["D+7"], day)[1][0].kind == "day"
