"""A printed number keeps its digits and says what it is of."""

from __future__ import annotations

import pytest

from stromal.evidence.check.printed import Printed, gather, list_printed
from stromal.evidence.library.reader import read_library


@pytest.mark.parametrize(("value", "digits"), [("65.50", 2), ("65", 0), ("9.4", 1), (None, 0)])
def test_digits(value, digits):
    assert Printed("E1", "A", value=value).digits == digits


def test_denominator():
    assert Printed("E1", "A", n=40).denominator == 40
    assert Printed("E1", "A", n=40, total=23).denominator == 23
    assert Printed("E1", "A", n=40, subgroup="grade IV").denominator is None


def test_number():
    assert Printed("E1", "A", events=1, total=4).number == 25.0
    assert Printed("E1", "A", events=1, total=4, value="26").number == 26.0
    assert Printed("E1", "A").number is None


def test_every_row_is_listed():
    rows = list_printed(read_library())
    assert len(rows) == 373
    (late,) = (row for row in rows if row.row == "E0306")
    assert late.outcome == "late_onset_neutropenia_any_grade"  # as printed


def test_gather_keeps_order():
    rows = [Printed("E1", "B"), Printed("E2", "A"), Printed("E3", "B")]
    assert [[r.row for r in group] for group in gather(rows, "study").values()] == [
        ["E1", "E3"],
        ["E2"],
    ]
