"""Truncated distributions, mixtures and categories against scipy.stats and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from stromal.kernels.draws import (
    Beta,
    By,
    Categorical,
    Distribution,
    Empirical,
    Fixed,
    LogNormal,
    Mixture,
    Normal,
    Truncated,
    Uniform,
    draw_parameters,
)

P = np.linspace(0.0005, 0.9995, 1000)


def draw(distribution, count=20_000):
    return draw_parameters(11, 0, count, {"k": distribution})["k"]


@pytest.mark.parametrize(("low", "high"), [(-1.0, 0.5), (2.0, math.inf), (-math.inf, -3.0)])
def test_truncated_normal_is_that_of_scipy(low, high):
    witness = stats.truncnorm(low, high, loc=3.0, scale=2.0)
    found = Truncated(Normal(3.0, 2.0), 3.0 + 2.0 * low, 3.0 + 2.0 * high)
    # Beyond the upper limit of 4.5 deviations, probabilities near 1 have few digits.
    assert found.quantile(P) == pytest.approx(witness.ppf(P), rel=1e-10, abs=1e-10)
    drawn = draw(found)
    assert stats.kstest(drawn, witness.cdf).pvalue > 1e-3
    assert drawn.min() >= 3.0 + 2.0 * low
    assert drawn.max() <= 3.0 + 2.0 * high


def test_the_far_tail_keeps_its_digits():
    witness = stats.truncnorm(4.0, math.inf)
    found = Truncated(Normal(0.0, 1.0), 4.0)
    assert found.quantile(P) == pytest.approx(witness.ppf(P), rel=1e-9)


def test_a_value_on_the_limit_stays():
    found = Truncated(Categorical({1: 0.2, 2: 0.3, 3: 0.5}), 2, 3)
    assert draw(found).min() == 2.0
    assert (draw(found) == 2.0).mean() == pytest.approx(0.3 / 0.8, abs=0.015)


def test_mixture_has_the_moments_of_its_parts():
    found = Mixture([(0.25, Normal(-2.0, 1.0)), (0.75, LogNormal(3.0, 0.2))])
    drawn = draw(found, 50_000)
    parts = [stats.norm(-2.0, 1.0), stats.lognorm(0.2, scale=3.0)]
    mean = 0.25 * parts[0].mean() + 0.75 * parts[1].mean()
    square = 0.25 * parts[0].moment(2) + 0.75 * parts[1].moment(2)
    sd = math.sqrt(square - mean**2)
    assert drawn.mean() == pytest.approx(mean, abs=4 * sd / math.sqrt(50_000))
    assert drawn.std() == pytest.approx(sd, rel=0.02)

    def cdf(x):
        return 0.25 * parts[0].cdf(x) + 0.75 * parts[1].cdf(x)

    assert stats.kstest(drawn, cdf).pvalue > 1e-3
    assert cdf(found.quantile(P)) == pytest.approx(P, abs=1e-13)


def test_one_part_is_that_part():
    for part in (LogNormal(2.0, 0.4), Beta(2.0, 3.0), Fixed(0.0), Uniform(-1.0, 3.0)):
        found = Mixture([(1.0, part), (0.0, Normal(50.0, 1.0))])
        assert found.quantile(P) == pytest.approx(part.quantile(P), rel=1e-12)


def test_single_values_of_a_mixture_are_exact():
    found = Mixture([(0.3, Fixed(0.1)), (0.3, Fixed(-2.5)), (0.4, Uniform(0.0, 4.0))])
    drawn = found.quantile(P)
    assert (drawn == -2.5).mean() == pytest.approx(0.3, abs=1e-3)
    assert (drawn == 0.1).mean() == pytest.approx(0.3, abs=1e-3)
    nested = Mixture([(0.5, found), (0.5, Fixed(9.0))])
    assert (nested.quantile(P) == 9.0).mean() == pytest.approx(0.5, abs=1e-3)


def test_categories_have_their_shares():
    shares = {1: 0.1, 5: 0.25, 2: 0.65}
    drawn = draw(Categorical(shares))
    counts = [(drawn == value).sum() for value in shares]
    assert stats.chisquare(counts, 20_000 * np.array(list(shares.values()))).pvalue > 1e-3
    named = draw(Categorical({"female": 0.4, "male": 0.6}))
    assert set(named) == {"female", "male"}
    assert (named == "female").mean() == pytest.approx(0.4, abs=0.015)
    assert draw(Categorical({"a": 0.0, "b": 1.0}), 100).tolist() == ["b"] * 100


class Always(Distribution):
    def quantile(self, probability):
        return 0.0 * probability + 4.0

    def __repr__(self):
        return "Always()"


@pytest.mark.parametrize(
    ("distribution", "words"),
    [
        (Truncated(Normal(0, 1), 2, 1), ["Truncated goes from 2 to 1"]),
        (Truncated(Normal(0, 1), None, 1), ["limited by None and 1"]),
        (Truncated(Normal(0, 1), math.nan, 1), ["limited by nan and 1"]),
        (Truncated(Normal(0, 1), 6), ["share of 9.9e-10 from 6 to inf"]),
        (Truncated(LogNormal(1, 1), -2, -1), ["share of 0 from -2 to -1"]),
        (Truncated(Normal(0, -1), 2, 1), ["the sd of Normal is -1", "from 2 to 1"]),
        (Truncated(None, 0, 1), ["None is no distribution, in Truncated"]),
        (Truncated(Always(), 0, 1), ["Truncated cannot be made of Always"]),
        (Truncated(Categorical({"a": 1.0}), 0, 1), ["cannot be made of Categorical"]),
        (Truncated(By("lot", Normal(0, 1)), 0, 1), ["cannot be made of By"]),
        (Mixture([(1.0, Empirical({"a": [1.0]}))]), ["cannot be made of Empirical"]),
        (Mixture([(0.5, Fixed(1)), (0.4, Fixed(2))]), ["shares of Mixture sum to 0.9"]),
        (Mixture([(-0.5, Fixed(1)), (1.5, Fixed(2))]), ["one of the shares of Mixture is -0.5"]),
        (Mixture([(None, Fixed(1))]), ["one of the shares of Mixture is None"]),
        (Mixture([(0.5, Fixed(1)), (0.4, 3)]), ["3 is no distribution", "sum to 0.9"]),
        (Mixture([]), ["Mixture has no parts"]),
        (Mixture(None), ["the parts of Mixture are None"]),
        (Mixture({0.5: Fixed(1)}), ["the parts of Mixture are"]),
        (Mixture([Fixed(1)]), ["is no part of Mixture"]),
        (Categorical({1: 0.5, 2: 0.6}), ["probabilities of Categorical sum to 1.1"]),
        (Categorical({1: -0.5, 2: 1.5}), ["one of the probabilities of Categorical is -0.5"]),
        (Categorical({1: 0.5, "a": 0.5}), ["numbers and names"]),
        (Categorical({None: 1.0}), ["None is no value of Categorical"]),
        (Categorical({math.inf: 1.0}), ["inf is no value of Categorical"]),
        (Categorical({}), ["Categorical is of {}"]),
        (Categorical(None), ["Categorical is of None"]),
        (Categorical([0.5, 0.5]), ["Categorical is of [0.5, 0.5]"]),
    ],
    ids=str,
)
def test_what_makes_no_sense(distribution, words):
    issues = distribution.check()
    for issue, word in zip(issues, words, strict=True):
        assert word in issue.message
        assert issue.hint
