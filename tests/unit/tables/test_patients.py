import polars as pl
import pytest

from stromal.tables.patients import PATIENT_TABLES, Patients, TableFile


def test_tables_that_were_not_given_are_empty_and_typed():
    patients = Patients.of(events=pl.DataFrame({"subject": ["1"], "event": ["death"]}))
    for name, schema in PATIENT_TABLES.items():
        assert patients.table(name).columns == list(schema.names)
    assert patients.events["day"].dtype == pl.Float64
    assert patients.labs.is_empty()


def test_an_unknown_table_is_refused():
    with pytest.raises(TypeError, match="lab"):
        Patients.of(lab=pl.DataFrame())


def test_a_record_is_placed_in_its_file():
    patients = Patients.of({"labs": TableFile("labs.csv", 2)})
    assert patients.place("labs", 15) == ("labs.csv", 17)
    assert patients.place("doses", 15) == ("doses", None)


def test_rows_without_a_record_are_counted():
    file = TableFile("labs.csv", 3, skipped=(4, 5, 8))
    assert [file.row(position) for position in range(4)] == [3, 6, 7, 9]


def test_records_that_are_left_out_keep_the_rows_of_the_others():
    file = TableFile("labs.csv", 2, skipped=(4, 7))
    rows = [file.row(position) for position in range(5)]
    assert rows == [2, 3, 5, 6, 8]
    left = file.without(pl.Series([True, False, False, True, False]))
    assert [left.row(position) for position in range(3)] == [3, 5, 8]
    assert file.without(pl.Series([False] * 5)) == file


def test_derived_records_have_no_row():
    file = TableFile("labs.csv", 2, records=3)
    assert [file.row(2), file.row(3)] == [4, None]
