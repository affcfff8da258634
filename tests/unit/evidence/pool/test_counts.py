import numpy as np
import pytest

from stromal.evidence.pool.counts import ALL_EVENTS, NO_EVENTS, pool_mantel_haenszel, pool_peto

RATIOS = ("odds ratio", "risk ratio", "risk difference")


@pytest.mark.parametrize("ratio", RATIOS)
def test_one_study_is_its_own_ratio(ratio):
    found = pool_mantel_haenszel([10], [40], [20], [50], ratio)
    expected = {
        "odds ratio": np.log(10 * 30 / (30 * 20)),
        "risk ratio": np.log(10 / 40 / (20 / 50)),
        "risk difference": 10 / 40 - 20 / 50,
    }[ratio]
    assert found.value == pytest.approx(expected)


@pytest.mark.parametrize("ratio", RATIOS[:2])
def test_studies_without_events_are_named_and_change_nothing(ratio):
    whole = pool_mantel_haenszel([10, 0], [40, 9], [20, 0], [50, 8], ratio)
    part = pool_mantel_haenszel([10], [40], [20], [50], ratio)
    assert (whole.value, whole.error, whole.left_out) == (part.value, part.error, (1,))


def test_a_difference_takes_studies_without_events():
    found = pool_mantel_haenszel([10, 0], [40, 9], [20, 0], [50, 8], "risk difference")
    assert found.left_out == ()
    assert found.studies == 2


@pytest.mark.parametrize("ratio", RATIOS[:2])
def test_no_event_in_one_group_is_not_estimable(ratio):
    found = pool_mantel_haenszel([0, 0], [10, 10], [2, 1], [10, 10], ratio)
    assert (found.value, found.reason) == (None, NO_EVENTS)


def test_peto_of_nothing_is_not_estimable():
    found = pool_peto([0], [10], [0], [10])
    assert (found.value, found.reason, found.left_out) == (None, NO_EVENTS, (0,))


def test_peto_takes_a_group_without_events():
    found = pool_peto([0, 0], [100, 50], [2, 1], [100, 50])
    # observed less expected -1.5, variance 2 * 100^2 * 198 / (200^2 * 199) + 0.25
    variance = 100**2 * 2 * 198 / (200**2 * 199) + 0.25
    assert found.value == pytest.approx(-1.5 / variance)


@pytest.mark.parametrize("pool", [pool_mantel_haenszel, pool_peto])
def test_more_events_than_patients_are_refused(pool):
    with pytest.raises(ValueError, match="events"):
        pool([11], [10], [1], [10])


def test_studies_full_of_events_say_one_to_the_risk_ratio():
    whole = pool_mantel_haenszel([10, 9], [10, 12], [14, 3], [14, 11], "risk ratio")
    # weights: 10 * 14 / 24 in both sums, 9 * 11 / 23 and 3 * 12 / 23
    ratio = (140 / 24 + 99 / 23) / (140 / 24 + 36 / 23)
    assert whole.value == pytest.approx(np.log(ratio))
    assert whole.left_out == ()
    odds = pool_mantel_haenszel([10, 9], [10, 12], [14, 3], [14, 11], "odds ratio")
    assert odds.left_out == (0,)


def test_everybody_with_the_event_leaves_no_odds_ratio():
    found = pool_mantel_haenszel([10, 20], [10, 20], [9, 3], [9, 8], "odds ratio")
    assert (found.value, found.reason) == (None, ALL_EVENTS)
