from __future__ import annotations

import polars as pl
import pytest
from pydantic import ValidationError

from stromal.tables.windows import Window, find_nearest, within

ROWS = pl.DataFrame(
    {
        "subject": ["1", "1", "1", "2", "2"],
        "day": [25.0, 27.9, 28.1, 40.0, None],
        "value": [1, 2, 3, 4, 5],
    }
)


def test_a_window_has_its_ends_and_refuses_what_it_does_not_know():
    window = Window(day=28, before=3, after=1)
    assert (window.first, window.last) == (25, 29)
    assert window.written == "{ day = 28, before = 3, after = 1 }"
    assert Window(day=0).written == "{ day = 0 }"
    for wrong in ({"day": 28, "befor": 3}, {"day": 28, "before": -1}, {"day": float("nan")}, {}):
        with pytest.raises(ValidationError):
            Window.model_validate(wrong)


@pytest.mark.parametrize(
    ("first", "last", "values"),
    [(25, 28, [1, 2]), (None, 28, [1, 2]), (28, None, [3, 4]), (None, None, [1, 2, 3, 4, 5])],
)
def test_both_ends_count_and_an_open_end_has_no_limit(first, last, values):
    assert ROWS.filter(within(first, last))["value"].to_list() == values


def test_of_two_equally_near_days_the_earlier_or_all_are_found():
    window = Window(day=28, before=3, after=3)
    assert find_nearest(ROWS, window)["value"].to_list() == [2]
    assert find_nearest(ROWS, window, ties="all")["value"].to_list() == [2, 3]


def test_each_series_has_its_own_nearest_row_and_none_outside_the_window():
    wide = find_nearest(ROWS, Window(day=26, before=30, after=30))
    assert wide["value"].to_list() == [1, 4]
    assert find_nearest(ROWS, Window(day=0)).is_empty()
