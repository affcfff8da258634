from stromal.tables.labs import LABS
from stromal.tables.schema import Kind


def test_a_row_is_named_by_columns_of_the_table():
    assert set(LABS.key) <= set(LABS.names)


def test_every_number_has_a_unit_and_no_text_has_one():
    for column in LABS.columns:
        assert (column.unit is None) == (column.kind is Kind.TEXT), column.name
        assert column.meaning


def test_the_columns_are_those_of_the_design():
    assert list(LABS.names) == [
        "subject",
        "origin",
        "replicate",
        "day",
        "analyte",
        "value",
        "bound",
        "unit",
        "lower_limit",
        "upper_limit",
        "method",
        "status",
        "reported_value",
        "reported_unit",
    ]


def test_the_reported_unit_is_never_read_from_a_file():
    assert LABS.column("reported_unit").presence == "derived"
