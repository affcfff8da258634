"""Errors of a validation in words."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from stromal.protocol.protocol import Regimen, Visit
from stromal.toml.explain import Place, explain_errors, suggest


def explain(model: type[Any], data: dict[str, Any]) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(data, strict=True)
    place = Place(model, data, "protocol.toml")
    return [issue.message for issue in explain_errors(caught.value, place)]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"day": 1}, "key `name` is missing"),
        ({"name": "a"}, "key `day` is missing"),
        ({"name": "A", "day": 1}, "`A` is not a name"),
        ({"name": "a", "day": "1"}, "expected a number, found a text `1`"),
        ({"name": "a", "day": True}, "expected a number, found true or false `True`"),
        ({"name": "a", "day": []}, "expected a number, found a list"),
        ({"name": "a", "day": 1, "before": -1}, "-1 is out of range"),
        ({"name": "a", "day": 1e9}, "1000000000.0 is out of range"),
        ({"name": "a", "day": float("nan")}, "nan is not a number that can be used"),
        ({"name": "a" * 61, "day": 1}, "`name` is too long"),
        ({"name": "a", "day": 1, "dai": 1}, "key `dai` is not known here"),
    ],
)
def test_each_error_has_a_sentence(data: dict[str, Any], message: str) -> None:
    assert explain(Visit, data) == [message]


def test_all_errors_of_a_table_are_given() -> None:
    assert explain(Regimen, {"dose": 0, "days": "0"}) == [
        "key `product` is missing",
        "0 is out of range",
        "key `unit` is missing",
        "expected a list in square brackets, found a text `0`",
    ]


def test_the_nearest_word_is_suggested_and_otherwise_all_are() -> None:
    assert suggest("platelet", ["platelets", "haemoglobin"]) == "did you mean `platelets`?"
    assert suggest("xyz", ["b", "a"], "analytes") == "analytes here: `a`, `b`"
    assert suggest("xyz", [], "visits") == "none is written here"
