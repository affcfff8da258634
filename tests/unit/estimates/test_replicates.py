import math

import numpy as np
import pytest

from stromal.estimates.replicates import estimate_replicates


def test_trials_without_a_number_are_left_out():
    found = estimate_replicates([1.0, math.nan, 3.0], [0, 0, 1], [0, 0, 0])
    assert (found.value, found.n) == (2.0, 2)


def test_no_number_at_all_gives_none():
    found = estimate_replicates([math.nan], [0], [0])
    assert (found.value, found.low, found.error, found.n) == (None, None, None, 0)


def test_one_trial_has_no_spread_and_no_error():
    found = estimate_replicates([4.0], [0], [0])
    assert (found.value, found.low, found.error, found.sd_patients) == (4.0, 4.0, None, None)


def test_trials_that_differ_by_their_draw_alone():
    found = estimate_replicates(
        [1, 1, 1, 1, 3, 3, 3, 3], [0, 0, 1, 1, 2, 2, 3, 3], [0] * 4 + [1] * 4
    )
    assert (found.sd_patients, found.sd_studies) == (0.0, 0.0)
    assert found.sd_parameters == pytest.approx(math.sqrt(2))


def test_components_are_found_again_in_many_trials():
    random = np.random.default_rng(1)
    draws = np.repeat(np.arange(400), 8)
    studies = np.repeat(np.arange(1600), 2)
    values = (
        0.5 * random.normal(size=400)[draws]
        + 0.3 * random.normal(size=1600)[studies]
        + 1.0 * random.normal(size=3200)
    )
    found = estimate_replicates(values, studies, draws)
    assert found.sd_patients == pytest.approx(1.0, rel=0.06)
    assert found.sd_studies == pytest.approx(0.3, abs=0.15)
    assert found.sd_parameters == pytest.approx(0.5, rel=0.15)
    assert abs(found.value) < 4 * found.error
