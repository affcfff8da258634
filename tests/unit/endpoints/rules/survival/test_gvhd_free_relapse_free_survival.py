"""GVHD-free, relapse-free survival."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.followed import followed, times

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.rules.survival.gvhd_free_relapse_free_survival import (
    GvhdFreeRelapseFreeSurvivalParameters,
    derive_gvhd_free_relapse_free_survival,
)

DEFAULT = GvhdFreeRelapseFreeSurvivalParameters()


@pytest.mark.parametrize("event", read_criteria("grfs_holtan_2015").rules["events"])
def test_each_component_ends_it(event):
    patients = followed({"1": 300}, [("1", 70, event)])
    assert times(derive_gvhd_free_relapse_free_survival(patients, DEFAULT)) == [(70, 1)]


@pytest.mark.parametrize("event", ["acute_gvhd", "chronic_gvhd", "graft_failure"])
def test_lesser_gvhd_does_not(event):
    patients = followed({"1": 300}, [("1", 70, event)])
    assert times(derive_gvhd_free_relapse_free_survival(patients, DEFAULT)) == [(300, 0)]


def test_the_first_component_is_the_reason():
    patients = followed(
        {"1": 300},
        [("1", 150, "chronic_gvhd_systemic_treatment"), ("1", 100, "relapse")],
    )
    rows = derive_gvhd_free_relapse_free_survival(patients, DEFAULT)
    assert rows["reason"][0] == "relapse on day 100"


def test_one_year_by_default_and_longer_when_asked():
    patients = followed({"1": 700}, [("1", 400, "relapse")])
    assert times(derive_gvhd_free_relapse_free_survival(patients, DEFAULT)) == [(365, 0)]
    longer = GvhdFreeRelapseFreeSurvivalParameters(until_day=730)
    assert times(derive_gvhd_free_relapse_free_survival(patients, longer)) == [(400, 1)]
