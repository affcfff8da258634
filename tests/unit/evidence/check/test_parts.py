"""Responses that do not add up."""

from __future__ import annotations

import pytest

from stromal.evidence.check.parts import check_parts
from stromal.evidence.check.printed import Printed


def _arm(**counts: int) -> list[Printed]:
    total = counts.pop("total")
    return [
        Printed(name, "A", outcome=name, events=events, total=total)
        for name, events in counts.items()
    ]


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({"complete_response": 11, "partial_response": 6, "no_response": 7}, "24 of 25"),
        ({"complete_response": 6, "partial_response": 9, "no_change": 1}, "16 of 25"),
        ({"complete_response": 11, "partial_response": 6, "no_response": 8}, None),
        ({"complete_response": 11, "partial_response": 6}, None),  # those without are not told
    ],
)
def test_sum_of_categories(counts, message):
    flags = check_parts(_arm(total=25, **counts))
    assert [message] * len(flags) == [message for _ in flags]
    assert bool(flags) is (message is not None)
    assert all(message in flag.message for flag in flags)


def test_part_above_whole():
    whole = Printed("E0090", "Dotoli2017", events=23, total=46, value="50")
    part = Printed("E0092", "Dotoli2017", outcome="partial_response", value="60.9")
    assert check_parts([whole, part])[0].rows == ("E0092", "E0090")


def test_rounding_is_no_contradiction():
    whole = Printed("E1", "A", value="44")
    part = Printed("E2", "A", outcome="complete_response", value="44.4")
    assert check_parts([whole, part]) == ()


def test_other_day_is_another_response():
    whole = Printed("E1", "A", value="40", day=28)
    part = Printed("E2", "A", outcome="complete_response", value="60", day=100)
    assert check_parts([whole, part]) == ()
