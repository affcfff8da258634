import numpy as np
import pytest

from stromal.evidence.pool.effects import Effects
from stromal.evidence.pool.inverse_variance import pool_effects
from stromal.evidence.pool.subgroups import TOO_FEW, pool_subgroups


def effects_of(values):
    return Effects(np.array(values, float), np.full(len(values), 0.04), "difference")


def test_a_group_is_pooled_by_itself():
    found = pool_subgroups(effects_of([0.1, 0.9, 0.3, 1.4]), ["a", "b", "a", "b"])
    assert found.names == ("a", "b")
    alone = pool_effects(effects_of([0.1, 0.3]), interval="wald")
    assert (found.pooled[0].value, found.pooled[0].error) == (alone.value, alone.error)


def test_groups_that_agree_do_not_differ():
    found = pool_subgroups(effects_of([0.1, 0.3, 0.1, 0.3]), ["a", "a", "b", "b"])
    assert found.q == pytest.approx(0)
    assert found.p == pytest.approx(1)


def test_a_group_of_one_study_is_that_study():
    found = pool_subgroups(effects_of([0.1, 0.3, 1.0]), ["a", "a", "b"])
    assert (found.pooled[1].value, found.degrees) == (1.0, 1)


def test_studies_without_a_group_are_named_and_not_pooled():
    found = pool_subgroups(effects_of([0.1, 9.0, 1.0]), ["a", None, "b"])
    assert found.left_out == (1,)
    assert [one.studies for one in found.pooled] == [1, 1]


@pytest.mark.parametrize(
    ("values", "names"), [([], []), ([0.1, 0.2], ["a", "a"]), ([0.1, np.nan], ["a", "b"])]
)
def test_one_group_has_nothing_to_compare(values, names):
    found = pool_subgroups(effects_of(values), names)
    assert (found.q, found.degrees, found.p, found.reason) == (None, None, None, TOO_FEW)


def test_every_study_has_a_name_or_none():
    with pytest.raises(ValueError, match="1 names"):
        pool_subgroups(effects_of([0.1, 0.2]), ["a"])
