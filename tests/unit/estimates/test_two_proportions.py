import pytest

from stromal.estimates.two_proportions import (
    compare_two_proportions,
    estimate_difference,
    estimate_odds_ratio,
    estimate_risk_ratio,
)


def bounds(estimate):
    return estimate.value, estimate.low, estimate.high


def test_effects_count_both_groups_and_name_their_intervals():
    found = compare_two_proportions((9, 12), (3, 12), 0.9)
    for effect, interval in (
        (found.difference, "Newcombe hybrid score"),
        (found.risk_ratio, "Katz log"),
        (found.odds_ratio, "Woolf log"),
    ):
        assert (effect.n, effect.events, effect.level) == (24, 12, 0.9)
        assert effect.interval == interval
        assert effect.method.endswith(f"{interval} interval")
        assert effect.sources


def test_other_intervals_can_be_asked_for():
    found = compare_two_proportions((9, 12), (3, 12), difference="wald", odds_ratio="exact")
    assert found.difference.interval == "Wald"
    assert found.odds_ratio.interval == "exact conditional"
    assert found.odds_ratio.method.startswith("conditional odds ratio")


@pytest.mark.parametrize("interval", ["newcombe", "wald"])
def test_differences_turn_their_sign_when_groups_change_places(interval):
    one = estimate_difference((9, 12), (3, 14), interval=interval)
    other = estimate_difference((3, 14), (9, 12), interval=interval)
    assert bounds(one) == pytest.approx((-other.value, -other.high, -other.low))


@pytest.mark.parametrize("interval", ["woolf", "exact"])
def test_odds_ratios_turn_over_when_groups_change_places(interval):
    one = estimate_odds_ratio((9, 12), (3, 14), interval=interval)
    other = estimate_odds_ratio((3, 14), (9, 12), interval=interval)
    assert bounds(one) == pytest.approx((1 / other.value, 1 / other.high, 1 / other.low))


@pytest.mark.parametrize(("group", "reference"), [((0, 0), (3, 12)), ((3, 12), (0, 0))])
def test_a_group_of_nobody_is_not_compared(group, reference):
    found = compare_two_proportions(group, reference)
    for effect in (found.difference, found.risk_ratio, found.odds_ratio):
        assert bounds(effect) == (None, None, None)
        assert (effect.n, effect.events) == (12, 3)
    assert bounds(estimate_odds_ratio(group, reference, interval="exact")) == (None, None, None)


def test_nothing_is_added_to_an_empty_cell():
    assert bounds(estimate_risk_ratio((0, 8), (5, 9))) == (0.0, None, None)
    assert bounds(estimate_risk_ratio((5, 9), (0, 8))) == (None, None, None)
    assert bounds(estimate_risk_ratio((8, 8), (9, 9))) == (1.0, None, None)
    assert bounds(estimate_odds_ratio((0, 8), (5, 9))) == (0.0, None, None)
    assert bounds(estimate_odds_ratio((5, 9), (0, 8))) == (None, None, None)
    assert bounds(estimate_odds_ratio((8, 8), (5, 9))) == (None, None, None)


def test_the_exact_interval_has_one_end_where_a_cell_is_empty():
    value, low, high = bounds(estimate_odds_ratio((0, 8), (5, 9), interval="exact"))
    assert (value, low) == (0.0, 0.0)
    assert 0 < high < 2
    value, low, high = bounds(estimate_odds_ratio((8, 8), (5, 9), interval="exact"))
    assert (value, high) == (None, None)
    assert 0 < low < 2


def test_wald_has_no_interval_where_all_or_none_have_the_event():
    assert bounds(estimate_difference((10, 10), (0, 20), interval="wald")) == (1.0, None, None)


@pytest.mark.parametrize(
    "estimate", [estimate_difference, estimate_risk_ratio, estimate_odds_ratio]
)
@pytest.mark.parametrize("group", [(-1, 3), (4, 3)])
def test_more_events_than_patients_are_refused(estimate, group):
    with pytest.raises(ValueError, match=f"{group[0]} events of 3 patients"):
        estimate((1, 2), group)
