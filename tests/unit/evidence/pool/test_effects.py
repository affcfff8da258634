import numpy as np
import pytest

from stromal.evidence.pool.effects import (
    NO_CELL,
    differences_of_medians,
    double_arcsine_proportions,
    log_odds_ratios,
    log_risk_ratios,
    logit_proportions,
    risk_differences,
    share_of_double_arcsine,
)


@pytest.mark.parametrize("make", [log_risk_ratios, log_odds_ratios])
def test_a_zero_cell_has_no_ratio_and_says_so(make):
    found = make([4, 0], [123, 10], [11, 3], [139, 10])
    assert found.known.tolist() == [True, False]
    assert found.reasons == ((1, NO_CELL),)


@pytest.mark.parametrize("make", [log_risk_ratios, log_odds_ratios])
def test_a_correction_is_made_where_it_is_asked_for_and_nowhere_else(make):
    counts = ([4, 0], [123, 10], [11, 3], [139, 10])
    plain, corrected = make(*counts), make(*counts, correction=0.5)
    assert corrected.values[0] == plain.values[0]
    assert corrected.known.all()
    assert corrected.reasons == ()


def test_everybody_in_both_groups_has_no_risk_ratio_of_its_own():
    assert not log_risk_ratios([5], [5], [7], [7]).known.any()


def test_full_cells_of_one_group_have_a_risk_ratio():
    assert log_risk_ratios([5], [5], [3], [6]).values == pytest.approx([np.log(2)])


def test_swapped_groups_turn_the_sign():
    counts = ([4], [123]), ([11], [139])
    for make in (log_risk_ratios, log_odds_ratios, risk_differences):
        there, back = make(*counts[0], *counts[1]), make(*counts[1], *counts[0])
        assert there.values == pytest.approx(-back.values)
        assert there.variances == pytest.approx(back.variances)


def test_a_difference_of_certain_shares_has_no_weight():
    assert not risk_differences([0], [10], [0], [20]).known.any()


def test_logit_shares_need_somebody_with_and_without():
    assert logit_proportions([0, 5, 10], [10, 10, 10]).known.tolist() == [False, True, False]


@pytest.mark.parametrize("n", [5, 17, 200])
def test_double_arcsine_shares_come_back(n):
    counts = np.arange(n + 1)
    found = double_arcsine_proportions(counts, np.full(n + 1, n))
    back = [share_of_double_arcsine(value, np.array([float(n)])) for value in found.values]
    assert back == pytest.approx(counts / n, abs=1e-9)


def test_an_interval_gives_back_its_error():
    found = differences_of_medians([3.0], [3.0 - 1.96 * 2], [3.0 + 1.96 * 2])
    assert found.variances == pytest.approx([4.0], rel=1e-4)
    with pytest.raises(ValueError, match="does not hold"):
        differences_of_medians([3.0], [4.0], [5.0])


@pytest.mark.parametrize("bad", [([5], [4]), ([-1], [4]), ([0], [0]), ([1, 2], [4])])
def test_counts_that_are_none_are_refused(bad):
    for make in (logit_proportions, double_arcsine_proportions):
        with pytest.raises(ValueError, match="events"):
            make(*bad)
    with pytest.raises(ValueError, match="events"):
        risk_differences(*bad, [1], [2])


def test_effects_are_shown_as_readers_know_them():
    found = log_odds_ratios([82], [99], [70], [99])
    assert found.show(found.values[0]) == pytest.approx(82 * 29 / (17 * 70))
    assert logit_proportions([3], [4]).show(0.0) == 0.5
