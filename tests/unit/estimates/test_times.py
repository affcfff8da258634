import numpy as np
import polars as pl

from stromal.estimates.estimate import Estimate
from stromal.estimates.times import name_entry, read_off, read_times
from stromal.tables.curve import Curve


def test_at_risk_counts_those_who_have_not_left():
    times = read_times(pl.DataFrame({"day": [3, 1, 3, 8], "status": [1, 0, 0, 1]}))
    assert times.days.tolist() == [0, 1, 3, 8]
    assert times.at_risk.tolist() == [4, 4, 3, 1]
    assert times.count(times.status == 0).tolist() == [0, 1, 1, 0]


def test_kept_names_the_rows_that_have_a_time():
    times = read_times(pl.DataFrame({"day": [None, 1.0, 2.0], "status": [1, None, 1]}))
    assert times.kept.tolist() == [2]


def test_days_before_day_0_come_first():
    times = read_times(pl.DataFrame({"day": [-2.0, 4.0], "status": [1, 1]}))
    assert times.days.tolist() == [-2, 0, 4]


def test_read_off_counts_the_events_so_far():
    table = pl.DataFrame(
        {
            "day": [0.0, 5.0],
            "probability": [1.0, 0.5],
            "low": [None, 0.1],
            "high": [None, 0.8],
            "events": [0, 1],
            "censored": [0, 1],
        }
    )
    curve = Curve(table, "m", 0.95, 2, interval="log", sources=("s",), never_at_risk=3)
    assert read_off(curve, 5, 1.0) == Estimate(
        0.5, 0.1, 0.8, 0.95, 2, 1, "m", ("s",), "log", never_at_risk=3
    )
    assert read_off(curve, -1, 1.0).value == 1.0
    assert read_off(curve, 6, 1.0).value is None


def late(days, entries):
    return read_times(pl.DataFrame({"day": days, "status": 1, "entry_day": entries}))


def test_patients_are_at_risk_after_their_entry():
    times = late([20.0, 45.0, 70.0, 65.0], [None, 0.0, 20.0, 50.0])
    assert times.days.tolist() == [0, 20, 45, 50, 65, 70]
    assert times.at_risk.tolist() == [2, 2, 2, 1, 2, 1]
    assert times.entered.tolist() == [0, 1, 0, 1, 0, 0]
    assert (times.n, times.never_at_risk, times.delayed) == (4, 0, True)


def test_who_leaves_on_the_day_of_entry_is_never_at_risk():
    times = late([20.0, 0.1 + 0.2, 5.0, None], [20.0, 0.3, 7.0, 3.0])
    assert (times.n, times.never_at_risk, times.delayed) == (0, 3, True)
    assert times.days.size == 0


def test_day_0_and_the_days_before_it_are_no_late_entry():
    times = late([0.0, -3.0, 4.0, 6.0], [0.0, -2.0, -9.0, float("nan")])
    assert (times.n, times.never_at_risk, times.delayed) == (4, 0, False)
    assert times.at_risk.tolist() == [4, 3, 2, 1]


def test_a_risk_set_may_be_empty_for_a_while():
    times = late([5.0, 30.0], [None, 20.0])
    assert times.at_risk.tolist() == [1, 1, 0, 1]


def test_groups_are_counted_apart():
    times = late([5.0, 30.0, 8.0], [None, 20.0, 5.0])
    group = np.array([0, 0, 1])
    assert times.count_at_risk(group, 2).tolist() == [[1, 0], [1, 0], [0, 1], [0, 0], [1, 0]]
    everybody = np.full(3, fill_value=True)
    assert times.count_by_group(everybody, group, 2).sum(axis=0).tolist() == [2, 1]


def test_delayed_entry_is_named_where_there_was_one():
    assert name_entry("m", ("s",), delayed=False) == ("m", ("s",))
    assert name_entry("m", ("s",), delayed=True) == ("m, at risk from entry", ("s", "tsai1987"))
