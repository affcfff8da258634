from stromal.tables.outcomes import CENSORED, COMPETING, EVENT, OUTCOMES
from stromal.tables.schema import Kind


def test_a_row_is_named_by_columns_of_the_table():
    assert set(OUTCOMES.key) <= set(OUTCOMES.names)


def test_every_number_has_a_unit_and_no_text_has_one():
    for column in OUTCOMES.columns:
        assert (column.unit is None) == (column.kind is Kind.TEXT), column.name
        assert column.meaning


def test_the_columns_are_those_of_the_design():
    assert list(OUTCOMES.names) == [
        "subject",
        "origin",
        "replicate",
        "endpoint",
        "kind",
        "value",
        "unit",
        "label",
        "entry_day",
        "day",
        "status",
        "lowest",
        "highest",
        "reason",
        "criteria",
    ]


def test_statuses_are_told_apart():
    assert len({CENSORED, EVENT, COMPETING}) == 3
