"""Levels of counts: cuts, doubling, bleeding of any record."""

from __future__ import annotations

import polars as pl
from tests.unit.endpoints.rules.itp.counted import counted

from stromal.endpoints.rules.itp.platelet_levels import (
    ItpResponseParameters,
    find_bleeding,
    rank_counts,
    read_counts,
)
from stromal.tables.patients import Patients


def levels(counts, **others):
    patients = counted(counts, **others)
    _, rows = read_counts(patients, ItpResponseParameters())
    ranked = rank_counts(rows, find_bleeding(patients), "least", "baseline_most")
    return ranked["level"].to_list()


def test_each_count_has_its_level():
    assert levels({0: 15, 7: 29.9, 8: 30, 9: 99.9, 10: 100}) == [0, 1, 1, 2]
    assert levels({0: 60, 7: 99, 8: 100, 9: 119, 10: 120}) == [0, 2, 2, 2]


def test_bleeding_takes_the_level_of_its_day():
    assert levels({0: 15, 7: 150, 8: 150}, bleeding={7: 2}) == [0, 2]


def test_a_sign_of_bleeding_is_bleeding_and_its_absence_is_not():
    rows = pl.DataFrame({"item": ["minor", "debilitating", "who"], "value": ["yes", "no", "0"]})
    rows = rows.with_columns(subject=pl.lit("1"), day=pl.Series([1.5, 2.0, 3.0]))
    patients = Patients.of(assessments=rows.with_columns(scale=pl.lit("bleeding")))
    assert find_bleeding(patients).rows() == [("1", 1.0)]
