"""How many lineages are affected, and what leaves the number open."""

from __future__ import annotations

import polars as pl
import pytest
from pydantic import ValidationError
from tests.unit.endpoints.counted import lab, table

from stromal.endpoints.rules.cytopenia.affected_lineages import (
    AFFECTED_LINEAGES,
    AffectedLineagesParameters,
    derive_affected_lineages,
)
from stromal.tables.patients import Patients

THREE = ["anaemia", "thrombocytopenia", "neutropenia"]


def counted(*rows, **parameters):
    patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), labs=table(*rows))
    given = {"lineages": THREE, "threshold_grade": 3} | parameters
    p = AffectedLineagesParameters.model_validate(given)
    return derive_affected_lineages(patients, p).row(0, named=True)


LOW = (
    lab("haemoglobin", 79, "g/L", 120),
    lab("platelets", 30, "10^9/L", 150),
    lab("neutrophils", 1.2, "10^9/L", 1.8),
)


def test_lineages_at_or_above_the_grade_are_counted():
    row = counted(*LOW)
    assert (row["value"], row["label"], row["lowest"], row["highest"]) == (2, "2", 2, 2)
    assert row["reason"] == "2 of 3 lineages with grade >= 3: anaemia, thrombocytopenia"
    assert counted(*LOW, threshold_grade=1)["reason"].startswith("3 of 3 lineages of any grade: ")
    assert counted(*LOW, threshold_grade=4)["reason"] == "0 of 3 lineages with grade >= 4"


def test_a_lineage_without_a_count_leaves_the_number_open():
    row = counted(*LOW[:2])
    assert (row["value"], row["label"], row["lowest"], row["highest"]) == (None, None, 2, 3)
    assert row["reason"].endswith("; cannot be told for neutropenia")


def test_a_bound_leaves_it_open_where_it_does_not_decide():
    open_ = counted(*LOW[:2], lab("neutrophils", "<1.2", "10^9/L", 1.8))
    assert (open_["value"], open_["lowest"], open_["highest"]) == (None, 2, 3)
    assert counted(*LOW[:2], lab("neutrophils", "<0.5", "10^9/L", 1.8))["value"] == 3


def test_only_the_window_counts_and_nobody_counted_is_not_judged():
    assert counted(*LOW, from_day=0, to_day=1)["value"] == 2
    row = counted(*LOW, from_day=2)
    assert (row["value"], row["lowest"], row["highest"]) == (None, 0, 3)
    assert row["reason"] == "no haemoglobin, platelets or neutrophils from day 2 on"


def test_there_is_a_label_for_each_number():
    p = AffectedLineagesParameters(lineages=THREE)
    assert [label.name for label in AFFECTED_LINEAGES.labels_under(p)] == ["0", "1", "2", "3"]


def test_a_lineage_without_a_term_and_one_named_twice_are_refused():
    for given in ({"lineages": ["lymphopenia"], "criteria": "ctcae_v6"}, {"lineages": THREE * 2}):
        with pytest.raises(ValidationError):
            AffectedLineagesParameters.model_validate(given)
