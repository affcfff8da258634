import pytest
from tests.unit.analyses import many

from stromal.analyses.guards.groups import guard_groups

SURVIVAL = {"estimate": "survival", "endpoint": "survival"}


def issues(analysis, **parts):
    return list(guard_groups(many.answers(analysis, **parts)))


@pytest.mark.parametrize("by", ["late", "infection", "g"])
def test_groups_that_form_later_are_warned_of_and_a_landmark_is_offered(by):
    (issue,) = issues(SURVIVAL | {"by": by}, groupings=[{"name": "g", "of": "late"}])
    assert issue.column == "analyses[0].by"
    assert "landmark" in issue.hint
    assert "time_dependent" in issue.hint


def test_a_covariate_of_a_regression_of_times_is_warned_of_too():
    asked = {"estimate": "regression", "endpoints": ["survival"], "covariates": ["marker", "late"]}
    (issue,) = issues(asked)
    assert issue.column == "analyses[0].covariates[1]"


@pytest.mark.parametrize("by", ["marker", "arm", "g", None])
def test_groups_of_day_zero_and_of_a_landmark_are_not_questioned(by):
    grouping = {"name": "g", "of": "late", "landmark": 28.0}
    asked = SURVIVAL | ({} if by is None else {"by": by})
    assert issues(asked, groupings=[grouping]) == []


def test_an_endpoint_of_a_window_before_day_zero_is_known_on_day_zero():
    endpoints = [
        {"name": "risk", "rule": "car_hematotox",
         "parameters": {"window": {"day": -5, "before": 3, "after": 2}}},
        {"name": "survival", "rule": "overall_survival"},
    ]  # fmt: skip
    assert issues(SURVIVAL | {"by": "risk"}, endpoints=endpoints) == []


def test_shares_are_not_times():
    assert issues({"estimate": "proportion", "endpoint": "infection", "by": "late"}) == []
