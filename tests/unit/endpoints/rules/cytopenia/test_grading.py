"""Grades of single values: cuts, units, limits, several values on one day."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.endpoints.counted import lab, platelets, table

from stromal.endpoints.rules.cytopenia.grading import derive_cytopenia_grades, derive_lowest_of_day
from stromal.endpoints.rules.cytopenia.lineages import read_lineage_rules
from stromal.tables.vocabulary.analytes import ANALYTES

TERMS = [(v, name) for v in ("ctcae_v5", "ctcae_v6") for name in read_lineage_rules(v)]


def _grade(*row: object, criteria: str = "ctcae_v5", **more: float) -> int | None:
    return derive_cytopenia_grades(table(lab(*row, **more)), criteria)["grade"].item()


@pytest.mark.parametrize(("criteria", "lineage"), TERMS)
def test_a_value_on_a_cut_takes_the_lower_grade(criteria, lineage):
    rule = read_lineage_rules(criteria)[lineage]
    for unit, cuts in rule.below.items():
        for grade, cut in cuts.items():
            on = _grade(rule.analyte, cut, unit, 10 * cut, criteria=criteria)
            under = _grade(rule.analyte, cut * 0.999, unit, 10 * cut, criteria=criteria)
            assert (on, under) == (grade - 1, grade), (unit, grade)


def test_haemoglobin_is_graded_on_the_cut_of_its_own_unit():
    # 4.9 mmol/L is 78.96 g/L, below the cut of 80 g/L but on the one of 4.9 mmol/L
    assert _grade("haemoglobin", 4.9, "mmol/L") == 2
    assert _grade("haemoglobin", 78.96, "g/L") == 3
    assert _grade("haemoglobin", 4900, "umol/L") == 2


def test_the_limit_is_read_in_the_unit_of_the_value():
    assert _grade("haemoglobin", 7.5, "mmol/L", 7.5) == 0
    assert _grade("haemoglobin", 7.4, "mmol/L", 7.5) == 1


def test_version_6_differs_for_platelets_and_neutrophils():
    assert [
        _grade("platelets", 24, "10^9/L", 150, criteria=v) for v in ("ctcae_v5", "ctcae_v6")
    ] == [
        4,
        3,
    ]
    assert _grade("neutrophils", 1.6, "10^9/L", criteria="ctcae_v6") == 0
    assert _grade("neutrophils", 1.6, "10^9/L", criteria="ctcae_v5") is None


def test_without_a_limit_grade_1_cannot_be_told_but_grade_2_can():
    rows = derive_cytopenia_grades(platelets((1, 75), (2, 74.9), limit=None))
    assert rows.select("grade", "grade_at_most").rows() == [(None, 1), (2, 2)]


def test_an_absolute_cut_wins_over_a_lower_limit_below_it():
    assert _grade("neutrophils", 1.45, "10^9/L", 1.4) == 2


@pytest.mark.parametrize(
    ("unit", "reported"), [(None, None), ("10^9/M", None), ("g/L", None), ("10^9/L", "10^9/M")]
)
def test_an_unknown_unit_gives_no_grade(unit, reported):
    labs = platelets((1, 10)).with_columns(
        unit=pl.lit(unit, pl.String), reported_unit=pl.lit(reported, pl.String)
    )
    row = derive_cytopenia_grades(labs).row(0, named=True)
    assert (row["grade"], row["grade_at_most"]) == (None, None)


def test_not_a_number_is_no_value():
    labs = platelets((1, float(10))).with_columns(value=pl.lit(float("nan")))
    assert derive_cytopenia_grades(labs).is_empty()


counts = st.floats(0, 500, allow_nan=False)


@settings(deadline=None, max_examples=30)
@given(values=st.tuples(counts, counts), term=st.sampled_from(TERMS))
def test_a_lower_value_never_has_a_lower_grade(values, term):
    criteria, lineage = term
    analyte = read_lineage_rules(criteria)[lineage].analyte
    unit = ANALYTES[analyte].unit
    low, high = (_grade(analyte, value, unit, 600, criteria=criteria) for value in sorted(values))
    assert low >= high


@settings(deadline=None, max_examples=30)
@given(thousands=st.integers(0, 400_000))
def test_the_spelling_of_the_unit_does_not_change_the_grade(thousands):
    per_litre = thousands / 1000
    spelled = [(thousands, 150_000, "/uL"), (thousands, 150_000, "cells/mm3")]
    spelled += [(per_litre, 150, unit) for unit in ("10^9/L", "K/µL", "10^3/mm3", "G/L")]
    grades = {_grade("platelets", value, unit, limit) for value, limit, unit in spelled}
    assert len(grades) == 1


def test_of_several_values_on_one_day_the_lowest_is_kept():
    graded = derive_lowest_of_day(derive_cytopenia_grades(platelets((1.2, 60), (1.7, 20), (2, 80))))
    assert graded.select("day", "grade").rows() == [(1.7, 4), (2.0, 1)]
