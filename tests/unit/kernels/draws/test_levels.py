"""What patients of one number of a level share, and what is said of numbers that do not fit."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats
from scipy.special import logit

from stromal.errors import InvalidInput
from stromal.kernels.draws import (
    Beta,
    By,
    Levels,
    LogitNormal,
    LogNormal,
    Normal,
    Population,
    Truncated,
    draw_parameters,
)
from stromal.kernels.draws.levels import find_levels, read_members

LOTS = np.arange(400) // 4
NESTED = {"k": Levels(LogNormal(2.0, 0.3), {"lot": 0.4, "study": 0.2})}


def draw(distributions, levels, first=0, count=400, seed=3):
    return draw_parameters(seed, first, count, distributions, levels=levels)


def test_all_of_a_lot_are_alike():
    drawn = draw({"k": By("lot", Beta(2.0, 3.0))}, {"lot": LOTS})["k"].reshape(100, 4)
    assert (drawn == drawn[:, :1]).all()
    assert len(set(drawn[:, 0])) == 100
    assert stats.kstest(drawn[:, 0], stats.beta(2.0, 3.0).cdf).pvalue > 1e-3


def test_a_number_has_one_draw_whoever_has_it():
    lots = np.array([7, 3, 10**9, 3, 7])
    one = draw({"k": By("lot", LogNormal(1.0, 1.0))}, {"lot": lots}, count=5)["k"]
    assert (one[0], one[1]) == (one[4], one[3])
    function = {"lot": lambda patient: np.where(patient == 0, 10**9, 3)}
    other = draw({"k": By("lot", LogNormal(1.0, 1.0))}, function, count=2)["k"]
    assert other.tolist() == [one[2], one[1]]


@pytest.mark.parametrize("chunk", [1, 3, 64])
def test_chunks_give_the_same_patients(chunk):
    levels = {"lot": LOTS, "study": lambda patient: patient // 100}
    every = draw(NESTED, levels)["k"]
    parts = [
        draw(NESTED, levels, first, min(chunk, 400 - first))["k"] for first in range(0, 400, chunk)
    ]
    assert np.array_equal(np.concatenate(parts), every)


def test_names_of_parameters_and_levels_have_draws_of_their_own():
    levels = {"lot": LOTS, "site": LOTS}
    same = LogNormal(1.0, 1.0)
    drawn = draw({"a": By("lot", same), "b": By("lot", same), "c": same}, levels)
    other = draw({"a": By("site", same)}, levels)
    assert len({values[0] for values in (*drawn.values(), *other.values())}) == 4


@pytest.mark.parametrize(
    ("distribution", "scale"),
    [
        (Normal(1.0, 0.3), lambda x: x - 1.0),
        (LogNormal(2.0, 0.3), lambda x: np.log(x / 2.0)),
        (LogitNormal(0.2, 0.3), lambda x: logit(x) - logit(0.2)),
    ],
)
def test_deviations_add_on_the_scale(distribution, scale):
    members = 50
    lots = {"lot": np.arange(100_000) // members}
    drawn = draw({"k": Levels(distribution, {"lot": 0.4})}, lots, count=100_000)["k"]
    found = scale(drawn).reshape(-1, members)
    # Analysis of variance of 2,000 lots of 50: standard errors 0.0007 and 0.006.
    assert found.std(axis=1, ddof=1).mean() == pytest.approx(0.3, abs=0.003)
    between = np.sqrt(found.mean(axis=1).var(ddof=1) - 0.3**2 / members)
    assert between == pytest.approx(0.4, abs=0.025)
    assert stats.kstest(found[:, 0] / 0.5, "norm").pvalue > 1e-3


def test_without_deviations_patients_are_those_of_the_distribution():
    alone = draw_parameters(3, 0, 400, {"k": LogNormal(2.0, 0.3)})["k"]
    assert np.array_equal(
        draw({"k": Levels(LogNormal(2.0, 0.3), {"lot": 0})}, {"lot": LOTS})["k"], alone
    )
    quantiles = Levels(LogNormal(2.0, 0.3), {"lot": 0.4}).quantile(np.array([0.1, 0.9]))
    assert quantiles == pytest.approx(stats.lognorm(0.5, scale=2.0).ppf([0.1, 0.9]))


def test_numbers_may_be_given_in_many_ways():
    for given in ([1, 2, 2], np.array([1.0, 2.0, 2.0]), pl.Series([1, 2, 2]), (1, 2, 2, 9)):
        members = read_members("lot", given, 0, 3)
        assert members.numbers.tolist() == [1, 2]
        assert members.places.tolist() == [0, 1, 1]
    for given in (range(9), np.arange(9), pl.Series(range(9)), memoryview(np.arange(9))):
        assert read_members("lot", given, 7, 2).numbers.tolist() == [7, 8]
    assert find_levels(NESTED["k"]) == ("lot", "study")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([0, 1], "`lot` are too few: patients from 0 to 2 are drawn"),
        ([0, None, 1], "the number of patient 1 at the level `lot` is missing"),
        (pl.Series([0, 1, None]), "the number of patient 2 at the level `lot` is missing"),
        ([0, 1.5, 1], "the number of patient 1 at the level `lot` is 1.5"),
        ([0, 1, -1], "the number of patient 2 at the level `lot` is -1"),
        ([0, 1, 2.0**60], "the number of patient 2 at the level `lot` is 1.152"),
        (["a", "b", "c"], "not all of it is numbers"),
        ([True, False, True], "not all of it is numbers"),
        ([[0, 1, 2]], "`lot` have the shape (1, 3)"),
        (np.zeros((3, 1)), "`lot` have the shape (3, 1)"),
        (np.ma.array([1, 2, 3], mask=[0, 1, 0]), "patient 1 at the level `lot` is missing"),
        (None, "`lot` have the shape ()"),
        (lambda patient: patient[:2], "`lot` are 2, for 3 patients"),
        (len, "`lot` have the shape ()"),
    ],
)
def test_numbers_that_do_not_fit(given, words):
    with pytest.raises(InvalidInput) as caught:
        read_members("lot", given, 0, 3)
    (issue,) = caught.value.issues
    assert words in issue.message
    assert issue.hint


def test_numbers_are_those_of_the_patients_who_are_drawn():
    with pytest.raises(InvalidInput, match="the number of patient 8 at the level `lot` is missing"):
        read_members("lot", lambda patient: np.where(patient == 8, np.nan, 1.0), 7, 3)
    with pytest.raises(InvalidInput, match="patients from 7 to 9 are drawn"):
        read_members("lot", range(9), 7, 3)
    with pytest.raises(InvalidInput, match="up to patient 9,223,372,036,854,775,807"):
        read_members("lot", lambda patient: patient, 2**63 - 1, 1)


@pytest.mark.parametrize(
    ("distribution", "words"),
    [
        (By(None, Normal(0, 1)), ["None stands where the name of a level is meant"]),
        (By("lot", 3), ["3 is no distribution, in By"]),
        (By("lot", Normal(0, -1)), ["the sd of Normal is -1"]),
        (By("lot", By("study", Normal(0, 1))), ["By cannot be made of By"]),
        (Levels(Beta(1, 1), {"lot": 1}), ["cannot be added to Beta"]),
        (Levels(Truncated(Normal(0, 1), 0, 1), {"lot": 1}), ["cannot be added to Truncated"]),
        (Levels(Normal(0, 1), {}), ["the spreads of Levels are {}"]),
        (Levels(Normal(0, 1), 0.3), ["the spreads of Levels are 0.3"]),
        (Levels(Normal(0, -1), {"lot": -1, 3: 1}), ["the sd of", "level 'lot' is -1", "3 stands"]),
    ],
    ids=str,
)
def test_levels_that_make_no_sense(distribution, words):
    issues = distribution.check()
    for issue, word in zip(issues, words, strict=True):
        assert word in issue.message
        assert issue.hint


def test_a_level_without_numbers_is_named():
    for levels in (None, {}, {"lots": [0]}):
        with pytest.raises(InvalidInput, match="the level `lot` has no numbers") as caught:
            Population({"k": By("lot", Normal(0, 1))}, seed=1, levels=levels)
    assert caught.value.issues[0].hint == "did you mean `lots`?"
    for wrong in (Levels(Normal(0, 1), None), Levels(Normal(0, 1), {3: 1}), By(["lot"], None)):
        with pytest.raises(InvalidInput) as caught:
            Population({"k": wrong}, seed=1, levels={"lot": [0]})
        assert {issue.column for issue in caught.value.issues} == {"k"}
    with pytest.raises(InvalidInput, match="levels are 3"):
        Population({"k": By("lot", Normal(0, 1))}, seed=1, levels=3)
