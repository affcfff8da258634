"""Correlated parameters: what they are, what does not move them, and what is no correlation."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats

from stromal.errors import InvalidInput
from stromal.kernels.draws import (
    Beta,
    By,
    Categorical,
    Empirical,
    Levels,
    LogNormal,
    Normal,
    Population,
    Uniform,
    draw_parameters,
)
from stromal.kernels.draws.correlation import SLICE, read_correlation

COUNT = 40_000
THREE = {"a": LogNormal(2.0, 0.4), "b": Beta(2.0, 3.0), "c": Uniform(0.0, 1.0)}
PAIRS = {("a", "b"): 0.6, ("b", "c"): -0.5}


def draw(distributions, correlation, first=0, count=COUNT, **others):
    return draw_parameters(9, first, count, distributions, correlation=correlation, **others)


def test_marginals_stay_and_normal_scores_are_correlated():
    drawn = draw(THREE, PAIRS)
    assert stats.kstest(drawn["a"], stats.lognorm(0.4, scale=2.0).cdf).pvalue > 1e-3
    assert stats.kstest(drawn["b"], stats.beta(2.0, 3.0).cdf).pvalue > 1e-3
    assert stats.kstest(drawn["c"], "uniform").pvalue > 1e-3
    scores = np.array(
        [
            np.log(drawn["a"] / 2.0),
            stats.norm.ppf(stats.beta(2.0, 3.0).cdf(drawn["b"])),
            stats.norm.ppf(drawn["c"]),
        ]
    )
    wanted = np.array([[1.0, 0.6, 0.0], [0.6, 1.0, -0.5], [0.0, -0.5, 1.0]])
    # A correlation r of n pairs has the standard error (1 - r^2)/sqrt(n): here 0.005 at most.
    assert np.corrcoef(scores) == pytest.approx(wanted, abs=4 / np.sqrt(COUNT))
    # Spearman's rank correlation under a Gaussian copula is 6/pi asin(r/2).
    rank = stats.spearmanr(drawn["a"], drawn["b"]).statistic
    assert rank == pytest.approx(6 / np.pi * np.arcsin(0.3), abs=4 / np.sqrt(COUNT))


@pytest.mark.parametrize("chunk", [1, 7, 500])
def test_chunks_give_the_same_patients(chunk):
    every = draw(THREE, PAIRS, count=SLICE + 700)
    for first in (0, 13, SLICE - 3):
        part = draw(THREE, PAIRS, first, chunk)
        for name, values in part.items():
            assert np.array_equal(values, every[name][first : first + chunk])


def test_what_is_not_correlated_moves_nothing():
    every = draw(THREE, PAIRS, count=50)
    more = {
        "0": Normal(0, 1),
        "aa": Normal(0, 1),
        "z": Normal(0, 1),
        **dict(reversed(THREE.items())),
    }
    for correlation in (PAIRS, {**PAIRS, ("z", "aa"): 0.3, ("0", "a"): 0.0}):
        drawn = draw(more, correlation, count=50)
        assert all(np.array_equal(drawn[name], values) for name, values in every.items())
    alone = draw_parameters(9, 0, 50, {"d": Normal(0, 1), "0": Normal(0, 1)})
    assert np.array_equal(alone["0"], draw(more, PAIRS, count=50)["0"])


def test_a_new_correlation_moves_only_names_after_it():
    every = draw(THREE, PAIRS, count=50)
    drawn = draw({**THREE, "bb": Normal(0, 1)}, {**PAIRS, ("a", "bb"): 0.2}, count=50)
    assert np.array_equal(drawn["a"], every["a"])
    assert np.array_equal(drawn["b"], every["b"])
    # The first of a group is what it is alone.
    assert np.array_equal(drawn["a"], draw_parameters(9, 0, 50, {"a": THREE["a"]})["a"])


def test_perfect_correlations_are_allowed():
    same = {name: Normal(0.0, 1.0) for name in "abc"}
    drawn = draw(same, {("a", "b"): 1, ("b", "c"): -1, ("a", "c"): -1}, count=50)
    assert np.array_equal(drawn["b"], drawn["a"])
    assert np.array_equal(drawn["c"], -drawn["a"])
    half = np.sqrt(0.5)
    drawn = draw(same, {("a", "c"): half, ("b", "c"): half}, count=50)
    assert drawn["c"] == pytest.approx(half * (drawn["a"] + drawn["b"]), abs=1e-6)


def test_categories_follow():
    sex = Categorical({"female": 0.5, "male": 0.5})
    drawn = draw({"sex": sex, "weight": LogNormal(70.0, 0.2)}, [("sex", "weight", 0.8)])
    heavy = drawn["weight"] > 70.0
    # Two halves of a bivariate normal agree in 1/2 + asin(r)/pi of all.
    assert (heavy == (drawn["sex"] == "male")).mean() == pytest.approx(
        0.5 + np.arcsin(0.8) / np.pi, abs=0.012
    )


def test_lots_may_be_correlated_and_patients_within_them():
    lots = {"lot": np.arange(COUNT) // 2}
    own = {"a": By("lot", LogNormal(1, 1)), "b": By("lot", LogNormal(1, 1))}
    drawn = draw(own, {("a", "b"): 0.7}, levels=lots)
    assert np.array_equal(drawn["b"][::2], drawn["b"][1::2])
    found = np.corrcoef(np.log(drawn["a"][::2]), np.log(drawn["b"][::2]))[0, 1]
    assert found == pytest.approx(0.7, abs=0.015)
    within = {name: Levels(Normal(0, 1), {"lot": 2.0}) for name in "ab"}
    drawn = draw(within, {("a", "b"): 0.7}, levels=lots)
    first, second = (drawn[name][::2] - drawn[name][1::2] for name in "ab")
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(0.7, abs=0.015)
    assert np.corrcoef(drawn["a"], drawn["b"])[0, 1] == pytest.approx(0.7 / 5, abs=0.03)


@pytest.mark.parametrize(
    "given",
    [
        {("a", "b"): 0.6, ("c", "b"): -0.5},
        [("b", "a", 0.6), ("b", "c", -0.5), ("c", "b", -0.5), ("a", "a", 1)],
        {"a": {"b": 0.6}, "c": {"b": -0.5, "c": 1.0}},
        pl.DataFrame({"first": ["a", "b"], "second": ["b", "c"], "correlation": [0.6, -0.5]}),
        pl.DataFrame(
            {
                "": ["a", "b", "c"],
                "a": [1.0, 0.6, 0.0],
                "b": [0.6, 1.0, -0.5],
                "c": [0.0, -0.5, 1.0],
            }
        ),
    ],
)
def test_every_form_says_the_same(given):
    wanted, _ = read_correlation(PAIRS, "abc")
    blocks, issues = read_correlation(given, "abc")
    assert issues == []
    (block,) = blocks
    assert block.names == wanted[0].names == ("a", "b", "c")
    assert np.array_equal(block.factor, wanted[0].factor)
    matrix = block.factor @ block.factor.T
    assert matrix == pytest.approx(np.array([[1, 0.6, 0], [0.6, 1, -0.5], [0, -0.5, 1]]))


def test_a_factor_of_many_is_that_of_numpy():
    numbers = np.random.default_rng(1).normal(size=(20, 40))
    matrix = np.corrcoef(numbers)
    names = [f"p{row:02d}" for row in range(20)]
    table = pl.DataFrame({"name": names} | dict(zip(names, matrix, strict=True)))
    blocks, issues = read_correlation(table, names)
    assert issues == []
    assert blocks[0].factor == pytest.approx(np.linalg.cholesky(matrix), abs=1e-12)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (3, ["correlation is 3"]),
        ("ab", ["correlation is 'ab'"]),
        (np.eye(3), ["correlation is array"]),
        ({"a": 0.5}, ["'a': 0.5 is no correlation"]),
        ([("a", "b")], ["('a', 'b') is no correlation"]),
        (pl.DataFrame({"a": [1.0]}), ["the table of correlations has the columns a"]),
        ({("a", "b"): 1.2}, ["the correlation of a and b is 1.2"]),
        ({("a", "b"): None}, ["the correlation of a and b is None"]),
        ({("a", "b"): np.nan}, ["the correlation of a and b is nan"]),
        ({("a", "a"): 0.16}, ["the correlation of a and a is 0.16"]),
        ({"a": {"b": 0.5}, "b": {"a": 0.4}}, ["b and a is 0.4, and 0.5 the other way"]),
        ({("a", "kee"): 0.5}, ["correlation of `kee`, which has no distribution"]),
        ({("a", None): 0.5}, ["correlation of `None`, which has no distribution"]),
        ({("a", "b"): 2, ("b", "b"): 0, (3, "c"): 1}, ["`3`", "a and b is 2", "b and b is 0"]),
        (
            {("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): -0.9},
            ["the matrix has the eigenvalue -0.8, most of it from a, b and c"],
        ),
    ],
)
def test_what_is_no_correlation(given, words):
    blocks, issues = read_correlation(given, ["a", "b", "c", "ke"])
    assert blocks == ()
    for issue, word in zip(issues, words, strict=True):
        assert word in issue.message
        assert issue.hint


def test_what_cannot_be_correlated():
    rows = {"rows": Empirical({"x": [1.0]}), "a": Normal(0, 1)}
    with pytest.raises(InvalidInput, match="rows of an Empirical are drawn whole"):
        Population(rows, seed=1, correlation={("rows", "a"): 0.5})
    mixed = {"a": Normal(0, 1), "b": By("lot", Normal(0, 1))}
    with pytest.raises(InvalidInput, match="a for each patient, b by lot"):
        Population(mixed, seed=1, correlation={("a", "b"): 0.5}, levels={"lot": [0]})
