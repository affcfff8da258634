"""Terms of each version: what there is, and what is refused."""

from __future__ import annotations

import pytest

from stromal.endpoints.rules.cytopenia.lineages import check_lineage, read_lineage_rules


def test_a_version_without_the_term_refuses_it():
    assert "lymphopenia" not in read_lineage_rules("ctcae_v6")
    with pytest.raises(ValueError, match="no term for lymphopenia"):
        check_lineage("ctcae_v6", "lymphopenia")


def test_anaemia_of_a_laboratory_value_is_grade_3_at_most():
    assert check_lineage("ctcae_v5", "anaemia").highest_grade == 3
    assert check_lineage("ctcae_v5", "neutropenia").highest_grade == 4
