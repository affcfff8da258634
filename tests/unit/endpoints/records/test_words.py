from __future__ import annotations

import polars as pl
import pytest

from stromal.endpoints.records.words import (
    after_words,
    amount_text,
    name_window,
    number_text,
    window_words,
    write_number,
)
from stromal.tables.windows import Window

NUMBERS = [12.0, 4.9, 12.3456, 12.3456789, -0.5, 36500.0, 1234567.0, 0.1 + 0.2]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_written_one_way_in_columns_and_alone(number):
    (written,) = pl.DataFrame({"x": [number]}).select(number_text("x"))["x"]
    assert written == write_number(number)
    assert float(written) == pytest.approx(number, rel=1e-5)


def test_a_missing_number_is_missing_and_a_missing_unit_is_said():
    frame = pl.DataFrame({"x": [None, 3], "unit": ["g/L", None]}, schema_overrides={"x": pl.Int8})
    assert frame.select(amount_text("x", "unit"))["x"].to_list() == [None, "3 without a unit"]


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (25, 31, "from day 25 to day 31"),
        (28, 28, "on day 28"),
        (0, None, "from day 0 on"),
        (None, 0, "up to day 0"),
        (None, None, "on any day"),
    ],
)
def test_a_window_in_words(first, last, words):
    assert window_words(first, last) == words


def test_windows_read_as_sentences_do():
    assert name_window(Window(day=0.5)) == "on day 0.5"
    assert after_words("baseline", 84.0) == "after baseline up to day 84"
