import numpy as np
import pytest

from stromal.evidence.pool.effects import Effects
from stromal.evidence.pool.small_studies import (
    ALIKE,
    STRAIGHT,
    TOO_FEW,
    assess_asymmetry,
    trim_and_fill,
)


def effects(values, variances):
    return Effects(np.array(values, float), np.array(variances, float), "log odds ratio", "log")


@pytest.mark.parametrize(
    ("values", "variances", "reason"),
    [([1, 2], [0.1, 0.2], TOO_FEW), ([1, 2, 3], [0.1, 0.1, 0.1], ALIKE)],
)
def test_a_funnel_without_shape_says_so(values, variances, reason):
    found = assess_asymmetry(effects(values, variances))
    assert (found.p, found.reason) == (None, reason)
    assert trim_and_fill(effects(values, variances)).missing == 0


def test_equal_effects_have_no_test():
    found = assess_asymmetry(effects([0.37] * 6, [0.1, 0.2, 0.3, 0.15, 0.05, 0.4]))
    assert (found.statistic, found.p, found.reason) == (None, None, STRAIGHT)


def test_a_symmetric_funnel_is_left_as_it_is():
    found = trim_and_fill(effects([-1, 1, -0.5, 0.5, 0], [0.5, 0.5, 0.2, 0.2, 0.01]))
    assert found.missing == 0
    assert found.pooled.value == pytest.approx(0.0, abs=1e-12)


def test_the_mirrored_funnel_is_filled_on_the_other_side():
    values, variances = [0.1, 0.5, 0.9, 1.6], [0.01, 0.04, 0.09, 0.25]
    there = trim_and_fill(effects(values, variances))
    back = trim_and_fill(effects([-one for one in values], variances))
    assert (there.missing, there.side, back.side) == (back.missing, "left", "right")
    assert there.pooled.value == pytest.approx(-back.pooled.value)
    assert there.values == pytest.approx(-back.values)
