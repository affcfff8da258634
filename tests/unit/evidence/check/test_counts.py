"""Counts that cannot be."""

from __future__ import annotations

import pytest

from stromal.evidence.check.counts import check_numerators, check_subgroups
from stromal.evidence.check.printed import Printed


@pytest.mark.parametrize(
    ("fields", "flagged"),
    [
        ({"events": 12, "total": 9}, True),
        ({"events": 9, "total": 9}, False),
        ({"value": "101"}, True),
        ({"value": "100"}, False),
        ({"value": "101", "unit": "g/L"}, False),
    ],
)
def test_numerators(fields, flagged):
    assert bool(check_numerators([Printed("E1", "A", **fields)])) is flagged


def test_subgroup_above_its_arm():
    whole = Printed("E1", "A", n=40, read_in="one")
    part = Printed("E2", "A", subgroup="adults", n=44, read_in="one")
    other = Printed("E3", "A", subgroup="adults", n=44, read_in="two")
    assert [flag.rows for flag in check_subgroups([whole, part, other])] == [("E2",)]


def test_denominator_above_its_arm():
    rows = [Printed("E1", "A", n=40), Printed("E2", "A", n=40, total=41)]
    assert [flag.rows for flag in check_subgroups(rows)] == [("E2",)]


def test_arm_without_a_size_says_nothing():
    assert check_subgroups([Printed("E2", "A", subgroup="adults", n=44)]) == ()
