"""Groups of studies and the test between them, beside metafor."""

from __future__ import annotations

import pytest

from stromal.evidence.pool.effects import log_odds_ratios, log_risk_ratios, risk_differences
from stromal.evidence.pool.subgroups import pool_subgroups
from tests.reference.recorded import read_data, read_recorded

RECORDED = read_recorded("subgroups")
STUDIES = read_data("meta_two_groups").filter(set="bcg")
MEASURES = {"RR": log_risk_ratios, "OR": log_odds_ratios, "RD": risk_differences}


def recorded(case):
    rows = RECORDED.filter(case=case)
    assert rows.height, case
    return dict(zip(rows["quantity"], rows["value"], strict=True))


@pytest.mark.parametrize("measure", MEASURES)
def test_groups_and_their_test_are_those_of_r(measure):
    names = ("events", "n", "reference_events", "reference_n")
    effects = MEASURES[measure](*(STUDIES[name].to_numpy() for name in names))
    bands = [
        "south" if latitude < 25 else "middle" if latitude < 43 else "north"
        for latitude in STUDIES["latitude"]
    ]
    found = pool_subgroups(effects, bands)
    assert len(found.names) == 3
    for name, pooled in zip(found.names, found.pooled, strict=True):
        own = recorded(f"{measure} {name}")
        assert pooled.studies == own["studies"]
        assert pooled.value == pytest.approx(own["value"], rel=1e-6)
        assert pooled.error == pytest.approx(own["error"], rel=1e-6)
        assert pooled.heterogeneity.tau2 == pytest.approx(own["tau2"], rel=1e-6, abs=1e-9)
    between = recorded(f"{measure} between")
    assert found.q == pytest.approx(between["q"], rel=1e-6)
    assert found.degrees == between["degrees"]
    assert found.p == pytest.approx(between["p"], rel=1e-6)
