from stromal.tables.events import EVENT_NAMES, EVENTS
from stromal.tables.schema import Kind


def test_a_row_is_named_by_columns_of_the_table():
    assert set(EVENTS.key) <= set(EVENTS.names)


def test_every_number_has_a_unit_and_no_text_has_one():
    for column in EVENTS.columns:
        assert (column.unit is None) == (column.kind is Kind.TEXT), column.name
        assert column.meaning


def test_the_columns_are_those_of_the_design():
    named = ["subject", "origin", "replicate", "day", "event", "detail"]
    assert list(EVENTS.names) == [*named, "term", "grade", "relation", "serious"]


def test_every_event_has_a_meaning():
    assert EVENT_NAMES["death"] == "death from any cause"
    assert all(meaning for meaning in EVENT_NAMES.values())
