"""Tables of a file are frozen and refuse what they do not know."""

from __future__ import annotations

import math

import pytest
from pydantic import ValidationError

from stromal.toml.part import Name, Part, Positive


class Dose(Part):
    product: Name
    amount: Positive


def test_a_part_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Dose(product="msc", amount=1.0).amount = 2.0  # type: ignore[misc]


@pytest.mark.parametrize(
    "wrong", [{"product": "MSC"}, {"amount": 0.0}, {"amount": math.inf}, {"colour": "red"}]
)
def test_a_part_refuses(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Dose.model_validate({"product": "msc", "amount": 1.0, **wrong})
