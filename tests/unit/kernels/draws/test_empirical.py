"""Rows that are given are drawn whole, as often as their weights say."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats

from stromal.errors import InvalidInput
from stromal.kernels.draws import By, Empirical, LogNormal, Population

ROWS = pl.DataFrame({"ke": [0.1, 0.2, 0.3], "kill": [1.0, 2.0, 3.0]})


def draw(empirical, count=20_000, **others):
    return Population({"posterior": empirical}, seed=5, **others)(0, count)


def test_rows_are_drawn_whole():
    drawn = draw(Empirical(ROWS))
    assert list(drawn) == ["ke", "kill"]
    assert set(zip(drawn["ke"], drawn["kill"], strict=True)) == set(ROWS.iter_rows())


@pytest.mark.parametrize("weights", [None, [2.0, 0.0, 6.0], [1, 2, 3]])
def test_rows_are_drawn_as_often_as_their_weights_say(weights):
    drawn = draw(Empirical(dict(ROWS.to_dict(as_series=False)), weights))["kill"]
    shares = np.ones(3) / 3 if weights is None else np.array(weights) / sum(weights)
    counts = np.array([(drawn == value).sum() for value in (1.0, 2.0, 3.0)])
    kept = shares > 0
    assert not counts[~kept].any()
    assert stats.chisquare(counts[kept], 20_000 * shares[kept]).pvalue > 1e-3


def test_a_row_may_be_that_of_a_level():
    levels = {"replicate": lambda patient: patient // 10}
    drawn = draw(By("replicate", Empirical(ROWS)), 40, levels=levels)
    for values in drawn.values():
        assert (values.reshape(4, 10) == values.reshape(4, 10)[:, :1]).all()
    assert len(set(drawn["ke"])) > 1


def test_the_names_are_those_of_the_columns():
    population = Population({"posterior": Empirical(ROWS), "k": LogNormal(1, 1)}, seed=1)
    assert population.names == ("ke", "kill", "k")
    with pytest.raises(InvalidInput, match="`ke` is drawn twice"):
        Population({"posterior": Empirical(ROWS), "ke": LogNormal(1, 1)}, seed=1)


@pytest.mark.parametrize(
    ("rows", "weights", "words"),
    [
        (None, None, ["Empirical is of None"]),
        ({}, None, ["Empirical is of {}"]),
        ({1: [1.0]}, None, ["1 stands where the name of a parameter is meant"]),
        ({"a": []}, None, ["`a` of Empirical has the shape (0,)"]),
        ({"a": 3.0}, None, ["`a` of Empirical has the shape ()"]),
        ({"a": [1.0, None]}, None, ["`a` of Empirical is nan in row 1"]),
        ({"a": ["x"]}, None, ["`a`: not all of it is numbers"]),
        ({"a": [1.0, 2.0], "b": [1.0]}, None, ["different lengths: `a` 2, `b` 1"]),
        ({"a": [1.0, 2.0]}, [1.0], ["different lengths: `a` 2, weights 1"]),
        ({"a": [1.0, 2.0]}, [1.0, -1.0], ["one of the weights of Empirical is -1"]),
        ({"a": [1.0, 2.0]}, [0.0, 0.0], ["the weights of Empirical sum to 0"]),
        ({"a": [1.0, np.inf], "b": "x"}, ["x"], ["`a` of", "`b`: not all", "weights: not all"]),
    ],
)
def test_rows_that_make_no_sense(rows, weights, words):
    issues = Empirical(rows, weights).check()
    for issue, word in zip(issues, words, strict=True):
        assert word in issue.message
        assert issue.hint
