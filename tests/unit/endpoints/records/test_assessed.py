"""Assessments near a day: the nearest of each item, whatever the order of rows."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.records.assessed import find_nearest_items
from stromal.tables.patients import Patients
from stromal.tables.windows import Window

ROWS = pl.DataFrame(
    [
        ("1", -9.0, "lymphoma", "stage", "I"),
        ("1", -2.0, "lymphoma", "stage", "III"),
        ("1", 2.0, "lymphoma", "stage", "IV"),
        ("1", -1.0, "lymphoma", "bulky", None),
        ("1", -5.0, "lymphoma", "bulky", "yes"),
        ("2", None, "lymphoma", "stage", "II"),
        ("2", 0.0, "performance", "ecog", "1"),
    ],
    ["subject", "day", "scale", "item", "value"],
    orient="row",
)
WINDOW = Window(day=0, before=7, after=7)


def found(rows):
    return find_nearest_items(
        Patients.of(assessments=rows), "lymphoma", ("stage", "bulky"), WINDOW
    ).rows()


def test_each_item_has_its_own_nearest_day_and_an_empty_cell_is_no_record():
    assert found(ROWS) == [("1", -2.0, "III", "yes")]


def test_the_order_of_rows_changes_nothing():
    assert found(ROWS.reverse()) == found(ROWS)


def test_nothing_recorded_gives_no_row():
    assert found(ROWS.clear()) == []
