"""Which model describes a place of a file, and how its keys are written."""

from __future__ import annotations

import pytest

from stromal.protocol.products import DrugProduct
from stromal.protocol.protocol import (
    AnalysisUse,
    Arm,
    Population,
    Protocol,
    Regimen,
    Repeat,
    Rule,
    Study,
)
from stromal.toml.shape import describe_field, find_part

DATA = {
    "study": {},
    "products": {"busulfan": {"kind": "drug"}, "odd": {"kind": "powder"}},
    "arms": {"a": {"regimen": [{"repeat": {"rule": {}}}]}},
    "analyses": [{"estimate": "proportion"}],
}


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ((), Protocol),
        (("study",), Study),
        (("population",), Population),
        (("products", "busulfan"), DrugProduct),
        (("products", "odd"), None),
        (("arms", "a"), Arm),
        (("arms", "a", "regimen", 0), Regimen),
        (("arms", "a", "regimen", 0, "repeat"), Repeat),
        (("arms", "a", "regimen", 0, "repeat", "rule"), Rule),
        (("analyses", 0), AnalysisUse),
        (("analyses", 7), AnalysisUse),
        (("nowhere", "at", "all"), None),
    ],
)
def test_a_place_has_the_model_that_describes_it(
    path: tuple[str | int, ...], model: type | None
) -> None:
    assert find_part(Protocol, DATA, path) is model


@pytest.mark.parametrize(
    ("model", "key", "text"),
    [
        (Protocol, "format", "format = 2"),
        (Protocol, "study", "[study]"),
        (Protocol, "arms", "[arms.some_name]"),
        (Study, "title", 'title = "..."'),
        (Study, "species", 'species = "human" or "mouse"'),
        (Study, "sources", 'sources = ["..."]'),
        (Regimen, "dose", "dose = 1.0"),
        (Regimen, "days", "days = [1.0]"),
        (Regimen, "doses_min", "doses_min = 1"),
    ],
)
def test_a_key_is_described_as_it_is_written(model: type, key: str, text: str) -> None:
    assert describe_field(key, model.model_fields[key]) == text  # type: ignore[attr-defined]
