import polars as pl
import pytest

from stromal.estimates.kaplan_meier import (
    estimate_survival,
    median_follow_up,
    median_time,
    survival_at,
)


def outcomes(days, status):
    return pl.DataFrame({"day": days, "status": status})


def test_greenwood_and_numbers_at_risk_by_hand():
    table = estimate_survival(outcomes([1, 2, 2, 3], [1, 1, 0, 0])).table
    assert table["probability"].to_list() == [1, 0.75, 0.5, 0.5]
    assert table["at_risk"].to_list() == [4, 4, 3, 1]
    assert table["events"].to_list() == [0, 1, 1, 0]
    assert table["censored"].to_list() == [0, 0, 1, 1]


def test_patients_who_enter_late_are_not_at_risk_before():
    late = outcomes([5.0, 10.0, 20.0], [1, 1, 0]).with_columns(entry_day=pl.Series([0, 5, 20]))
    curve = estimate_survival(late)
    assert curve.table["at_risk"].to_list() == [1, 1, 1]
    assert curve.table["probability"].to_list() == [1, 0, 0]
    assert (curve.n, curve.never_at_risk) == (2, 1)
    assert curve.method.endswith(", at risk from entry")
    found = survival_at(curve, 7)
    assert (found.n, found.never_at_risk, found.interval) == (2, 1, "log-log")
    for estimate in (found, median_time(curve), median_follow_up(late)):
        assert "tsai1987" in estimate.sources
        assert estimate.never_at_risk == 1


@pytest.mark.parametrize("interval", ["log-log", "log", "plain"])
def test_the_interval_is_named_as_a_field(interval):
    curve = estimate_survival(outcomes([1, 2, 3], [1, 1, 0]), interval=interval)
    assert (curve.estimator, curve.interval) == ("Kaplan-Meier", interval)
    assert curve.method == f"Kaplan-Meier, Greenwood variance, {interval} interval"
    assert survival_at(curve, 1).interval == median_time(curve).interval == interval


def test_any_cause_is_the_event_unless_one_is_named():
    competing = outcomes([1.0, 2.0], [1, 2])
    assert estimate_survival(competing).table["probability"].to_list() == [1, 0.5, 0]
    named = estimate_survival(competing, event=1).table
    assert named["probability"].to_list() == [1, 0.5, 0.5]
    assert named["censored"].to_list() == [0, 0, 1]


def test_a_day_has_its_events_and_its_interval():
    found = survival_at(estimate_survival(outcomes([1, 2, 3, 4], [1, 1, 0, 0])), 2.5)
    assert (found.value, found.events, found.n) == (0.5, 2, 4)
    assert found.low < 0.5 < found.high


def test_a_curve_above_one_half_has_no_median():
    assert median_time(estimate_survival(outcomes([1, 2, 3], [1, 0, 0]))).value is None


@pytest.mark.parametrize(
    ("status", "median"), [([1, 1, 1, 1], 2.5), ([1, 1, 0, 0], 3), ([1, 0, 1, 1], 3)]
)
def test_median_is_the_middle_of_a_flat_half(status, median):
    assert median_time(estimate_survival(outcomes([1, 2, 3, 4], status))).value == median


def test_a_tie_of_follow_up_is_named():
    """On day 5 one patient dies and one leaves: half have left, or the only one at risk has."""
    outcomes = pl.DataFrame({"day": [5.0, 5.0, 9.0, 9.0], "status": [1, 0, 1, 0]})
    last = median_follow_up(outcomes)
    first = median_follow_up(outcomes, ties="events-first")
    assert (last.value, first.value) == (9, 9)
    assert "events first" in first.method
    assert "events first" not in last.method
    three = pl.DataFrame({"day": [5.0, 5.0, 5.0, 9.0], "status": [1, 1, 0, 0]})
    assert (median_follow_up(three).value, median_follow_up(three, ties="events-first").value) == (
        9,
        7,
    )
