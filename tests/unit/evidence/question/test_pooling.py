import numpy as np
import polars as pl
import pytest
from scipy.special import expit, logit

from stromal.evidence.question.pooling import (
    NARROW,
    NO_EFFECT,
    NO_STUDY,
    ONE,
    estimate_row,
    measure_rows,
    pool_rows,
    tell_rows,
)


def shares(*counts):
    rows = {"events": [x for x, _ in counts], "total": [n for _, n in counts]}
    return pl.DataFrame(rows | {"why": [None] * len(counts)}, schema_overrides={"why": pl.String})


def tables(*counts):
    names = ("events", "total", "reference_events", "reference_total")
    rows = pl.DataFrame([dict(zip(names, four, strict=True)) for four in counts])
    return rows.with_columns(pl.lit(None, pl.String).alias("why"))


def test_shares_that_differ_are_told_by_random_effects():
    found = pool_rows(shares((13, 20), (2, 14), (17, 62), (6, 41)), "proportion")
    assert found.told.model == "random effects"
    assert found.told.value == pytest.approx(expit(found.random.value))
    assert (found.told.studies, found.told.patients, found.told.events) == (4, 137, 38)
    assert found.told.prediction[0] < found.told.low < found.told.high < found.told.prediction[1]


def test_agreement_by_chance_does_not_narrow_the_interval():
    found = pool_rows(shares((13, 46), (12, 41)), "proportion")
    assert found.told.reason == NARROW
    common = found.common.shown()
    assert (found.told.low, found.told.high) == pytest.approx(common[1:])


def test_equal_shares_of_two_studies_are_not_called_wide():
    told = pool_rows(shares((5, 10), (5, 10)), "proportion").told
    assert "all effects are equal" in told.reason
    assert "two studies" not in told.reason


@pytest.mark.parametrize(
    ("rows", "scale"),
    [
        (shares((13, 20), (2, 14), (17, 62)), "proportion"),
        (shares((13, 46), (12, 41)), "proportion"),
        (shares((0, 12), (5, 26)), "proportion"),
        (shares((8, 18)), "proportion"),
        (tables((4, 40, 11, 39), (6, 30, 9, 31), (2, 12, 8, 20)), "risk_ratio"),
        (tables((4, 40, 11, 39), (0, 30, 9, 31)), "odds_ratio"),
    ],
)
def test_what_is_told_alone_is_what_all_models_tell(rows, scale):
    assert tell_rows(rows, scale) == pool_rows(rows, scale).told


def test_empty_cells_are_told_by_the_counts_and_nothing_is_added():
    found = pool_rows(shares((0, 12), (5, 26), (3, 20)), "proportion")
    assert found.random.studies == 2
    assert (found.told.model, found.told.studies) == ("counts", 3)
    assert found.told.value == found.binomial.value


def test_empty_cells_of_comparisons_are_told_by_mantel_and_haenszel():
    found = pool_rows(tables((0, 20, 2, 20), (4, 123, 11, 139)), "risk_ratio")
    assert found.told.model == "counts"
    assert found.told.value == pytest.approx(np.exp(found.counted.value))


def test_one_study_is_shown_with_its_own_interval():
    found = pool_rows(shares((8, 18)), "proportion").told
    assert (found.value, found.model, found.reason) == (8 / 18, "one study", ONE)
    assert found.prediction is None


@pytest.mark.parametrize("counts", [((0, 9), (0, 14)), ((9, 9), (14, 14))])
def test_nobody_or_everybody_is_not_estimable(counts):
    told = pool_rows(shares(*counts), "proportion").told
    assert told.value is None
    assert "not estimable" in told.reason
    assert told.studies == 2


def test_no_study_and_no_counts_are_told_apart():
    assert pool_rows(shares(), "proportion").told.reason == NO_STUDY
    bare = shares((1, 2)).with_columns(pl.lit("no count").alias("why"))
    assert pool_rows(bare, "proportion").told.reason == NO_EFFECT
    assert pool_rows(bare, "median").told.reason == NO_EFFECT


def test_effects_keep_the_places_of_their_rows():
    rows = shares((1, 4), (0, 9), (3, 6)).with_columns(pl.Series("why", ["x", None, None]))
    found = measure_rows(rows, "proportion")
    assert np.isnan(found.values[:2]).all()
    assert found.values[2] == logit(0.5)
    assert [place for place, _ in found.reasons] == [0, 1]


@pytest.mark.parametrize(
    ("scale", "value"), [("risk_ratio", 2.0), ("odds_ratio", 8 / 3), ("risk_difference", 0.2)]
)
def test_one_comparison_on_each_scale(scale, value):
    row = {"events": 8, "total": 20, "reference_events": 4, "reference_total": 20}
    found = estimate_row(row, scale)
    assert found.value == pytest.approx(value)
    assert found.low < value < found.high
    assert pool_rows(tables((8, 20, 4, 20)), scale).told.value == pytest.approx(value)
