import polars as pl
import pytest

from stromal.report.figures.clock import choose_clock, count_at_risk, read_steps


@pytest.mark.parametrize(
    ("last", "unit", "end"),
    [(0, "days", 1), (28, "days", 30), (100, "days", 100), (365, "days", 400),
     (730.5, "months", 24), (1095, "months", 36), (2640, "years", 8)],
)  # fmt: skip
def test_the_unit_fits_the_follow_up(last, unit, end):
    clock = choose_clock(last)
    assert clock.unit == unit
    assert last / clock.days <= clock.end
    assert clock.end == pytest.approx(end, rel=0.15)
    assert len(clock.ticks) <= 10


def test_days_of_the_analysis_are_ticks_where_there_is_room():
    assert choose_clock(100, (14, 28, 60, 100)).ticks == (0, 14, 28, 60, 100)
    assert choose_clock(100, (14, 28, 60, 100), most=4).ticks == (0, 28, 60, 100)
    assert choose_clock(1095, (100, 365, 1095), most=4).ticks == (0, 12, 24, 36)


def test_steps_go_on_to_the_end_and_nulls_are_gaps():
    table = pl.DataFrame({"day": [0.0, 4.0], "low": [None, 0.2]})
    days, values = read_steps(table, "low", 6)
    assert days == [0, 4, 6]
    assert values[0] != values[0]
    assert values[1:] == [0.2, 0.2]
    assert read_steps(table.clear(), "low", 6) == ([], [])


def test_nobody_is_at_risk_after_the_last_day():
    table = pl.DataFrame({"day": [0.0, 5.0], "at_risk": [4, 3]})
    assert [count_at_risk(table, day) for day in (0, 3, 5, 5.1)] == [4, 3, 3, 0]


def test_who_leaves_on_the_day_of_a_tick_is_still_at_risk_there():
    table = pl.DataFrame({"day": [0.0, 30.0, 60.0, 90.0], "at_risk": [10, 10, 7, 4]})
    assert [count_at_risk(table, tick) for tick in (30, 30.5, 60, 90, 120)] == [10, 7, 7, 4, 0]
