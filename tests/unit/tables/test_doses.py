from stromal.tables.doses import DOSES
from stromal.tables.schema import Kind


def test_a_row_is_named_by_columns_of_the_table():
    assert set(DOSES.key) <= set(DOSES.names)


def test_every_number_has_a_unit_and_no_text_has_one():
    for column in DOSES.columns:
        assert (column.unit is None) == (column.kind is Kind.TEXT), column.name
        assert column.meaning


def test_the_columns_are_those_of_the_design():
    assert list(DOSES.names) == [
        "subject",
        "origin",
        "replicate",
        "day",
        "product",
        "lot",
        "amount",
        "unit",
        "route",
    ]
