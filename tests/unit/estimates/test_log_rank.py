import polars as pl
import pytest

from stromal.estimates.log_rank import compare_survival


def outcomes(days, status):
    return pl.DataFrame({"day": days, "status": status})


def test_one_group_is_not_compared():
    test = compare_survival(outcomes([1, 2], [1, 1]), pl.Series(["a", "a"]))
    assert (test.statistic, test.p_value, test.degrees) == (None, None, None)


def test_without_events_nothing_is_compared():
    test = compare_survival(outcomes([1, 2], [0, 0]), pl.Series(["a", "b"]))
    assert (test.statistic, test.p_value) == (None, None)
    assert test.n == (1, 1)


def test_patients_without_group_or_time_are_left_out():
    days, status = [1.0, 2.0, 3.0, 4.0, 5.0, None], [1, 1, 1, 1, 1, 1]
    test = compare_survival(outcomes(days, status), pl.Series(["a", "b", "a", "b", None, "a"]))
    assert (test.n, test.observed) == ((2, 2), (2, 2))
    assert sum(test.expected) == pytest.approx(4)


def test_patients_who_enter_late_are_compared_from_then_on():
    late = outcomes([3.0, 4.0, 5.0, 6.0], [1, 1, 1, 1]).with_columns(
        entry_day=pl.Series([None, 3.0, None, 6.0])
    )
    test = compare_survival(late, pl.Series(["a", "b", "a", "b"]))
    assert (test.n, test.observed, test.never_at_risk) == ((2, 1), (2, 1), 1)
    # Day 3: both at risk are in a; day 4: one of each; day 5: the last one is in a.
    assert test.expected == pytest.approx((1 + 0.5 + 1, 0.5))
    assert test.method == "log-rank test, at risk from entry"


def test_everybody_dying_on_one_day_leaves_no_choice():
    test = compare_survival(outcomes([3, 3, 3], [1, 1, 1]), pl.Series(["a", "b", "b"]))
    assert test.statistic is None


def test_row_order_changes_nothing():
    frame = outcomes([5, 1, 4, 2, 2, 9], [1, 1, 0, 1, 1, 0]).with_columns(
        g=pl.Series(list("abcabc"))
    )
    turned = frame.reverse()
    assert compare_survival(frame, frame["g"]) == compare_survival(turned, turned["g"])
