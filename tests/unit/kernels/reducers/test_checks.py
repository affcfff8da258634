"""Checks of the parts of reducers."""

from __future__ import annotations

from dataclasses import fields

import pytest

from stromal.kernels import reducers
from stromal.kernels.reducers.checks import CHECKS


def test_every_part_of_every_reducer_has_a_check():
    kinds = [getattr(reducers, name) for name in reducers.__all__ if name[0].isupper()]
    parts = {field.name for kind in kinds for field in fields(kind)}
    assert parts == set(CHECKS)


@pytest.mark.parametrize("name", CHECKS)
def test_what_is_of_no_kind_is_refused_with_a_hint(name):
    (issue, *_) = CHECKS[name]("Some", object())
    assert "Some" in issue.message
    assert issue.hint


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("output", "x"),
        ("label", None),
        ("threshold", 1),
        ("direction", "either"),
        ("side", "below"),
        ("times", (1.0, 2)),
        ("window", (None, 3)),
        ("window", None),
        ("days", 0),
        ("count", 1),
        ("relative", True),
        ("day", -3.5),
        ("baseline", 0),
        ("visits", (0, 1)),
        ("visits", {"day 28": 28}),
    ],
)
def test_what_is_right_has_no_issue(name, value):
    assert not list(CHECKS[name]("Some", value))
