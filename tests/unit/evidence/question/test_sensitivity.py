import numpy as np
import polars as pl
import pytest

from stromal.evidence.pool.effects import Effects
from stromal.evidence.question.pooling import measure_rows, pool_rows
from stromal.evidence.question.sensitivity import (
    ALIKE,
    FEW,
    assess_sensitivity,
    find_dose,
    regress_moderators,
)

ROWS = pl.DataFrame(
    {
        "study": ["A", "B", "C", "D"],
        "year": [2001, 2005, 2010, 2020],
        "source": ["bone_marrow", "bone_marrow", "umbilical_cord", "umbilical_cord"],
        "dose_low": [None, 1e6, None, None],
        "dose_median": [1e6, None, 2e6, None],
        "dose_high": [None, 4e6, None, None],
        "status": ["use", "note", "use", "use"],
        "events": [10, 12, 20, 30],
        "total": [40, 40, 40, 40],
        "why": [None] * 4,
    },
    schema_overrides={"why": pl.String},
)


def test_notes_and_single_studies_are_left_out_in_turn():
    found = assess_sensitivity(ROWS, "proportion")
    without = pool_rows(ROWS.filter(pl.col("status") == "use"), "proportion").told
    assert found.without_notes == without
    assert [study for study, _ in found.leave_one_out] == ["A", "B", "C", "D"]
    assert all(told.studies == 3 for _, told in found.leave_one_out)


def test_nothing_to_leave_out():
    found = assess_sensitivity(ROWS.filter(pl.col("study").is_in(["A", "C"])), "proportion")
    assert found.without_notes is None
    assert found.leave_one_out == ()


def test_moderators_with_too_few_or_equal_values_say_so():
    effects = measure_rows(ROWS, "proportion")
    dose, source, year = regress_moderators(ROWS, effects, ["dose", "source", "year"])
    assert (dose.regression, dose.reason) == (None, FEW)
    assert source.regression.names == ("intercept", "umbilical_cord")
    assert year.regression.values[1] > 0
    alike = ROWS.with_columns(pl.lit("adipose").alias("source"), pl.lit(2e6).alias("dose_median"))
    reasons = [one.reason for one in regress_moderators(alike, effects, ["source", "dose"])]
    assert reasons == [ALIKE, ALIKE]


def test_a_line_is_found_again():
    doses = pl.DataFrame(
        {"dose_low": [None] * 4, "dose_median": np.exp([1.0, 2.0, 3.0, 4.0]), "dose_high": None}
    )
    effects = Effects(np.array([0.5, 1.0, 1.5, 2.0]), np.full(4, 0.1), "difference")
    found = regress_moderators(doses, effects, ["dose"])[0].regression
    assert found.values == pytest.approx([0.0, 0.5], abs=1e-12)


def test_a_dose_is_the_median_else_the_middle_of_the_logarithms():
    none = {"dose_low": None, "dose_median": None, "dose_high": None}
    assert find_dose(none) is None
    assert find_dose(none | {"dose_low": 3.0}) == 3.0
    assert find_dose(none | {"dose_low": 1.0, "dose_high": 9.0}) == 3.0
    assert find_dose({"dose_low": 1.0, "dose_median": 2.0, "dose_high": 9.0}) == 2.0
