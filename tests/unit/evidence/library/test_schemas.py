"""The tables of the record name their keys, and keep what was printed beside what is used."""

from __future__ import annotations

import pytest

from stromal.evidence.library.schemas import ARMS, CONTRADICTIONS, OUTCOMES, PRIMARY_CHECKS, STUDIES


@pytest.mark.parametrize("schema", [STUDIES, ARMS, OUTCOMES, CONTRADICTIONS, PRIMARY_CHECKS])
def test_key_is_made_of_columns(schema):
    assert set(schema.key) <= set(schema.names)
    assert len(set(schema.names)) == len(schema.names)


@pytest.mark.parametrize("name", ["events", "total", "value"])
def test_printed_stands_beside_used(name):
    assert {name, f"printed_{name}"} <= set(OUTCOMES.names)


@pytest.mark.parametrize("name", ["source", "donor", "age_group", "infusions"])
def test_word_stands_beside_what_was_printed(name):
    assert f"{name}_printed" in ARMS.names
