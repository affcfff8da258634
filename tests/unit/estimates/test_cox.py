import numpy as np
import polars as pl
import pytest

from stromal.estimates.cox import fit_cox
from stromal.estimates.log_rank import compare_survival
from stromal.estimates.regression import IDLE, INFINITE

RNG = np.random.default_rng(7)


def patients(n=60):
    return pl.DataFrame(
        {"day": RNG.permutation(n) + 1.0, "status": RNG.integers(0, 2, n)}
    ), pl.DataFrame({"arm": RNG.choice(["a", "b"], n), "age": RNG.normal(50, 10, n)})


def test_without_ties_the_score_test_of_groups_is_the_log_rank_test():
    outcomes, covariates = patients()
    found = fit_cox(outcomes, covariates.select("arm"))
    score = next(test for test in found.tests if test.name == "score")
    ours = compare_survival(outcomes, covariates["arm"])
    assert score.statistic == pytest.approx(ours.statistic, rel=1e-9)


def test_a_patient_in_two_rows_is_one_patient():
    outcomes, covariates = patients()
    cut = (outcomes["day"] / 2).floor()
    early = outcomes.with_columns(cut.alias("day"), pl.lit(0, pl.Int64).alias("status"))
    late = outcomes.with_columns(cut.alias("entry_day"))
    both = pl.concat([early, late], how="diagonal")
    one, other = fit_cox(outcomes, covariates), fit_cox(both, pl.concat([covariates, covariates]))
    for mine, theirs in zip(one.effects, other.effects, strict=True):
        assert mine.coefficient == pytest.approx(theirs.coefficient, rel=1e-8)


def test_the_reference_turns_the_ratio_round():
    outcomes, covariates = patients()
    one = fit_cox(outcomes, covariates).effects[0].ratio
    other = fit_cox(outcomes, covariates, references={"arm": "b"}).effects[0].ratio
    assert one.value == pytest.approx(1 / other.value)
    assert one.low == pytest.approx(1 / other.high)


def test_units_of_a_covariate_change_nothing_but_the_unit():
    outcomes, covariates = patients()
    thousand = covariates.with_columns(pl.col("age") * 1000 + 1e6)
    one, other = fit_cox(outcomes, covariates), fit_cox(outcomes, thousand)
    assert one.effects[1].coefficient == pytest.approx(
        1000 * other.effects[1].coefficient, rel=1e-6
    )
    assert one.tests[0].statistic == pytest.approx(other.tests[0].statistic, rel=1e-8)


def test_separated_groups_are_named_and_leave_the_others():
    outcomes = pl.DataFrame({"day": [1.0, 2, 3, 4, 5, 6, 7, 8], "status": [1, 1, 1, 1, 0, 0, 0, 0]})
    covariates = pl.DataFrame({"arm": list("bbbbaaaa"), "x": [1.0, 3, 2, 5, 1, 2, 3, 2]})
    arm, x = fit_cox(outcomes, covariates).effects
    assert (arm.reason, arm.ratio.value) == (INFINITE, None)
    assert x.coefficient is not None


def test_a_covariate_that_never_differs_at_risk_says_so():
    outcomes = pl.DataFrame({"day": [3.0, 9.0], "status": [1, 1], "entry_day": [0.0, 5.0]})
    (effect,) = fit_cox(outcomes, pl.DataFrame({"x": [1.0, 2.0]})).effects
    assert effect.reason == IDLE


@pytest.mark.parametrize("rows", [[], [(5.0, 0)], [(5.0, 0), (6.0, 0)]])
def test_nobody_with_the_event(rows):
    outcomes = pl.DataFrame(rows, schema={"day": pl.Float64, "status": pl.Int64}, orient="row")
    found = fit_cox(outcomes, pl.DataFrame({"x": [float(i) for i in range(len(rows))]}))
    assert found.reason == "nobody had the event"
    assert found.n == len(rows)


def test_the_level_widens_the_interval():
    outcomes, covariates = patients()
    one, other = (
        fit_cox(outcomes, covariates, level=level).effects[0].ratio for level in (0.9, 0.99)
    )
    assert other.low < one.low < one.value < one.high < other.high
