import polars as pl
import pytest

from stromal.tables.schema import Column, Kind, Presence, Schema

SCHEMA = Schema(
    "doses",
    (
        Column("subject", Kind.TEXT, "who", None, Presence.EVERY_CELL),
        Column("amount", Kind.NUMBER, "how much", "row"),
        Column("n", Kind.INTEGER, "how many", "1"),
    ),
    key=("subject",),
)


def test_columns_are_found_by_name():
    assert SCHEMA.column("amount").unit == "row"
    with pytest.raises(KeyError):
        SCHEMA.column("amuont")


def test_an_empty_table_has_every_column_in_its_type():
    assert SCHEMA.empty().schema == {"subject": pl.String, "amount": pl.Float64, "n": pl.Int64}


def test_a_frame_conforms_with_its_other_columns_last():
    frame = SCHEMA.conform(pl.DataFrame({"note": ["x"], "n": [1.0], "subject": [7]}))
    assert frame.columns == ["subject", "amount", "n", "note"]
    assert frame.row(0) == ("7", None, 1, "x")


def test_a_cell_that_cannot_be_cast_raises():
    with pytest.raises(pl.exceptions.InvalidOperationError):
        SCHEMA.conform(pl.DataFrame({"amount": ["abc"]}))
