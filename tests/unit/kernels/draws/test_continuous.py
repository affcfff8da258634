"""Quantiles, moments and constructors against scipy.stats and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, logit

from stromal.errors import InvalidInput
from stromal.kernels.draws import (
    Beta,
    Fixed,
    LogitNormal,
    LogNormal,
    Normal,
    Uniform,
    draw_parameters,
)

P = np.concatenate([[2.0**-54, 1e-9], np.linspace(0.001, 0.999, 999), [1 - 1e-9, 1 - 2.0**-53]])


@pytest.mark.parametrize(
    ("distribution", "witness"),
    [
        (Normal(-1.0, 2.0), stats.norm(-1.0, 2.0)),
        (LogNormal(2.0, 0.4), stats.lognorm(0.4, scale=2.0)),
        (Uniform(-1.0, 3.0), stats.uniform(-1.0, 4.0)),
        (Beta(2.0, 3.0), stats.beta(2.0, 3.0)),
        (Beta(0.3, 7.0), stats.beta(0.3, 7.0)),
    ],
    ids=lambda one: type(one).__name__,
)
def test_quantiles_are_those_of_scipy(distribution, witness):
    assert distribution.quantile(P) == pytest.approx(witness.ppf(P), rel=1e-9, abs=1e-300)
    values = witness.ppf(np.linspace(0.01, 0.99, 50))
    assert distribution.cumulative(values) == pytest.approx(witness.cdf(values), rel=1e-12)
    drawn = draw_parameters(11, 0, 20_000, {"k": distribution})["k"]
    assert stats.kstest(drawn, witness.cdf).pvalue > 1e-3
    error = witness.std() / np.sqrt(20_000)
    assert drawn.mean() == pytest.approx(witness.mean(), abs=4 * error)


def test_logit_normal_is_normal_on_the_logit():
    drawn = draw_parameters(11, 0, 20_000, {"f": LogitNormal(0.3, 0.8)})["f"]
    assert stats.kstest((logit(drawn) - logit(0.3)) / 0.8, "norm").pvalue > 1e-3
    wide = LogitNormal(4.0, 1.5, low=-1.0, high=5.0).quantile(P)
    assert wide == pytest.approx(-1 + 6 * expit(logit(5 / 6) + 1.5 * stats.norm.ppf(P)), rel=1e-12)


@pytest.mark.parametrize(("mean", "cv"), [(2.0, 0.5), (1e-12, 0.01), (3.0, 4.0)])
def test_log_normal_by_mean(mean, cv):
    found = LogNormal.by_mean(mean, cv)
    witness = stats.lognorm(found.log_sd, scale=found.median)
    assert witness.mean() == pytest.approx(mean, rel=1e-12)
    assert witness.std() / witness.mean() == pytest.approx(cv, rel=1e-9)
    assert LogNormal.by_mean(2, 0) == LogNormal(2.0, 0.0)


def test_beta_by_mean():
    found = Beta.by_mean(0.2, 30)
    witness = stats.beta(found.alpha, found.beta)
    assert witness.mean() == pytest.approx(0.2)
    assert witness.var() == pytest.approx(0.2 * 0.8 / 31)


def test_fixed_is_the_same_in_every_patient():
    assert draw_parameters(1, 0, 3, {"k": Fixed(2)})["k"].tolist() == [2.0, 2.0, 2.0]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: LogNormal.by_mean(-1, None), ["the mean of LogNormal", "the cv of LogNormal"]),
        (lambda: Beta.by_mean(1.0, 0), ["the mean of Beta is 1.0", "the n of Beta is 0"]),
        (lambda: Beta.by_mean(None, 4), ["the mean of Beta is None"]),
    ],
)
def test_means_that_make_no_sense(make, words):
    with pytest.raises(InvalidInput) as caught:
        make()
    for issue, word in zip(caught.value.issues, words, strict=True):
        assert word in issue.message
        assert issue.hint


@pytest.mark.parametrize(
    ("distribution", "words"),
    [
        (Fixed(None), ["the value of Fixed is None"]),
        (Normal(None, -1), ["the mean of Normal is None", "the sd of Normal is -1"]),
        (Normal(np.nan, 1), ["the mean of Normal is nan"]),
        (Normal(0, 1e308), ["Normal(mean=0, sd=1e+308) reaches beyond the largest number"]),
        (LogNormal(1, 100), ["LogNormal(median=1, log_sd=100) reaches beyond the largest"]),
        (Beta(0, 1), ["the alpha of Beta is 0"]),
        (Beta(-1, "x"), ["the alpha of Beta is -1", "the beta of Beta is 'x'"]),
        (LogitNormal(1.0, 0.5), ["the median of LogitNormal is 1.0, not between 0.0 and 1.0"]),
        (LogitNormal(None, None), ["logit_sd of LogitNormal is None", "median of LogitNormal is"]),
        (LogitNormal(0.5, 1, 1, 0), ["LogitNormal goes from 1 to 0"]),
        (LogitNormal(0.5, 1, 0.5, 0.5), ["the median of LogitNormal is 0.5"]),
    ],
)
def test_numbers_that_make_no_sense(distribution, words):
    issues = distribution.check()
    for issue, word in zip(issues, words, strict=True):
        assert word in issue.message
        assert issue.hint
