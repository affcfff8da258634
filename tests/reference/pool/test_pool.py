from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from stromal.evidence.pool.binomial import pool_binomial
from stromal.evidence.pool.counts import pool_mantel_haenszel, pool_peto
from stromal.evidence.pool.effects import (
    Effects,
    double_arcsine_proportions,
    log_odds_ratios,
    log_risk_ratios,
    logit_proportions,
    risk_differences,
    share_of_double_arcsine,
)
from stromal.evidence.pool.influence import leave_one_out, measure_influence, pool_cumulatively
from stromal.evidence.pool.inverse_variance import pool_effects, regress_effects
from stromal.evidence.pool.joined import join_studies
from stromal.evidence.pool.small_studies import assess_asymmetry, trim_and_fill
from tests.reference.recorded import read_data, read_recorded

RECORDED = read_recorded("pool")
TWO, ONE = read_data("meta_two_groups"), read_data("meta_one_group")
SETS = ("bcg", "catheters", "magnesium")
EACH = list(product(SETS, ("RR", "OR", "RD")))
INTERVALS = {"z": "wald", "knha": "knapp-hartung"}


def recorded(case):
    rows = RECORDED.filter(case=case)
    assert rows.height, case
    return dict(zip(rows["quantity"], rows["value"], strict=True))


def listed(found, prefix):
    """Numbers of the studies, in their order; nan where R has none."""
    names = [name for name in found if name.rpartition(" ")[0] == prefix]
    return [np.nan if found[name] is None else found[name] for name in names]


def table(name):
    rows = TWO.filter(set=name)
    return [rows[column] for column in ("events", "n", "reference_events", "reference_n")]


def effects_of(name, measure):
    make = {
        "RR": lambda counts: log_risk_ratios(*counts, correction=0.5),
        "OR": lambda counts: log_odds_ratios(*counts, correction=0.5),
        "RD": lambda counts: risk_differences(*counts),
    }[measure]
    effects = make(table(name))
    known = effects.known
    return Effects(effects.values[known], effects.variances[known], effects.measure, effects.scale)


def close(value, rel=1e-8, tiny=1e-9):
    return pytest.approx(value, rel=rel, abs=tiny, nan_ok=True)


@pytest.mark.parametrize(("name", "measure"), EACH)
def test_effects_and_variances_are_those_of_r(name, measure):
    found, effects = recorded(f"{name} {measure}"), effects_of(name, measure)
    assert effects.values == close(listed(found, "effect"))
    assert effects.variances == close(listed(found, "variance"))


@pytest.mark.parametrize(
    ("name", "measure", "method", "test"),
    [
        *product(SETS, ("RR", "OR", "RD"), ("DL", "REML", "PM"), INTERVALS),
        *product(SETS, ("RR", "OR", "RD"), ("EE",), ("z",)),
    ],
)
def test_pooled_effects_are_those_of_r(name, measure, method, test):
    found = recorded(f"{name} {measure} {method} {test}")
    model = {"model": "common"} if method == "EE" else {"tau2": method}
    pooled = pool_effects(effects_of(name, measure), interval=INTERVALS[test], **model)
    # REML's scoring of R ends a little before ours
    rel = 1e-6 if method in {"REML", "PM"} else 1e-8
    assert pooled.value == close(found["value"], rel)
    assert pooled.error == close(found["error"], rel)
    assert (pooled.low, pooled.high) == close((found["low"], found["high"]), rel)
    assert pooled.p == close(found["p"], rel)
    spread = pooled.heterogeneity
    assert spread.q == close(found["q"])
    assert spread.p == close(found["q p"])
    if method != "EE":
        assert spread.tau2 == close(found["tau2"], rel)
        assert spread.i2 == close(found["i2"], rel)
        assert spread.h2 == close(found["h2"], rel)
        assert pooled.prediction == close((found["new low"], found["new high"]), rel)


@pytest.mark.parametrize(("name", "measure"), EACH)
def test_intervals_of_tau2_are_those_of_r(name, measure):
    found = recorded(f"{name} {measure}")
    spread = pool_effects(effects_of(name, measure)).heterogeneity
    expected = (found["tau2 low"], found["tau2 high"])
    assert (spread.low, spread.high) == close(expected, 1e-6)


@pytest.mark.parametrize(("name", "measure"), EACH)
def test_funnels_are_those_of_r(name, measure):
    found, effects = recorded(f"{name} {measure}"), effects_of(name, measure)
    egger = assess_asymmetry(effects)
    assert egger.statistic == close(found["egger t"])
    assert egger.p == close(found["egger p"])
    assert egger.limit == close(found["egger limit"])
    for method in ("DL", "REML"):
        filled = recorded(f"{name} {measure} {method}")
        ours = trim_and_fill(effects, tau2=method, interval="wald")
        assert ours.missing == filled["filled"]
        # trimfill of R does not hand the tight end of the scoring on to its own fits
        near = {"DL": (1e-8, 1e-9), "REML": (1e-5, 5e-5)}[method]
        assert ours.pooled.value == close(filled["filled value"], *near)
        assert ours.pooled.error == close(filled["filled error"], *near)


@pytest.mark.parametrize(("name", "measure"), EACH)
def test_influence_is_that_of_r(name, measure):
    found, effects = recorded(f"{name} {measure}"), effects_of(name, measure)
    gone = leave_one_out(effects)
    assert [one.value for one in gone] == close(listed(found, "without"), 1e-6)
    spreads = [one.heterogeneity.tau2 for one in gone]
    assert spreads == close(listed(found, "without tau2"), 1e-5)
    influence = measure_influence(effects)
    for ours, prefix in (
        (influence.residuals, "rstudent"),
        (influence.dffits, "dffits"),
        (influence.cook, "cook"),
        (influence.covariance_ratio, "covariance ratio"),
        (influence.hat, "hat"),
    ):
        assert ours == close(listed(found, prefix), 1e-5), prefix
    if name == "bcg":
        years = TWO.filter(set=name)["year"]
        added = pool_cumulatively(effects, years.arg_sort().to_list())
        assert [one.value for one in added] == close(listed(found, "added"), 1e-6)


@pytest.mark.parametrize("test", INTERVALS)
def test_moderators_are_those_of_r(test):
    found, rows = recorded(f"bcg moderators {test}"), TWO.filter(set="bcg")
    moderators = rows.select("latitude", "year").cast({"latitude": float, "year": float}).to_numpy()
    ours = regress_effects(
        effects_of("bcg", "RR"), moderators, ["latitude", "year"], interval=INTERVALS[test]
    )
    assert ours.values == close(listed(found, "coefficient"), 1e-6)
    assert ours.errors == close(listed(found, "error"), 1e-6)
    assert ours.p == close(listed(found, "p"), 1e-6)
    assert ours.low == close(listed(found, "low"), 1e-6)
    assert ours.heterogeneity.tau2 == close(found["tau2"], 1e-6)
    assert ours.heterogeneity.q == close(found["q"])
    assert ours.heterogeneity.i2 == close(found["i2"], 1e-6)
    assert ours.test == close(found["test"], 1e-6)
    assert ours.test_p == close(found["test p"], 1e-6)
    assert ours.explained == close(found["explained"], 1e-6)


@pytest.mark.parametrize(
    ("name", "ratio"),
    list(product(SETS, (("OR", "odds ratio"), ("RR", "risk ratio"), ("RD", "risk difference")))),
)
def test_mantel_haenszel_is_that_of_r(name, ratio):
    found = recorded(f"{name} MH {ratio[0]}")
    ours = pool_mantel_haenszel(*table(name), ratio=ratio[1])
    assert (ours.value, ours.error) == close((found["value"], found["error"]))
    assert (ours.low, ours.high) == close((found["low"], found["high"]))


@pytest.mark.parametrize("name", SETS)
def test_peto_is_that_of_r(name):
    found, ours = recorded(f"{name} Peto"), pool_peto(*table(name))
    assert (ours.value, ours.error) == close((found["value"], found["error"]))
    assert (ours.low, ours.high) == close((found["low"], found["high"]))
    assert (ours.q, ours.q_p) == close((found["q"], found["q p"]))


def shares(name):
    rows = ONE if name == "hyperdynamic" else TWO.filter(set=name)
    return rows["events"], rows["n"]


@pytest.mark.parametrize("name", ["hyperdynamic", "bcg", "catheters"])
def test_shares_are_those_of_r(name):
    for measure, effects in (
        ("PLO", logit_proportions(*shares(name), correction=0.5)),
        ("PFT", double_arcsine_proportions(*shares(name))),
    ):
        found = recorded(f"{name} {measure}")
        assert effects.values == close(listed(found, "effect"))
        assert effects.variances == close(listed(found, "variance"))
        pooled = pool_effects(effects, interval="wald")
        assert pooled.value == close(found["value"], 1e-6)
        assert (pooled.low, pooled.high) == close((found["low"], found["high"]), 1e-6)
        if measure == "PFT":
            for bound in ("value", "low", "high"):
                share = share_of_double_arcsine(getattr(pooled, bound), effects.sizes)
                assert share == close(found[f"share {bound}"], 1e-6)


@pytest.mark.parametrize("name", ["hyperdynamic", "bcg", "catheters"])
def test_binomial_model_is_that_of_r(name):
    # lme4 stops its search some digits before ours, and has 25 points where we have 61
    found, ours = recorded(f"{name} GLMM"), pool_binomial(*shares(name))
    assert ours.log_odds == close(found["log odds"], 1e-4)
    assert ours.error == close(found["error"], 2e-3)
    assert ours.tau2 == close(found["tau2"], 1e-3)


@pytest.mark.parametrize(("kind", "bias"), [("alone", None), ("believed", 0.0), ("free", np.inf)])
def test_joined_studies_are_those_of_r(kind, bias):
    found = recorded(f"joined {kind}")
    rows = TWO.filter(set="magnesium")
    rows = rows.filter((rows["events"] > 0) & (rows["reference_events"] > 0))
    alone = logit_proportions(*(column[:5] for column in shares("bcg")))
    single = Effects(alone.values + 3, alone.variances, alone.measure, alone.scale)
    ours = join_studies(
        logit_proportions(rows["events"], rows["n"]),
        logit_proportions(rows["reference_events"], rows["reference_n"]),
        single,
        bias=bias,
    )
    expected = listed(found, "coefficient")
    values = [ours.control, ours.value, ours.bias][: len(expected)]
    assert values == close(expected, 1e-4)
    assert ours.error == close(listed(found, "error")[1], 1e-4)
    assert ours.control_spread == close(found["control spread"], 1e-3)
    assert ours.effect_spread == close(found["effect spread"], 1e-3)
