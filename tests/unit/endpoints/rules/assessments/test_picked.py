"""Which record is asked for, and how the item is called."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from tests.unit.endpoints.rules.assessments.noted import noted

from stromal.endpoints.rules.assessments.picked import (
    ItemParameters,
    check_window,
    pick_row,
    read_item,
)
from stromal.tables.windows import Window


def test_records_of_the_days_are_read_in_order():
    patients = noted({9: "2", 3: None, None: "4", 40: "1"}, "tumour", "deauville")
    given = ItemParameters(scale="tumour", item="deauville", to_day=30)
    assert read_item(patients, given).select("day", "value").rows() == [(3, None), (9, "2")]


@pytest.mark.parametrize(("statistic", "value"), [("first", "2"), ("last", "1"), ("at_day", "2")])
def test_a_record_is_picked_by_its_day(statistic, value):
    patients = noted({9: "2", 3: None, 40: "1"}, "tumour", "deauville")
    rows = read_item(patients, ItemParameters(scale="tumour", item="deauville"))
    picked = pick_row(rows, statistic, Window(day=5, after=9))
    assert picked["value"].to_list() == [value]


def test_items_are_called_as_the_vocabulary_has_them():
    assert ItemParameters(scale="tumour", item="deauville").what == "Deauville score"
    assert ItemParameters(scale="quality_of_life", item="pain").what == "quality of life pain"


def test_what_cannot_hold_is_refused():
    with pytest.raises(ValidationError):
        ItemParameters(scale="tumour", item="deauville", from_day=9, to_day=3)
    with pytest.raises(ValueError, match="needs `window`"):
        check_window("at_day", None)
