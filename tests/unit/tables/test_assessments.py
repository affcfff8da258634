from stromal.tables.assessments import ASSESSMENTS, SCALES
from stromal.tables.schema import Kind


def test_a_row_is_named_by_columns_of_the_table():
    assert set(ASSESSMENTS.key) <= set(ASSESSMENTS.names)


def test_every_number_has_a_unit_and_no_text_has_one():
    for column in ASSESSMENTS.columns:
        assert (column.unit is None) == (column.kind is Kind.TEXT), column.name
        assert column.meaning


def test_the_columns_are_those_of_the_design():
    assert list(ASSESSMENTS.names) == [
        "subject",
        "origin",
        "replicate",
        "day",
        "scale",
        "item",
        "value",
    ]


def test_every_item_has_either_limits_or_labels():
    for scale, items in SCALES.items():
        for name, item in items.items():
            assert bool(item.labels) != (item.low is not None), f"{scale} {name}"
            if item.high is not None:
                assert item.low < item.high
