import polars as pl

from stromal.tables.patients import TableFile
from stromal.tables.published import (
    PUBLISHED,
    check_printed_endpoints,
    check_published,
    name_endpoints,
)
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


def test_a_number_takes_the_endpoint_of_its_analysis_and_keeps_its_own():
    printed = PUBLISHED.conform(
        pl.DataFrame({"analysis": ["a", "b", "c"], "endpoint": [None, "own", None]})
    )
    estimates = pl.DataFrame({"analysis": ["a", "a", "b"], "endpoint": ["x", "y", "z"]})
    assert name_endpoints(printed, estimates)["endpoint"].to_list() == ["x", "own", None]


def test_a_number_of_several_endpoints_says_which():
    printed = PUBLISHED.conform(
        pl.DataFrame(
            {
                "analysis": ["one", "one", "two", "two", "unknown"],
                "endpoint": [None, "other", None, "y", None],
            }
        )
    )
    known = {"one": ("x",), "two": ("x", "y")}
    issues = check_printed_endpoints(printed, TableFile("published.csv", 2), known)
    assert [(issue.row, issue.column) for issue in issues] == [(3, "endpoint"), (4, "endpoint")]
