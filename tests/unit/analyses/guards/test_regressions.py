from tests.unit.analyses import many

from stromal.analyses.guards.regressions import guard_events, guard_separation

FACTORS = {"estimate": "regression", "endpoints": ["infection"]}


def answers(*covariates, **keys):
    return many.answers(FACTORS | {"covariates": list(covariates)} | keys)


def test_fewer_than_ten_events_for_each_term_are_warned_of():
    (issue,) = guard_events(answers("age_years", "marker"))
    assert issue.column == "analyses[0].covariates"
    assert "`infection` (9" in issue.message


def test_enough_events_are_not_and_single_covariates_are_no_model():
    assert list(guard_events(answers("marker", models=["multivariable"]))) == []
    assert list(guard_events(answers("age_years", "marker", models=["univariable"]))) == []


def test_separation_is_warned_of_and_firth_offered():
    (issue,) = guard_separation(answers("marker", "certain", models=["univariable"]))
    assert "`certain`" in issue.message
    assert "`marker`" not in issue.message
    assert "firth" in issue.hint


def test_without_separation_or_with_firth_nothing_is_said():
    assert list(guard_separation(answers("marker", "age_years"))) == []
    assert list(guard_separation(answers("certain", models=["univariable"], penalty="firth"))) == []
