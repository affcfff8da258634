"""Reconstructed patients stand in the tables of the house and are scored like any others."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tests.shared import shared_file

from stromal.endpoints.rules.survival.time_to_event import (
    TimeToEventParameters,
    derive_time_to_event,
)
from stromal.estimates.kaplan_meier import estimate_survival, median_time, survival_at
from stromal.evidence.reconstruct.digitised import digitise
from stromal.evidence.reconstruct.patients import (
    Digitising,
    reconstruct_patients,
    repeat_outcomes,
)
from stromal.tables.cohorts import split_cohorts


def figure(outcomes, digits=3, every=None, corners=None):
    """What a digitiser takes from the printed curve: corners, with so many digits, and numbers."""
    table = estimate_survival(outcomes).table
    place = pl.int_range(pl.len())
    points = table.filter((pl.col("events") > 0) | (place == 0) | (place == pl.len() - 1))
    points = points.select(time="day", survival=pl.col("probability").round(digits))
    if corners is not None:
        at = np.unique(np.linspace(0, points.height - 1, corners).round().astype(int))
        points = points[at]
    end = float(table["day"][-1])
    times = np.arange(0, end, every) if every else np.zeros(1)
    numbers = [int((outcomes["day"] >= time).sum()) for time in times]
    return points, pl.DataFrame({"time": times, "at_risk": numbers})


OUTCOMES = pl.DataFrame(
    {
        "day": [6.0, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35],
        "status": [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0],
    }
)
"""Weeks in remission under 6-mercaptopurine (Freireich 1963, as Gehan 1965 prints them)."""


def test_the_endpoint_scores_them_as_they_are():
    found = reconstruct_patients(digitise(*figure(OUTCOMES, every=10)), "mp", "relapse")
    derived = derive_time_to_event(found.patients, TimeToEventParameters(events=("relapse",)))
    same = ["subject", "day", "status"]
    assert (
        derived.select(same)
        .sort("subject")
        .equals(found.outcomes.select(same).sort("subject"), null_equal=True)
    )
    assert found.outcomes["reason"].null_count() == 0


def test_they_are_never_pooled_with_others():
    found = reconstruct_patients(digitise(*figure(OUTCOMES)), "mp")
    assert list(split_cohorts(found.patients)) == ["reconstructed"]
    assert found.patients.events["origin"].unique().to_list() == ["reconstructed"]
    assert found.patients.subjects["subject"].n_unique() == 21


def test_the_printed_curve_gives_back_its_events():
    found = reconstruct_patients(digitise(*figure(OUTCOMES, every=5)), "mp")
    truth = OUTCOMES.filter(status=1)["day"].to_list()
    assert found.outcomes.filter(status=1)["day"].to_list() == truth
    assert found.largest < 0.02
    assert found.missing is None


def test_what_is_missing_is_assumed_in_words():
    said = {
        len(reconstruct_patients(digitise(*figure(OUTCOMES, every=every), events=events), "mp")
            .assumptions)
        for every, events in ((5, 9), (5, None))
    }  # fmt: skip
    assert said == {1, 2}
    alone = reconstruct_patients(digitise(*figure(OUTCOMES)), "mp").assumptions
    assert "neither numbers at risk nor events" in alone[1]


def test_without_numbers_at_risk_the_events_in_all_help():
    told = reconstruct_patients(digitise(*figure(OUTCOMES), events=9), "mp")
    silent = reconstruct_patients(digitise(*figure(OUTCOMES)), "mp")
    assert (told.events, told.missing) == (9, 0)
    assert silent.events > 9


def test_repetitions_are_the_same_however_many():
    digitised = digitise(*figure(OUTCOMES, every=10), events=9)
    error = Digitising(survival=0.01, days=0.3)
    many = repeat_outcomes(digitised, "mp", repetitions=20, digitising=error, seed=3)
    few = repeat_outcomes(digitised, "mp", repetitions=4, digitising=error, seed=3)
    assert all(one.equals(other) for one, other in zip(few, many, strict=False))
    other = repeat_outcomes(digitised, "mp", repetitions=4, digitising=error, seed=4)
    assert not few[0].equals(other[0])


def test_repetitions_keep_the_printed_numbers():
    points, numbers = figure(OUTCOMES, every=10)
    error = Digitising(survival=0.02, days=1.0)
    repeated = repeat_outcomes(
        digitise(points, numbers, events=9), "mp", repetitions=50, digitising=error
    )
    for outcomes in repeated:
        held = [int((outcomes["day"] >= time).sum()) for time in numbers["time"]]
        assert held == numbers["at_risk"].to_list()
        assert outcomes["status"].sum() <= 9


def test_repetitions_scatter_around_the_curve():
    digitised = digitise(*figure(OUTCOMES, every=10))
    at_20 = [
        survival_at(estimate_survival(one), 20).value
        for one in repeat_outcomes(digitised, "mp", digitising=Digitising(survival=0.02))
    ]
    assert np.mean(at_20) == pytest.approx(0.627, abs=0.01)
    assert np.std(at_20) > 0.002


@pytest.mark.parametrize("column", ["prtime/prstat", "rfstime/rfsstat"])
@pytest.mark.parametrize("corners", [None, 60])
def test_transplants_of_a_registry(column, corners):
    time, status = column.split("/")
    path = shared_file("data", "transplant", "mstate_ebmt3.csv")
    rows = pl.read_csv(path, null_values="NA", infer_schema_length=None)
    truth = rows.select(pl.col(time).cast(float).alias("day"), pl.col(status).alias("status"))
    points, numbers = figure(truth, digits=3, every=365.25, corners=corners)
    found = reconstruct_patients(digitise(points, numbers), "registry").outcomes
    for day in (100, 365, 730, 1826):
        ours = survival_at(estimate_survival(found), day)
        real = survival_at(estimate_survival(truth), day)
        slack = 0.003 if corners is None else 0.02
        assert ours.value == pytest.approx(real.value, abs=slack)
        assert ours.high - ours.low == pytest.approx(real.high - real.low, rel=0.05)
    assert found["status"].sum() == pytest.approx(truth["status"].sum(), rel=0.02)
    median = median_time(estimate_survival(truth)).value
    if median is not None and corners is None:
        assert median_time(estimate_survival(found)).value == pytest.approx(median, rel=0.02)
