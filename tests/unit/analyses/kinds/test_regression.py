import polars as pl
import pytest
from tests.unit.analyses import many

from stromal.analyses.bind import bind_analyses
from stromal.estimates.cox import fit_cox
from stromal.estimates.logistic import fit_logistic

FACTORS = {
    "estimate": "regression",
    "endpoints": ["infection"],
    "covariates": ["age_years", "marker"],
}


def rows(**keys):
    (found,) = many.answers(FACTORS | keys)
    return found.estimates


def test_each_covariate_stands_alone_and_with_the_others():
    ratios = rows().filter(statistic="odds ratio")
    assert ratios.select("label", "by", "term", "reference").rows() == [
        ("univariable", "age_years", "age_years", None),
        ("univariable", "marker", "yes", "no"),
        ("multivariable", "age_years", "age_years", None),
        ("multivariable", "marker", "yes", "no"),
    ]


def test_odds_ratios_are_those_of_the_estimator():
    people, outcomes = many.patients().subjects, many.outcomes().filter(endpoint="infection")
    found = fit_logistic(
        outcomes["label"] == "yes",
        people.select("age_years", "marker"),
        references={"marker": "no"},
    )
    ours = rows().filter(statistic="odds ratio", label="multivariable")
    assert ours["value"].to_list() == [effect.ratio.value for effect in found.effects]
    assert ours["low"].to_list() == [effect.ratio.low for effect in found.effects]


def test_a_time_gives_hazard_ratios():
    people, outcomes = many.patients().subjects, many.outcomes().filter(endpoint="survival")
    found = fit_cox(outcomes, people.select("marker"), 1, references={"marker": "no"})
    ours = rows(endpoints=["survival"], covariates=["marker"], models=["univariable"])
    (ratio,) = ours.filter(statistic="hazard ratio")["value"].to_list()
    assert ratio == found.effects[0].ratio.value


def test_groups_of_a_landmark_are_compared_from_it_on():
    groupings = [{"name": "known", "of": "marker", "landmark": 100.0}]
    (found,) = many.answers(
        FACTORS | {"endpoints": ["survival"], "covariates": ["known"]}, groupings=groupings
    )
    survivors = many.outcomes().filter(pl.col("endpoint") == "survival", pl.col("day") > 100)
    assert found.estimates.filter(statistic="hazard ratio")["n"].to_list() == [survivors.height]


def test_events_for_each_term_are_counted_by_the_rarer_outcome():
    (row,) = rows().filter(statistic="events per term").to_dicts()
    ill = sum(i % 3 == 0 or i % 7 == 1 for i in range(many.N))
    assert row["value"] == min(ill, many.N - ill) / 2
    assert (row["n"], row["events"]) == (many.N, ill)


def test_what_cannot_be_estimated_says_why_and_harms_no_other():
    found = rows(covariates=["certain", "nobody", "marker"], models=["univariable"])
    ratios = found.filter(statistic="odds ratio")
    assert [value is None for value in ratios["value"]] == [True, True, False]
    assert "separates those with the event" in ratios["method"][0]
    assert "not estimable" in ratios["method"][1]


def test_firth_gives_a_finite_ratio_where_groups_are_separated():
    found = rows(covariates=["certain"], models=["univariable"], penalty="firth")
    assert found.filter(statistic="odds ratio")["value"][0] > 1


@pytest.mark.parametrize(
    ("keys", "column", "message"),
    [
        ({"endpoints": ["infecton"]}, "endpoints[0]", "`infecton` is not known"),
        ({"covariates": ["agee"]}, "covariates[0]", "`agee` is not known"),
        ({"covariates": ["infection"]}, "covariates[0]", "would explain itself"),
        ({"labels": ["maybe"]}, "labels[0]", "none of the endpoints gives"),
    ],
)
def test_a_fault_is_found_with_its_key(keys, column, message):
    labels = {"infection": ("yes", "no")}
    _, issues = bind_analyses(many.protocol(FACTORS | keys), {"infection": "flag"}, labels)
    assert [issue.column for issue in issues] == [f"analyses[0].{column}"]
    assert message in issues[0].message
