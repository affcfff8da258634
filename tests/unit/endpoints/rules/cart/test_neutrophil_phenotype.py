"""Phenotypes of recovery: their order, dips, ends of counts, bounds."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.rules.cart.graded import graded

from stromal.endpoints.rules.cart.neutrophil_phenotype import (
    NeutrophilPhenotypeParameters,
    derive_neutrophil_phenotype,
)


def phenotype(counts, **parameters):
    given = NeutrophilPhenotypeParameters(**parameters)
    return graded(derive_neutrophil_phenotype, given, counts)


DIP = {0.0: 2.0, 5.0: 0.3, 9.0: 1.6}


@pytest.mark.parametrize(
    ("counts", "label"),
    [
        (DIP | {25.0: 2.0, 40.0: 1.8}, "quick"),
        (DIP | {25.0: 1.0, 40.0: 1.8}, "quick"),
        (DIP | {25.0: 0.9, 40.0: 1.8}, "intermittent"),
        (DIP | {21.0: 0.9, 40.0: 1.8}, "unclassified"),
        (DIP | {61.0: 0.2, 50.0: 1.8}, "quick"),
        ({0.0: 2.0, 5.0: 0.3, 18.0: 0.4, 19.0: 1.6, 40.0: 2.0}, "aplastic"),
        ({0.0: 2.0, 5.0: 0.3, 17.0: 0.4, 18.0: 1.6, 40.0: 2.0}, "quick"),
        ({0.0: 2.0, 5.0: 0.3, 18.0: 0.4, 19.0: 1.6, 40.0: 0.8}, "aplastic"),
        ({0.0: 2.0, 5.0: 0.3, 20.0: 0.4}, "aplastic"),
        ({0.0: 2.0, 5.0: 1.6, 40.0: 1.7}, "unclassified"),
        ({0.0: 1.0, 5.0: 1.5, 40.0: 1.4}, "unclassified"),
    ],
)
def test_counts_have_a_phenotype(counts, label):
    assert phenotype(counts)["label"] == label


def test_quick_needs_a_count_after_day_21():
    row = phenotype(DIP)
    assert row["label"] is None
    assert row["reason"] == (
        "recovery on day 9, but counts end on day 9, and quick needs one after day 21"
    )


def test_bounds_and_empty_values_count_where_they_decide():
    assert phenotype(DIP | {25.0: "<0.9", 27.0: 2.0})["label"] == "intermittent"
    assert phenotype(DIP | {25.0: ">1.5", 40.0: 2.0})["label"] == "quick"
    for unclear in (None, "<1.2"):
        row = phenotype(DIP | {25.0: unclear, 27.0: 2.0})
        assert row["label"] is None
        assert row["reason"] == "neutrophils that are bounds or missing leave the phenotype open"
    aplastic = {0.0: 2.0, 5.0: 0.3, 19.0: 0.4, 20.0: 1.6, 25.0: None, 40.0: 2.0}
    assert phenotype(aplastic)["label"] == "aplastic"


def test_reasons_name_the_days():
    assert phenotype(DIP | {40.0: 2.0})["reason"] == (
        "recovery on day 9, no dip below 1 until day 40"
    )
    assert phenotype({0.0: 0.3, 15.0: 1.6})["reason"] == (
        "neutrophils below 0.5 x 10^9/L from day 0 to day 15"
    )
    assert phenotype({0.0: 2.0, 5.0: 1.2})["reason"] == "no recovery by day 5"
    assert phenotype({-2.0: 2.0})["reason"] == "no neutrophils from day 0 to day 60"
