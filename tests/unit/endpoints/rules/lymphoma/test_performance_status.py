"""ECOG as recorded: nearest to the day, whole, in words."""

from __future__ import annotations

import polars as pl
from tests.unit.endpoints.rules.lymphoma.staged import assessed, patient

from stromal.endpoints.rules.lymphoma.performance_status import (
    PerformanceStatusParameters,
    derive_performance_status,
)


def status(*days, **parameters):
    rows = [assessed("performance", {"ecog": value}, day) for day, value in days]
    return derive_performance_status(patient(*rows), PerformanceStatusParameters(**parameters)).row(
        0, named=True
    )


def test_the_status_nearest_to_the_day_is_taken():
    row = status((-20.0, "3"), (-1.0, "2.0"))
    assert (row["label"], row["value"], row["day"]) == ("2", 2, -1)
    assert row["reason"].startswith("ECOG 2 on day -1: caring for themselves")
    assert status((-20.0, "3"), (-1.0, "2"), window={"day": -19, "after": 1})["label"] is None


def test_what_is_not_recorded_is_not_zero():
    row = derive_performance_status(patient(), PerformanceStatusParameters()).row(0, named=True)
    assert (row["value"], row["lowest"], row["highest"]) == (None, None, None)
    assert row["reason"] == "no ECOG performance status recorded from day -28 to day 0"
    assert status((0.0, "7"))["label"] is None


def test_patients_without_a_record_keep_their_place():
    patients = patient(assessed("performance", {"ecog": 0}))
    two = patients.subjects.vstack(patients.subjects.with_columns(subject=pl.lit("2")))
    rows = derive_performance_status(
        type(patients).of(subjects=two, assessments=patients.assessments),
        PerformanceStatusParameters(),
    )
    assert rows["label"].to_list() == ["0", None]
