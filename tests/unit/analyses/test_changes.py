import polars as pl
import pytest

from stromal.analyses.bind import bind_analyses
from stromal.analyses.changes import read_changes
from stromal.analyses.render import render_findings
from stromal.estimates.counting_process import split_times
from stromal.estimates.cox import fit_cox
from stromal.estimates.regression import IDLE, INFINITE
from stromal.tables.outcomes import OUTCOMES
from tests.unit.analyses import many

ENDPOINTS = [{"name": name, "rule": "x"} for name in ("infection", "survival", "gvhd")]
FACTORS = {
    "estimate": "regression",
    "endpoints": ["survival"],
    "covariates": ["age_years"],
    "time_dependent": ["gvhd"],
}


def outcomes():
    """GVHD of every other patient, early or late; a competing event, and one whose end is open."""
    gvhd = [
        {"subject": str(i), "endpoint": "gvhd", "kind": "time", "day": 10.0 + 3 * i,
         "status": 1 if i % 2 else 2 if i % 4 == 0 else 0, "origin": "observed", "reason": "r"}
        for i in range(many.N)
    ]  # fmt: skip
    return pl.concat([many.outcomes(), OUTCOMES.conform(pl.DataFrame(gvhd))])


def answer(**keys):
    (found,) = many.answers(FACTORS | keys, frame=outcomes(), endpoints=ENDPOINTS)
    return found


def test_a_competing_event_is_never_and_the_end_of_follow_up_is_not_known():
    setting = many.setting(frame=outcomes(), endpoints=ENDPOINTS)
    found = read_changes(setting, pl.Series("subject", ["0", "1", "2", "x"]), ["gvhd"])
    assert found.on["gvhd"].to_list() == [None, 13.0, None, None]
    assert found.ends["gvhd"].to_list() == [None, None, 16.0, 0.0]


def test_ratios_are_those_of_the_estimator_on_intervals_and_count_patients():
    rows = answer().estimates.filter(statistic="hazard ratio", label="multivariable")
    frame = outcomes()
    survival = frame.filter(endpoint="survival")
    setting = many.setting(frame=frame, endpoints=ENDPOINTS)
    changes = read_changes(setting, many.patients().subjects["subject"], ["gvhd"])
    ends = changes.ends.with_columns(
        pl.when(pl.col("gvhd") < survival["day"]).then(pl.col("gvhd")).alias("gvhd")
    )
    split = split_times(survival, changes.on, ends)
    age = many.patients().subjects["age_years"].gather(split.row)
    expected = fit_cox(split.outcomes, pl.DataFrame([age, split.covariates["gvhd"]]), 1)
    assert rows["value"].to_list() == [effect.ratio.value for effect in expected.effects]
    assert rows["term"].to_list() == ["age_years", "yes"]
    assert set(rows["n"]) == {many.N}
    assert rows["method"].str.contains("covariates that change with time").all()


def test_alone_it_is_estimated_without_the_others():
    rows = answer(models=["univariable"]).estimates.filter(statistic="hazard ratio")
    assert rows["by"].to_list() == ["age_years", "gvhd"]


def test_nobody_must_live_to_have_it():
    """All who live on day 20 have it then: taken as known on day 0, it would separate them."""
    days = pl.Series([float(day) for day in range(1, 41)])
    frame = pl.DataFrame({"day": days, "status": 1})
    came = pl.DataFrame({"x": [20.0 if day > 20 else None for day in days]})
    naive = fit_cox(frame, came.select(pl.col("x").is_not_null()))
    split = split_times(frame, came)
    found = fit_cox(split.outcomes, split.covariates)
    assert naive.effects[0].reason == INFINITE
    assert found.effects[0].reason == IDLE


def test_the_term_is_named_with_its_time():
    (shown,) = render_findings([answer()])
    assert any("once it has come" in line[0].text for line in shown.table.rows)


@pytest.mark.parametrize(
    ("keys", "column", "what"),
    [
        ({"time_dependent": ["infection"]}, "time_dependent[0]", "has no day on which it comes"),
        ({"endpoints": ["infection"]}, "time_dependent", "no time that could be cut"),
        ({"time_dependent": ["survival"]}, "time_dependent[0]", "would explain itself"),
        ({"time_dependent": ["gvdh"]}, "time_dependent[0]", "is not known here"),
        ({"covariates": [], "time_dependent": []}, "covariates", "no covariate is named"),
    ],
)
def test_wrong_keys_are_issues(keys, column, what):
    protocol = many.protocol(FACTORS | keys, endpoints=ENDPOINTS)
    kinds = {"infection": "flag", "survival": "time", "gvhd": "time"}
    (issue,) = bind_analyses(protocol, kinds)[1]
    assert issue.column == f"analyses[0].{column}"
    assert what in issue.message
