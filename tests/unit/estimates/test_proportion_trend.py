import pytest

from stromal.estimates.proportion_trend import compare_trend_of_proportions


def test_what_cannot_be_tested_says_why():
    cases = {
        (): "there are no two groups of different score",
        ((1, 4),): "there are no two groups of different score",
        ((1, 4), (0, 0)): "there are no two groups of different score",
        ((0, 4), (0, 5)): "nobody had the event",
        ((4, 4), (5, 5)): "everybody had the event",
    }
    for groups, reason in cases.items():
        found = compare_trend_of_proportions(groups)
        assert (found.p_value, found.reason) == (None, reason)
    assert compare_trend_of_proportions([(1, 4), (2, 4)], [3, 3]).reason.endswith("score")


def test_shares_of_none_and_all_have_a_test_and_no_interval():
    found = compare_trend_of_proportions([(0, 5), (5, 5)])
    assert found.effect.value == 1
    assert found.effect.low is None
    assert found.p_value is not None


def test_a_shift_of_the_scores_changes_nothing():
    groups = [(1, 9), (4, 11), (6, 8)]
    one = compare_trend_of_proportions(groups)
    other = compare_trend_of_proportions(groups, [10, 20, 30])
    assert other.p_value == pytest.approx(one.p_value)
    assert other.effect.value == pytest.approx(one.effect.value / 10)


def test_wrong_counts_and_scores_are_refused():
    with pytest.raises(ValueError, match="5 events of 4 patients"):
        compare_trend_of_proportions([(5, 4)])
    with pytest.raises(ValueError, match="1 scores of 2 groups"):
        compare_trend_of_proportions([(1, 4), (2, 4)], [1])
