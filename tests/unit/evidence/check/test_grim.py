"""GRIM, by hand and by counting every k."""

from __future__ import annotations

from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

import pytest

from stromal.evidence.check.grim import check_grim, describe_miss, list_counts
from stromal.evidence.check.printed import Printed


@pytest.mark.parametrize(
    ("value", "total", "counts"),
    [
        ("65.50", 16, ()),
        ("62.50", 16, (10,)),
        ("84.85", 33, (28,)),
        ("75.75", 33, ()),
        ("65", 35, ()),
        ("65", 37, (24,)),
        ("58", 163, (94, 95)),
        ("80.5", 26, ()),
        ("88.46", 26, (23,)),
        ("12.5", 8, (1,)),
        ("13", 8, (1,)),  # 12.5 rounds up or to the even
        ("12", 8, (1,)),
        ("0", 40, (0,)),
        ("100", 40, (40,)),
    ],
)
def test_by_hand(value, total, counts):
    assert list_counts(value, total) == counts


@pytest.mark.parametrize("total", [7, 16, 26, 33, 99, 241])
@pytest.mark.parametrize("digits", [0, 1, 2])
def test_against_every_count(total, digits):
    step = Decimal(1).scaleb(-digits)
    for shown in range(0, 100 * 10**digits + 1, 7):
        value = Decimal(shown).scaleb(-digits)
        expected = tuple(
            k
            for k in range(total + 1)
            if value
            in {
                (Decimal(100 * k) / total).quantize(step, way)
                for way in (ROUND_HALF_UP, ROUND_HALF_DOWN)
            }
        )
        assert list_counts(f"{value:f}", total) == expected


def test_estimates_and_other_units_are_left_out():
    one = Printed("E1", "A", value="65.50", total=16)
    survival = Printed("E2", "A", value="65.50", total=16, scale="survival")
    days = Printed("E3", "A", value="65.50", total=16, unit="day")
    assert [flag.rows for flag in check_grim([one, survival, days])] == [("E1",)]


def test_message_at_the_end_of_the_scale():
    assert describe_miss("100.4", 16).endswith("16 of 16 are 100.00 %")
