import polars as pl

from stromal.tables.patients import TableFile
from stromal.tables.published import PUBLISHED, check_published
from stromal.tables.schema import Kind


def test_a_row_is_named_by_columns_of_the_table():
    assert set(PUBLISHED.key) <= set(PUBLISHED.names)


def test_every_number_has_a_unit_and_no_text_has_one():
    for column in PUBLISHED.columns:
        assert (column.unit is None) == (column.kind is Kind.TEXT), column.name
        assert column.meaning


def test_a_printed_number_names_its_paper_and_place():
    assert PUBLISHED.column("source").presence == "every cell"
    assert PUBLISHED.column("locator").presence == "every cell"


def test_old_words_are_named_in_the_row_of_the_file():
    old = PUBLISHED.conform(pl.DataFrame({"group": ["all", "msc"], "by": [None, "arm"]}))
    (issue,) = check_published(old, TableFile("published.parquet", 1))
    assert (issue.table, issue.row, issue.column) == ("published.parquet", 1, "group")
