import numpy as np
import polars as pl

from stromal.estimates.proportional_hazards import check_proportional_hazards


def test_curves_that_cross_are_found():
    rng = np.random.default_rng(2)
    steady, early = rng.exponential(10, 300), rng.weibull(0.4, 300) * 5
    outcomes = pl.DataFrame({"day": np.concatenate([steady, early]), "status": [1] * 600})
    arm = pl.DataFrame({"arm": ["a"] * 300 + ["b"] * 300})
    found = check_proportional_hazards(outcomes, arm)
    assert [test.name for test in found.tests] == ["arm", "all"]
    assert found.tests[0].p_value < 1e-6


def test_the_origin_of_time_changes_nothing_where_time_is_the_day():
    rng = np.random.default_rng(4)
    outcomes = pl.DataFrame({"day": rng.exponential(10, 50).round(1) + 0.1, "status": [1] * 50})
    x = pl.DataFrame({"x": rng.normal(size=50)})
    one = check_proportional_hazards(outcomes, x, time="identity").tests[0]
    later = outcomes.with_columns(pl.col("day") + 1000)
    other = check_proportional_hazards(later, x, time="identity").tests[0]
    assert abs(one.statistic - other.statistic) < 1e-6 * one.statistic


def test_events_at_one_time_have_no_change_with_time():
    outcomes = pl.DataFrame({"day": [5.0, 5.0, 5.0, 9.0], "status": [1, 1, 0, 0]})
    found = check_proportional_hazards(outcomes, pl.DataFrame({"x": [1.0, 2.0, 4.0, 1.0]}))
    assert [test.statistic for test in found.tests] == [None, None]


def test_nobody_with_the_event_has_no_tests():
    outcomes = pl.DataFrame({"day": [5.0, 6.0], "status": [0, 0]})
    assert check_proportional_hazards(outcomes, pl.DataFrame({"x": [1.0, 2.0]})).tests == ()
