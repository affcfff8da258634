import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal, assert_series_equal
from scipy.special import ndtri

from stromal.estimates.cumulative_incidence import estimate_cumulative_incidence, incidence_at
from tests.reference.recorded import (
    enter_late,
    outcomes_of,
    read_data,
    read_recorded,
    split_at,
    transplants,
)

RECORDED = read_recorded("cumulative_incidence")
CURVES = [
    (case, int(quantity.split()[1]))
    for case, quantity in RECORDED.select("case", "quantity").unique(maintain_order=True).rows()
    if quantity.endswith(" variance")
]
ZERO = [0, 0, 0, 4, 4, 4, 9, 9, 9, 15, 15, 21, 30, 30]
KINDS = [2, 0, 1, 1, 2, 0, 1, 1, 2, 0, 1, 2, 0, 0]
SMALL = {
    "three causes": ([1, 1, 2, 3, 3, 3, 4, 5, 6, 6], [1, 2, 0, 1, 1, 2, 3, 1, 2, 1]),
    "events and censoring on day 0": (ZERO, KINDS),
    "events and censoring on day 0.5": ([max(day, 0.5) for day in ZERO], KINDS),
    "late: ten patients": (
        [20, 45, 150, 70, 140, 65, 160, 110, 170, 95],
        [1, 2, 0, 1, 0, 2, 0, 1, 0, 2],
        [0, 0, 0, 30, 30, 50, 50, 60, 80, 85],
    ),
    "late: all at risk have an event": (
        [5, 8, 30, 40, 50, 60],
        [1, 2, 1, 2, 0, 1],
        [0, 0, 20, 20, 20, 30],
    ),
    "late: nobody at risk for a while": (
        [5, 8, 30, 40, 50, 60],
        [1, 0, 2, 1, 0, 1],
        [0, 0, 20, 20, 20, 30],
    ),
}


def patients(case):
    if case in SMALL:
        return outcomes_of(*SMALL[case])
    if case == "late: bmt":
        return enter_late(patients("bmt"))
    if case == "timereg":
        timereg = read_data("timereg_bmt")
        return outcomes_of(timereg["time"], timereg["cause"])
    bmt = transplants()
    if case == "bmt in quarters":
        return outcomes_of(np.ceil(bmt["day"].to_numpy() / 91.3125), bmt["cause"])
    rows = bmt.filter(group=int(case.split()[1])) if " " in case else bmt
    return outcomes_of(rows["day"], rows["cause"])


@pytest.mark.parametrize(("case", "cause"), CURVES)
def test_curve_and_limits_are_those_of_r(case, cause):
    curve = estimate_cumulative_incidence(patients(case), cause).table
    witnesses = {
        "probability": "probability",
        "probability of survfit": "probability",
        "low": "low",
        "high": "high",
    }
    for quantity, column in witnesses.items():
        recorded = RECORDED.filter(case=case, quantity=f"cause {cause} {quantity}")
        if recorded.is_empty():
            assert case.startswith("late")
            continue
        ours = curve.filter(pl.col("day").is_in(recorded["day"].implode()))
        assert ours.height == recorded.height
        assert_series_equal(
            ours[column], recorded["value"], check_names=False, rel_tol=1e-10, abs_tol=1e-10
        )


@pytest.mark.parametrize(("case", "cause"), CURVES)
def test_variance_is_that_of_r(case, cause):
    """The lower limit is turned back into the variance that it was made from."""
    curve = estimate_cumulative_incidence(patients(case), cause, interval="log").table
    recorded = RECORDED.filter(case=case, quantity=f"cause {cause} variance")
    ours = curve.filter(pl.col("day").is_in(recorded["day"].implode())).with_columns(
        recorded["value"].alias("variance")
    )
    ours = ours.drop_nulls("low")
    probability = ours["probability"].to_numpy()
    error = np.log(probability / ours["low"].to_numpy()) / ndtri(0.975) * probability
    assert error**2 == pytest.approx(ours["variance"].to_numpy(), abs=1e-10)


def test_relapse_and_transplant_related_mortality_in_the_first_year():
    found = [
        incidence_at(estimate_cumulative_incidence(patients("bmt"), cause), 365).value
        for cause in (1, 2)
    ]
    assert [round(value, 6) for value in found] == [0.212165, 0.204785]


@pytest.mark.parametrize("cause", [1, 2])
@pytest.mark.parametrize("share", [0.2, 0.7])
def test_a_patient_seen_in_two_parts_counts_as_one(share, cause):
    """So cuminc is a witness of late entries too, for the variance as well."""
    whole = patients("bmt")
    ours = estimate_cumulative_incidence(split_at(whole, share), cause).table
    events = ours.filter(pl.col("events") > 0).drop("censored", "entered")
    expected = estimate_cumulative_incidence(whole, cause).table.filter(pl.col("events") > 0)
    assert_frame_equal(events, expected.drop("censored", "entered"), rel_tol=1e-12)


@pytest.mark.parametrize("day", ["0", "0.5"])
def test_events_on_day_0_come_before_censorings_on_day_0(day):
    curve = estimate_cumulative_incidence(patients(f"events and censoring on day {day}"))
    assert round(incidence_at(curve, 9).value, 4) == 0.3247
