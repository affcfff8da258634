import polars as pl

from stromal.estimates.hazard_regression import ask_hazards

OUTCOMES = pl.DataFrame(
    {"day": [5.0, None, 7.0, 9.0, 4.0], "status": [1, 1, None, 2, 0], "entry_day": [0, 0, 0, 9, 0]}
)


def test_patients_who_cannot_be_used_are_counted():
    covariates = pl.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, None]})
    question = ask_hazards(OUTCOMES, covariates)
    assert (question.times.n, question.left_out, question.times.never_at_risk) == (1, 1, 1)
    assert question.values.tolist() == [[1.0]]


def test_the_event_is_one_cause_or_any():
    outcomes, covariates = OUTCOMES.drop("entry_day"), pl.DataFrame({"x": [1.0, 2, 3, 4, 5]})
    assert ask_hazards(outcomes, covariates).happened.tolist() == [1, 1, 0]
    assert ask_hazards(outcomes, covariates, 2).happened.tolist() == [0, 1, 0]


def test_strata_and_clusters_become_numbers_of_those_who_stay():
    outcomes, covariates = OUTCOMES.drop("entry_day"), pl.DataFrame({"x": [1.0, 2, 3, 4, 5]})
    strata = pl.Series(["z", "y", "x", "a", None])
    question = ask_hazards(outcomes, covariates, strata=strata, clusters=strata)
    assert (question.left_out, question.times.n) == (1, 2)
    assert question.stratum.tolist() == question.cluster.tolist() == [1, 0]
