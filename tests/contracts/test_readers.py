"""Every reader of a table gives the same frame from CSV and from Parquet."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from stromal.patients.observed.read import read_patients
from stromal.tables.escape import write_csv
from stromal.tables.patients import PATIENT_TABLES
from stromal.tables.published import PUBLISHED
from stromal.tables.read_table import read_table
from stromal.tables.schema import Kind, Presence

SCHEMAS = [*PATIENT_TABLES.values(), PUBLISHED]


def example(schema):
    """Three rows with every column: plain, missing where it may be, and awkward."""
    cells = {
        Kind.TEXT: ["a", None, 'b, "c"\nü'],
        Kind.NUMBER: [0.1, None, -1e-7],
        Kind.BOUNDED: [0.1, None, 1e-7],
        Kind.INTEGER: [1, None, 2**40],
    }
    filled = {Kind.TEXT: ["a", "b", "c"], Kind.NUMBER: [1.0, 2.5, 3.0], Kind.INTEGER: [1, 2, 3]}
    bounds = {"bound": ["below", None, "above"]}
    return schema.conform(
        pl.DataFrame(
            {
                column.name: bounds.get(
                    column.name,
                    (filled if column.presence is Presence.EVERY_CELL else cells)[column.kind],
                )
                for column in schema.columns
                if column.presence is not Presence.DERIVED
            }
        )
    ).select(c.name for c in schema.columns if c.presence is not Presence.DERIVED)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.name)
def test_csv_and_parquet_of_one_table_read_equal(tmp_path, schema):
    table = example(schema)
    write_csv(table, tmp_path / "table.csv")
    table.write_parquet(tmp_path / "table.parquet")
    from_csv, csv_issues, _ = read_table(tmp_path / "table.csv", schema)
    from_parquet, parquet_issues, _ = read_table(tmp_path / "table.parquet", schema)
    assert csv_issues == parquet_issues == ()
    assert_frame_equal(from_csv, from_parquet)
    assert_frame_equal(from_csv.select(table.columns), table)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.name)
def test_an_empty_required_cell_is_an_issue_from_both(tmp_path, schema):
    required = [c for c in schema.columns if c.presence is Presence.EVERY_CELL]
    table = example(schema).with_columns(
        pl.when(pl.int_range(pl.len()) != 1).then(pl.col(column.name)) for column in required
    )
    write_csv(table, tmp_path / "table.csv")
    table.write_parquet(tmp_path / "table.parquet")
    for name, expected_row in (("table.csv", 3), ("table.parquet", 2)):
        if all(cell is None for cell in table.row(1)) and name == "table.csv":
            continue  # a row without any cell is a blank line of a CSV file
        issues = read_table(tmp_path / name, schema)[1]
        assert [(i.message, i.row, i.column) for i in issues] == [
            ("the cell is empty", expected_row, column.name) for column in required
        ]


def test_a_folder_of_either_kind_gives_the_same_patients(tmp_path):
    tables = {
        "subjects": pl.DataFrame(
            {"subject": ["1", "2"], "arm": ["a", "b"], "weight_kg": [50.0, 80]}
        ),
        "labs": pl.DataFrame(
            {
                "subject": ["1", "2"],
                "day": [0.0, 1.5],
                "analyte": ["haemoglobin", "platelets"],
                "value": [9.9, 49000.0],
                "unit": ["g/dL", "/uL"],
            }
        ),
        "doses": pl.DataFrame(
            {
                "subject": ["1"],
                "day": [0],
                "product": ["msc"],
                "amount": [100],
                "unit": ["1e6 cells"],
            }
        ),
    }
    for kind in ("csv", "parquet"):
        (tmp_path / kind).mkdir()
        for name, frame in tables.items():
            path = tmp_path / kind / f"{name}.{kind}"
            frame.write_csv(path) if kind == "csv" else frame.write_parquet(path)
    csv, csv_issues = read_patients(tmp_path / "csv", None)
    parquet, parquet_issues = read_patients(tmp_path / "parquet", None)
    assert csv_issues == parquet_issues == ()
    for name in PATIENT_TABLES:
        assert_frame_equal(csv.table(name), parquet.table(name))
    assert csv.labs["value"].to_list() == [99.0, 49.0]
    assert csv.doses["amount"].to_list() == [2e6]


def test_a_bound_reads_equal_from_text_of_either_kind(tmp_path):
    table = pl.DataFrame(
        {
            "subject": ["1", "1", "2"],
            "day": [0, 7, 7],
            "analyte": ["neutrophils"] * 3,
            "value": ["<0.1", "0.7", "> 1000"],
            "unit": ["10^9/L"] * 3,
        }
    )
    write_csv(table, tmp_path / "labs.csv")
    table.write_parquet(tmp_path / "labs.parquet")
    for name in ("labs.csv", "labs.parquet"):
        read, issues, _ = read_table(tmp_path / name, PATIENT_TABLES["labs"])
        assert issues == ()
        assert read.select("value", "bound").rows() == [
            (0.1, "below"),
            (0.7, None),
            (1000.0, "above"),
        ]
