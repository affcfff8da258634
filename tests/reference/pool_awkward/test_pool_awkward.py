from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from stromal.evidence.pool.counts import pool_mantel_haenszel, pool_peto
from stromal.evidence.pool.effects import Effects
from stromal.evidence.pool.inverse_variance import pool_effects
from stromal.evidence.pool.small_studies import trim_and_fill
from tests.reference.recorded import read_data, read_recorded

RECORDED = read_recorded("pool_awkward")
EFFECTS, COUNTS = read_data("meta_awkward_effects"), read_data("meta_awkward_counts")
SETS = tuple(dict.fromkeys(EFFECTS["set"]))
TABLES = tuple(dict.fromkeys(COUNTS["set"]))
INTERVALS = {"z": "wald", "knha": "knapp-hartung"}
RATIOS = {"OR": "odds ratio", "RR": "risk ratio", "RD": "risk difference"}


def recorded(case):
    rows = RECORDED.filter(case=case)
    assert rows.height, case
    return dict(zip(rows["quantity"], rows["value"], strict=True))


def effects_of(name):
    rows = EFFECTS.filter(set=name)
    return Effects(rows["value"].to_numpy(), rows["variance"].to_numpy(), "difference")


def counts_of(name):
    rows = COUNTS.filter(set=name)
    return [
        rows[column].to_numpy() for column in ("events", "n", "reference_events", "reference_n")
    ]


def close(value, rel=1e-6):
    return pytest.approx(value, rel=rel, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "method", "test"), list(product(SETS, ("DL", "REML", "PM"), INTERVALS))
)
def test_pooled_effects_are_those_of_r(name, method, test):
    found = recorded(f"{name} {method} {test}")
    pooled = pool_effects(effects_of(name), tau2=method, interval=INTERVALS[test])
    assert pooled.value == close(found["value"])
    assert pooled.error == close(found["error"])
    assert (pooled.low, pooled.high) == close((found["low"], found["high"]))
    assert pooled.p == close(found["p"])
    assert pooled.heterogeneity.tau2 == close(found["tau2"])
    assert pooled.heterogeneity.i2 == close(found["i2"])
    assert pooled.prediction == close((found["new low"], found["new high"]))


@pytest.mark.parametrize("name", SETS)
def test_intervals_of_tau2_are_those_of_r(name):
    found, spread = recorded(name), pool_effects(effects_of(name)).heterogeneity
    assert (spread.low, spread.high) == close((found["tau2 low"], found["tau2 high"]))


@pytest.mark.parametrize(
    ("name", "method"),
    [
        (name, method)
        for name, method in product(SETS, ("DL", "REML"))
        if name != "two studies" and (name, method) != ("two maxima", "REML")
    ],
)
def test_filled_funnels_are_those_of_r(name, method):
    found = recorded(f"{name} {method} filled")
    filled = trim_and_fill(effects_of(name), tau2=method, interval="wald")
    assert (filled.missing, filled.side) == (
        found["missing"],
        "right" if found["right"] else "left",
    )
    # trimfill of R does not hand the tight end of the scoring on to its own fits
    near = 1e-6 if method == "DL" else 1e-4
    assert filled.pooled.value == close(found["value"], near)
    assert filled.pooled.error == close(found["error"], near)


@pytest.mark.parametrize(("name", "measure"), list(product(TABLES, RATIOS)))
def test_mantel_and_haenszel_are_those_of_r(name, measure):
    found = recorded(f"{name} {measure}")
    pooled = pool_mantel_haenszel(*counts_of(name), ratio=RATIOS[measure])
    assert pooled.value == close(found["value"])
    assert pooled.error == close(found["error"])
    assert (pooled.low, pooled.high) == close((found["low"], found["high"]))
    assert pooled.p == close(found["p"])


@pytest.mark.parametrize("name", TABLES)
def test_peto_is_that_of_r(name):
    found, pooled = recorded(f"{name} Peto"), pool_peto(*counts_of(name))
    assert (pooled.value, pooled.error) == close((found["value"], found["error"]))
    assert pooled.q == close(found["q"])


def test_effects_in_another_unit_are_pooled_alike():
    one = effects_of("outlier")
    other = Effects(1e-6 * one.values, 1e-12 * one.variances, "difference")
    assert pool_effects(other).value == pytest.approx(1e-6 * pool_effects(one).value, rel=1e-9)
    spread, small = pool_effects(one).heterogeneity, pool_effects(other).heterogeneity
    assert np.array([small.tau2, small.low, small.high]) == pytest.approx(
        1e-12 * np.array([spread.tau2, spread.low, spread.high]), rel=1e-9
    )
