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


def test_groups_are_compared_within_their_strata():
    frame = outcomes([1, 2, 3, 4], [1, 1, 1, 1])
    group, stratum = pl.Series(list("abab")), pl.Series(list("xxyy"))
    test = compare_survival(frame, group, strata=stratum)
    assert test.expected == pytest.approx((1.0, 3.0))
    assert test.method == "stratified log-rank test"
    assert test.statistic == pytest.approx(2.0)


def test_patients_without_a_stratum_are_left_out():
    frame = outcomes([1, 2, 3, 4, 5], [1, 1, 1, 1, 1])
    group, stratum = pl.Series(list("ababa")), pl.Series(["x", "x", "y", "y", None])
    assert compare_survival(frame, group, strata=stratum).n == (2, 2)


def test_one_stratum_is_no_stratum():
    frame, group = outcomes([5, 1, 4, 2, 2, 9], [1, 1, 0, 1, 1, 0]), pl.Series(list("abbaba"))
    one = compare_survival(frame, group, strata=pl.Series(["x"] * 6))
    assert one.statistic == compare_survival(frame, group).statistic


@pytest.mark.parametrize(
    ("days", "status", "groups", "reason"),
    [
        ([1, 2], [1, 1], "aa", "there are no two groups"),
        ([1, 2], [0, 0], "ab", "nobody had the event"),
        ([3, 3], [1, 1], "ab", "events left no choice of group"),
    ],
)
def test_what_cannot_be_compared_says_why(days, status, groups, reason):
    assert compare_survival(outcomes(days, status), pl.Series(list(groups))).reason == reason


def test_the_name_of_a_group_changes_nothing():
    frame = outcomes([5, 1, 4, 2, 2, 9], [1, 1, 0, 1, 1, 0])
    one = compare_survival(frame, pl.Series(list("abbaba")))
    other = compare_survival(frame, pl.Series(list("zbbzbz")))
    assert other.statistic == pytest.approx(one.statistic, rel=1e-12)
    assert (other.groups, other.observed) == (("b", "z"), one.observed[::-1])
