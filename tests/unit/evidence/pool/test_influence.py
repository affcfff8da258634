import numpy as np
import pytest

from stromal.evidence.pool.effects import Effects
from stromal.evidence.pool.influence import leave_one_out, measure_influence, pool_cumulatively
from stromal.evidence.pool.inverse_variance import pool_effects

STUDIES = Effects(
    np.array([0.1, -0.2, np.nan, 0.4, 2.0]), np.array([0.1, 0.2, np.nan, 0.1, 0.1]), "difference"
)


def test_without_each_study_in_turn():
    found = leave_one_out(STUDIES)
    assert [one.studies for one in found] == [3, 3, 4, 3, 3]
    assert found[2].value == pool_effects(STUDIES).value


def test_the_last_of_the_studies_that_come_is_all_of_them():
    found = pool_cumulatively(STUDIES, [4, 3, 1, 0])
    assert [one.studies for one in found] == [1, 2, 3, 4]
    assert found[-1].value == pytest.approx(pool_effects(STUDIES).value)


def test_the_study_far_off_has_the_most_influence():
    found = measure_influence(STUDIES)
    assert np.nanargmax(np.abs(found.residuals)) == 4
    assert np.isnan(found.cook[2])
    assert np.nansum(found.hat) == pytest.approx(1.0)


def test_a_study_alone_has_no_measures():
    alone = Effects(np.array([1.0]), np.array([0.1]), "difference")
    assert np.isnan(measure_influence(alone).cook).all()
