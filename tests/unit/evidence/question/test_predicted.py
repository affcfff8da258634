import polars as pl
import pytest
from tests.unit.evidence.question.test_pooling import shares, tables

from stromal.evidence.pool.bayes import pool_bayesian
from stromal.evidence.pool.effects import logit_proportions
from stromal.evidence.pool.predictive import predict_study
from stromal.evidence.question.pooling import NO_EFFECT
from stromal.evidence.question.predicted import predict_answer


def test_it_is_the_law_of_the_pooled_studies():
    counts = ((13, 20), (2, 14), (17, 62))
    found, reason = predict_answer(shares(*counts), "proportion")
    effects = logit_proportions([x for x, _ in counts], [n for _, n in counts])
    same = predict_study(pool_bayesian(effects, scale=1.0))
    assert (found.value, found.low, found.high) == (same.value, same.low, same.high)
    assert found.size == same.size
    assert not reason


def test_a_correction_is_said():
    found, _ = predict_answer(shares((0, 12), (5, 26)), "proportion")
    assert "0.5 added to each cell of 1 study with an empty cell" in found.method
    both, _ = predict_answer(tables((0, 20, 2, 20), (3, 20, 4, 20)), "odds_ratio")
    assert "0.5 added" in both.method
    assert both.size is None


def test_one_study_says_whose_the_spread_is():
    found, _ = predict_answer(shares((8, 18)), "proportion")
    assert "the prior's alone" in found.method
    assert found.low < 8 / 18 < found.high


def test_a_small_new_study_is_wider():
    rows = shares((13, 20), (12, 34), (17, 62))
    true, _ = predict_answer(rows, "proportion")
    small, _ = predict_answer(rows, "proportion", n=10)
    assert small.low < true.low < true.high < small.high


def test_nothing_to_predict_from():
    bare = shares((1, 2)).with_columns(pl.lit("no count").alias("why"))
    assert predict_answer(bare, "proportion") == (None, NO_EFFECT)
    assert predict_answer(bare, "median") == (None, NO_EFFECT)
    with pytest.raises(ValueError, match="shares"):
        predict_answer(tables((3, 20, 4, 20)), "risk_ratio", n=10)
