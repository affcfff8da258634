from stromal.tables.estimates import ESTIMATES
from stromal.tables.schema import Kind


def test_a_row_is_named_by_columns_of_the_table():
    assert set(ESTIMATES.key) <= set(ESTIMATES.names)


def test_every_number_has_a_unit_and_no_text_has_one():
    for column in ESTIMATES.columns:
        assert (column.unit is None) == (column.kind is Kind.TEXT), column.name
        assert column.meaning


def test_an_estimate_has_an_interval_a_method_and_an_origin():
    assert {"low", "high", "level", "method", "n", "origin", "sources"} <= set(ESTIMATES.names)
