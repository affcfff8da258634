import polars as pl

from stromal.estimates.estimate import Estimate
from stromal.estimates.times import read_off, read_times


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
    settled = Estimate(None, level=0.95, n=2, method="m", sources=("s",))
    assert read_off(table, 5, 1.0, settled) == Estimate(0.5, 0.1, 0.8, 0.95, 2, 1, "m", ("s",))
    assert read_off(table, -1, 1.0, settled).value == 1.0
    assert read_off(table, 6, 1.0, settled).value is None
