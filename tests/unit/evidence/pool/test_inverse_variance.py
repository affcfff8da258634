import numpy as np
import pytest

from stromal.evidence.pool.effects import Effects, log_risk_ratios
from stromal.evidence.pool.inverse_variance import (
    EQUAL,
    NOTHING,
    ONE,
    pool_effects,
    regress_effects,
)


def effects(values, variances):
    return Effects(np.array(values, float), np.array(variances, float), "difference")


def test_nothing_to_pool_is_said():
    found = pool_effects(effects([np.nan], [np.nan]))
    assert (found.value, found.low, found.studies, found.reasons) == (None, None, 0, (NOTHING,))
    assert found.shown() == (None, None, None)


def test_one_study_is_itself_with_its_own_interval():
    found = pool_effects(effects([1.0], [0.25]))
    assert (found.value, found.error, found.prediction) == (1.0, 0.5, None)
    assert found.low == pytest.approx(1.0 - 1.959963984540054 / 2)
    assert found.reasons == (ONE,)


def test_equal_effects_do_not_get_an_interval_without_width():
    found = pool_effects(effects([1.0, 1.0, 1.0], [0.3, 0.3, 0.3]))
    assert found.reasons == (EQUAL,)
    assert found.high - found.low == pytest.approx(2 * 1.959963984540054 * np.sqrt(0.1))


def test_a_study_without_an_effect_has_no_weight_and_moves_nothing():
    whole = pool_effects(effects([0.0, np.nan, 1.0], [0.1, np.nan, 0.2]))
    part = pool_effects(effects([0.0, 1.0], [0.1, 0.2]))
    assert (whole.value, whole.studies) == (part.value, 2)
    assert np.isnan(whole.weights[1])
    assert np.nansum(whole.weights) == pytest.approx(100.0)


def test_the_order_of_studies_does_not_matter():
    y, v = np.array([0.3, -1.0, 2.0, 0.7]), np.array([0.1, 0.3, 0.2, 0.05])
    there, back = pool_effects(effects(y, v)), pool_effects(effects(y[::-1], v[::-1]))
    assert there.value == pytest.approx(back.value, rel=1e-12)
    assert there.heterogeneity.tau2 == pytest.approx(back.heterogeneity.tau2, rel=1e-10)


def test_bcg_is_as_printed():
    # Viechtbauer 2010, section 3.1: REML
    counts = (
        [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
        [123, 306, 231, 13598, 5069, 1541, 2545, 88391, 7499, 1716, 50634, 2498, 16913],
        [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
        [139, 303, 220, 12867, 5808, 1451, 629, 88391, 7277, 1665, 27338, 2341, 17854],
    )
    found = pool_effects(log_risk_ratios(*counts), interval="wald")
    assert round(found.value, 4) == -0.7145
    assert round(found.error, 4) == 0.1798
    assert round(found.heterogeneity.tau2, 4) == 0.3132
    assert [round(one, 2) for one in found.shown()] == [0.49, 0.34, 0.70]


def test_a_study_without_its_moderator_is_left_out():
    y, v = [0.0, 1.0, 2.5, 9.0], [0.25] * 4
    dose = np.array([[1.0], [2.0], [3.0], [np.nan]])
    found = regress_effects(effects(y, v), dose, ["dose"])
    assert found.studies == 3
    assert found.values == pytest.approx([-4 / 3, 1.25])


def test_too_few_studies_for_the_moderators_are_refused():
    with pytest.raises(ValueError, match="2 studies for 2 coefficients"):
        regress_effects(effects([0, 1], [1, 1]), np.array([[1.0], [2.0]]), ["dose"])
