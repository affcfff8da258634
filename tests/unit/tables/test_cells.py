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


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("2024-01-31", "date"),
        ("31.01.2024", "date"),
        ("<0.1", "limit of detection"),
        ("#REF!", "formula"),
        ("12 g/L", "number alone"),
        ("1,5", "decimal point"),
        ("unknown", "empty"),
    ],
)
def test_the_hint_says_what_to_do(text, hint):
    (issue,) = describe_fault(read([text])[1][0], "a.csv", decimal_commas=False)
    assert hint in issue.hint


def test_a_hostile_cell_is_shown_short_and_printable():
    (issue,) = describe_fault(read(["\x1b[31m" + "x" * 999])[1][0], "a.csv", decimal_commas=False)
    assert "\x1b" not in issue.message
    assert len(issue.message) < 80
