import polars as pl
import pytest
from polars.testing import assert_frame_equal, assert_series_equal

from stromal.estimates.kaplan_meier import (
    estimate_survival,
    median_follow_up,
    median_time,
    survival_at,
)
from tests.reference.recorded import (
    enter_late,
    outcomes_of,
    read_data,
    read_recorded,
    split_at,
    transplants,
)

RECORDED = read_recorded("kaplan_meier")
SMALL = {
    "half until an event": ([1, 2, 3, 4], [1, 1, 0, 1]),
    "half to the end": ([1, 2, 3, 4], [1, 1, 0, 0]),
    "half by thirds": ([1, 2, 3, 4, 5, 6], [1, 1, 1, 0, 1, 1]),
    "all on one day": ([5, 5, 5], [1, 1, 1]),
    "all censored": ([1, 2, 3], [0, 0, 0]),
    "near ties": ([0.1 + 0.2, 0.3, 0.5, 0.7], [1, 1, 1, 0]),
    "event and censoring on day 0": (
        [0, 0, 0, 4, 4, 4, 9, 9, 9, 15, 15, 21, 30, 30],
        [1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 0],
    ),
    "event and censoring on day 0.5": (
        [0.5, 0.5, 0.5, 4, 4, 4, 9, 9, 9, 15, 15, 21, 30, 30],
        [1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 0],
    ),
    "ten patients": ([5, 9, 12, 18, 25, 31, 40, 44, 52, 60], [1, 1, 0, 1, 0, 1, 0, 1, 0, 0]),
    "late: ten patients": (
        [20, 45, 150, 70, 140, 65, 160, 110, 170, 95],
        [1, 1, 0, 1, 0, 1, 0, 1, 0, 1],
        [0, 0, 0, 30, 30, 50, 50, 60, 80, 85],
    ),
    "late: all at risk have the event": (
        [5, 8, 30, 40, 50, 60],
        [1, 1, 1, 1, 0, 1],
        [0, 0, 20, 20, 20, 30],
    ),
    "late: nobody at risk for a while": (
        [5, 8, 30, 40, 50, 60],
        [1, 0, 1, 1, 0, 1],
        [0, 0, 20, 20, 20, 30],
    ),
    "late: entry on the day of an event": (
        [20, 20, 30, 40, 50, 60],
        [1, 0, 1, 1, 0, 1],
        [0, 0, 20, 20, 20, 30],
    ),
    "late: everybody": ([15, 22, 30], [0, 1, 1], [10, 12, 20]),
}


def patients(case):
    if case in SMALL:
        return outcomes_of(*SMALL[case])
    if case == "late: bmt":
        return enter_late(patients("bmt"))
    if case.startswith("bmt"):
        rows = transplants()
        rows = rows.filter(group=int(case.split()[1])) if " " in case else rows
        return outcomes_of(rows["day"], rows["free"])
    if case.startswith("lung"):
        lung = read_data("survival_lung")
        return outcomes_of(lung["time"], lung["status"] - 1)
    veteran = read_data("survival_veteran")
    return outcomes_of(veteran["time"], veteran["status"])


def asked(case):
    """Patients, level and interval of a case."""
    for interval in ("log-log", "log", "plain"):
        if case.endswith(f" with {interval}"):
            return patients(case.removesuffix(f" with {interval}")), 0.95, interval
    level = float(case.split(" at ")[1]) if " at 0" in case else 0.95
    return patients(case), level, "log-log"


def fitted(case):
    outcomes, level, interval = asked(case)
    return estimate_survival(outcomes, level, interval=interval)


@pytest.mark.parametrize("case", RECORDED["case"].unique(maintain_order=True))
def test_curve_is_that_of_r(case):
    curve = fitted(case).table
    for quantity in ("probability", "low", "high", "at_risk", "events"):
        recorded = RECORDED.filter(case=case, quantity=quantity)
        if quantity in ("low", "high"):
            # With log and plain, R writes 1 to 1 where the curve is at 1; we have no interval.
            inside = RECORDED.filter(pl.col("value") < 1, case=case, quantity="probability")
            recorded = recorded.filter(pl.col("day").is_in(inside["day"].implode()))
        ours = curve.filter(pl.col("day").is_in(recorded["day"].implode()))
        assert ours.height == recorded.height
        assert_series_equal(
            ours[quantity].cast(pl.Float64),
            recorded["value"],
            check_names=False,
            rel_tol=1e-10,
            abs_tol=1e-10,
        )


@pytest.mark.parametrize("case", RECORDED["case"].unique(maintain_order=True))
def test_median_and_its_interval_are_those_of_r(case):
    ours = median_time(fitted(case))
    for quantity, value in (("", ours.value), (" low", ours.low), (" high", ours.high)):
        recorded = RECORDED.filter(case=case, quantity=f"median{quantity}")["value"].item()
        assert value == (None if recorded is None else pytest.approx(recorded, rel=1e-12))


@pytest.mark.parametrize("case", RECORDED["case"].unique(maintain_order=True))
def test_median_follow_up_and_its_interval_are_those_of_r(case):
    outcomes, level, interval = asked(case)
    ours = median_follow_up(outcomes, level, interval=interval)
    for quantity, value in (("", ours.value), (" low", ours.low), (" high", ours.high)):
        recorded = RECORDED.filter(case=case, quantity=f"follow-up{quantity}")["value"].item()
        assert value == (None if recorded is None else pytest.approx(recorded, rel=1e-12))


EVENTS_FIRST = RECORDED.filter(quantity="events first")["case"].unique(maintain_order=True)


@pytest.mark.parametrize("case", EVENTS_FIRST)
def test_median_follow_up_with_events_first_is_that_of_r(case):
    outcomes, level, interval = asked(case)
    ours = median_follow_up(outcomes, level, interval=interval, ties="events-first")
    for quantity, value in (("", ours.value), (" low", ours.low), (" high", ours.high)):
        recorded = RECORDED.filter(case=case, quantity=f"events first{quantity}")["value"].item()
        # The middle between two days moves by half of what R's events come earlier.
        assert value == (None if recorded is None else pytest.approx(recorded, abs=1e-5))


@pytest.mark.parametrize("share", [0.2, 0.7])
def test_a_patient_seen_in_two_parts_counts_as_one(share):
    """Who leaves after the first part enters again with the second, so no risk set changes."""
    whole = patients("bmt")
    ours = estimate_survival(split_at(whole, share)).table
    events = ours.filter(pl.col("events") > 0).drop("censored", "entered")
    expected = estimate_survival(whole).table.filter(pl.col("events") > 0)
    assert_frame_equal(events, expected.drop("censored", "entered"), check_exact=True)


def test_patients_who_enter_late_lower_the_curve():
    curve = fitted("late: ten patients")
    found = [survival_at(curve, day).value for day in (30, 60, 90, 120)]
    assert [round(value, 3) for value in found] == [0.667, 0.5, 0.333, 0.222]
    assert median_time(curve).value == 55


@pytest.mark.parametrize("day", ["0", "0.5"])
def test_an_event_on_day_0_comes_before_a_censoring_on_day_0(day):
    assert round(survival_at(fitted(f"event and censoring on day {day}"), 4).value, 3) == 0.701
