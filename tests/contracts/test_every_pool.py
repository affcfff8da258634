"""Manners of every estimator that pools published results."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stromal.evidence.pool
from stromal.evidence.pool.bayes import pool_bayesian
from stromal.evidence.pool.binomial import pool_binomial
from stromal.evidence.pool.counts import pool_mantel_haenszel, pool_peto
from stromal.evidence.pool.effects import (
    Effects,
    differences_of_medians,
    double_arcsine_proportions,
    log_odds_ratios,
    log_risk_ratios,
    logit_proportions,
    risk_differences,
)
from stromal.evidence.pool.hazards import (
    hazards_of_counts,
    hazards_of_intervals,
    hazards_of_tests,
)
from stromal.evidence.pool.influence import leave_one_out, measure_influence, pool_cumulatively
from stromal.evidence.pool.inverse_variance import pool_effects, regress_effects
from stromal.evidence.pool.joined import join_studies
from stromal.evidence.pool.predictive import predict_study
from stromal.evidence.pool.small_studies import assess_asymmetry, trim_and_fill
from stromal.evidence.pool.subgroups import pool_subgroups
from stromal.sources import read_sources

NOTHING = Effects(np.array([]), np.array([]), "difference")


def posterior(effects):
    return pool_bayesian(effects, scale=0.5)


def numbers_of(law):
    return law.mean.mean, law.mean.error, *law.interval, *law.prediction


def pooled(found):
    return found.value, found.low, found.high, found.error, found.p


def of_halves(effects):
    """Groups by the sign of the effect, which no order of the studies changes."""
    names = ["high" if value > 0 else "low" for value in effects.values]
    found = pool_subgroups(effects, names)
    return found.q, found.p


OF_EFFECTS = {
    "common": lambda effects: pooled(pool_effects(effects, "common")),
    "REML": lambda effects: pooled(pool_effects(effects)),
    "DL": lambda effects: pooled(pool_effects(effects, tau2="DL", interval="wald")),
    "PM": lambda effects: pooled(pool_effects(effects, tau2="PM")),
    "asymmetry": lambda effects: (assess_asymmetry(effects).slope, assess_asymmetry(effects).p),
    "filled": lambda effects: pooled(trim_and_fill(effects).pooled),
    "bayes": lambda effects: numbers_of(posterior(effects)),
    "subgroups": of_halves,
    "predicted": lambda effects: (predict_study(posterior(effects)).mean,),
}
"""Estimators of effects, each to numbers that are of all studies together."""

OF_COUNTS = {
    "binomial": lambda a, n, _c, _m: pool_binomial(a, n),
    "Mantel-Haenszel risk ratio": pool_mantel_haenszel,
    "Mantel-Haenszel odds ratio": lambda *table: pool_mantel_haenszel(*table, ratio="odds ratio"),
    "Mantel-Haenszel difference": lambda *table: pool_mantel_haenszel(
        *table, ratio="risk difference"
    ),
    "Peto": pool_peto,
    "joined": lambda a, n, c, m: join_studies(
        logit_proportions(a, n, 0.5),
        logit_proportions(c, m, 0.5),
        logit_proportions(c, m, 0.5),
        bias=0.5,
    ),
}
"""Estimators of counts: events and patients of the group and of the reference."""

OF_STUDIES = {
    log_risk_ratios,
    log_odds_ratios,
    risk_differences,
    logit_proportions,
    double_arcsine_proportions,
    differences_of_medians,
    hazards_of_intervals,
    hazards_of_counts,
    hazards_of_tests,
    leave_one_out,
    measure_influence,
    pool_cumulatively,
    regress_effects,
}
"""Estimators that give a number for each study, or for each moderator; tested by themselves."""

PARTS = {
    "as_wald",
    "describe_heterogeneity",
    "estimate_tau2",
    "fit_weighted",
    "log_likelihood",
    "share_of_double_arcsine",
}
"""Steps of the estimators above."""

EFFECTS = st.lists(st.tuples(st.floats(-3, 3), st.floats(0.02, 2)), min_size=1, max_size=8)
STUDY = st.tuples(st.integers(1, 30), st.integers(1, 30)).flatmap(
    lambda size: st.tuples(
        st.integers(0, size[0]), st.just(size[0]), st.integers(0, size[1]), st.just(size[1])
    )
)
STUDIES = st.lists(STUDY, min_size=1, max_size=5)

few = settings(max_examples=8, deadline=None)
every_effect = pytest.mark.parametrize("name", OF_EFFECTS)
every_count = pytest.mark.parametrize("name", OF_COUNTS)


def effects_of(rows):
    values, variances = np.array(rows, float).reshape(-1, 2).T
    return Effects(values, variances, "difference")


def columns(rows):
    return np.array(rows, float).reshape(-1, 4).T


def like(numbers):
    """Numbers to be compared to rounding, absent ones as such."""
    return [None if one is None else pytest.approx(one, rel=1e-6, abs=1e-7) for one in numbers]


def test_every_estimator_is_here():
    found = set()
    for module in pkgutil.iter_modules(stromal.evidence.pool.__path__):
        held = importlib.import_module(f"stromal.evidence.pool.{module.name}")
        found |= {
            name
            for name, value in inspect.getmembers(held, inspect.isfunction)
            if value.__module__ == held.__name__ and not name.startswith("_")
        }
    ours = {
        pool_effects, assess_asymmetry, trim_and_fill, pool_subgroups, pool_bayesian, predict_study,
        pool_binomial, pool_mantel_haenszel, pool_peto, join_studies, *OF_STUDIES,
    }  # fmt: skip
    assert found - PARTS == {estimator.__name__ for estimator in ours}


@every_effect
@few
@given(rows=EFFECTS, random=st.randoms(use_true_random=False))
def test_the_order_of_effects_changes_nothing(name, rows, random):
    shuffled = random.sample(rows, len(rows))
    one, other = (OF_EFFECTS[name](effects_of(each)) for each in (rows, shuffled))
    assert list(other) == like(one)


@every_effect
@few
@given(rows=EFFECTS)
def test_studies_without_an_effect_drop_out(name, rows):
    more = [(np.nan, 0.1), *rows, (0.3, np.nan), (0.3, 0.0)]
    assert list(OF_EFFECTS[name](effects_of(more))) == like(OF_EFFECTS[name](effects_of(rows)))


@pytest.mark.parametrize("name", ["common", "REML", "DL", "PM"])
@few
@given(rows=EFFECTS, unit=st.sampled_from([1 / 30.4375, 7.0, 1000.0]))
def test_the_unit_changes_numbers_by_its_size(name, rows, unit):
    value, low, high, error, p = OF_EFFECTS[name](effects_of(rows))
    scaled = [(one * unit, variance * unit**2) for one, variance in rows]
    told = OF_EFFECTS[name](effects_of(scaled))
    assert told[:4] == pytest.approx(
        (value * unit, low * unit, high * unit, error * unit), rel=1e-6, abs=1e-7 * unit
    )
    assert told[4] == pytest.approx(p, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("model", ["common", "random"])
@pytest.mark.parametrize("tau2", ["REML", "DL", "PM"])
def test_equal_effects_have_an_interval_with_its_reason(model, tau2):
    found = pool_effects(Effects(np.full(4, 0.5), np.full(4, 0.2), "difference"), model, tau2=tau2)
    assert found.low < found.value < found.high
    assert found.heterogeneity.tau2 == 0
    assert bool(found.reasons) == (model == "random")


@pytest.mark.parametrize("model", ["common", "random"])
@pytest.mark.parametrize(
    "effects",
    [NOTHING, effects_of([(0.5, 0.0), (0.5, 0.0)]), effects_of([(np.nan, np.nan)])],
    ids=["nothing", "no variance", "no effect"],
)
def test_what_has_no_weight_is_not_estimable_by_name(effects, model):
    found = pool_effects(effects, model)
    assert (found.value, found.low, found.high, found.studies) == (None, None, None, 0)
    assert found.reasons
    with pytest.raises(ValueError, match="no study"):
        pool_bayesian(effects, scale=0.5)
    assert assess_asymmetry(effects).reason
    assert trim_and_fill(effects).missing == 0


def test_one_study_says_that_it_is_one():
    found = pool_effects(effects_of([(0.5, 0.2)]))
    assert (found.value, found.prediction) == (0.5, None)
    assert "one study" in found.reasons[0]


@every_count
@few
@given(rows=STUDIES, random=st.randoms(use_true_random=False))
def test_the_order_of_tables_changes_nothing(name, rows, random):
    shuffled = random.sample(rows, len(rows))
    one, other = (OF_COUNTS[name](*columns(each)) for each in (rows, shuffled))
    assert (one.value is None) == (other.value is None)
    assert one.reason == other.reason
    if one.value is not None:
        # a maximum that is searched for is known less well than a sum
        slack = {"joined": 1e-3, "binomial": 1e-7}.get(name, 1e-9)
        assert other.value == pytest.approx(one.value, rel=slack, abs=slack)


@every_count
@pytest.mark.parametrize(
    "rows",
    [
        [(0, 10, 0, 12)],
        [(0, 10, 0, 12), (0, 20, 0, 20), (0, 5, 0, 9)],
        [(10, 10, 12, 12), (20, 20, 20, 20)],
    ],
    ids=["one study", "no events", "events alone"],
)
def test_empty_cells_are_not_estimable_by_name(name, rows):
    found = OF_COUNTS[name](*columns(rows))
    if name == "joined" and len(rows) > 1:
        assert found.low < found.high  # its log odds are corrected by who asks
        return
    assert (found.low, found.high) == (None, None)
    assert found.reason


@every_count
@pytest.mark.parametrize("cell", [np.nan, -1.0, 11.0], ids=["null", "negative", "too many"])
def test_counts_that_are_none_are_refused(name, cell):
    with pytest.raises(ValueError, match="between 0 and"):
        OF_COUNTS[name](*columns([(3, 10, 2, 10), (cell, 10, 2, 10), (4, 9, 1, 9)]))


@pytest.mark.parametrize(
    "effects", [log_risk_ratios, log_odds_ratios, risk_differences], ids=lambda one: one.__name__
)
@few
@given(rows=STUDIES)
def test_groups_that_change_places_change_the_sign(effects, rows):
    a, n, c, m = columns(rows)
    one, other = effects(a, n, c, m), effects(c, m, a, n)
    assert (one.known == other.known).all()
    assert one.values[one.known] == pytest.approx(-other.values[one.known], abs=1e-12)
    assert one.variances[one.known] == pytest.approx(other.variances[one.known])
    # Whoever has no effect says why.
    assert {place for place, _ in one.reasons} >= set(np.flatnonzero(np.isnan(one.values)).tolist())


def test_names_of_moderators_are_names_alone():
    rows = effects_of([(0.1, 0.2), (0.5, 0.1), (0.9, 0.3), (1.0, 0.2)])
    dose = np.array([[1.0], [2.0], [4.0], [3.0]])
    one, other = (regress_effects(rows, dose, [name]) for name in ("dose", "a name, with a comma"))
    assert (one.values == other.values).all()
    assert other.names == ("intercept", "a name, with a comma")


@few
@given(rows=EFFECTS, random=st.randoms(use_true_random=False))
def test_numbers_of_studies_follow_their_studies(rows, random):
    places = random.sample(range(len(rows)), len(rows))
    shuffled = effects_of([rows[place] for place in places])
    one, other = leave_one_out(effects_of(rows)), leave_one_out(shuffled)
    assert [found.value for found in other] == like([one[place].value for place in places])
    residuals = measure_influence(effects_of(rows)).residuals[places]
    assert measure_influence(shuffled).residuals == pytest.approx(
        residuals, rel=1e-5, abs=1e-6, nan_ok=True
    )
    last = pool_cumulatively(effects_of(rows), places)[-1]
    assert last.value == pytest.approx(pool_effects(effects_of(rows)).value, rel=1e-6, abs=1e-7)


RECORDS = [
    pool_effects(effects_of([(0.1, 0.2), (0.5, 0.1)])),
    pool_effects(NOTHING),
    posterior(effects_of([(0.1, 0.2), (0.5, 0.1)])),
    predict_study(posterior(effects_of([(0.1, 0.2), (0.5, 0.1)]))),
    assess_asymmetry(NOTHING),
    pool_subgroups(NOTHING, []),
    *(estimator(*columns([(3, 10, 2, 10), (4, 9, 1, 9)])) for estimator in OF_COUNTS.values()),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_is_frozen_and_says_how_it_was_made(record):
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(record, dataclasses.fields(record)[0].name, None)
    assert record.method
    assert set(record.sources) <= set(read_sources())
