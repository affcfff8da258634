import pytest

from stromal.analyses.bind import bind_analyses, read_bound
from stromal.errors import InvalidInput, has_errors
from tests.unit.analyses import example

KINDS = {"response": "response", "relapse": "time", "platelets": "value"}
LABELS = {"response": ("CR", "R", "NR"), "relapse": ()}
AGREEMENT = {"estimate": "agreement", "scale": "investigator", "item": "itp_response"}


def found(*analyses, **parts):
    issues = bind_analyses(example.protocol(*analyses, **parts), KINDS, LABELS)[1]
    return [(issue.column, issue.message) for issue in issues]


@pytest.mark.parametrize(
    ("estimate", "endpoint"),
    [
        ("proportion", "response"),
        ("survival", "relapse"),
        ("cumulative_incidence", "relapse"),
        ("median", "platelets"),
        ("median", "relapse"),
    ],
)
def test_estimates_that_fit_have_no_issues(estimate, endpoint):
    assert found({"estimate": estimate, "endpoint": endpoint}) == []


@pytest.mark.parametrize(
    ("analysis", "message"),
    [
        (
            {"estimate": "survival", "endpoint": "platelets"},
            "survival needs a time, and `platelets` gives a value",
        ),
        (
            {"estimate": "median", "endpoint": "response"},
            "median needs a value, count or time, and `response` gives a response",
        ),
        (
            AGREEMENT | {"endpoint": "relapse"},
            "agreement needs a grade, flag or response, and `relapse` gives a time",
        ),
    ],
)
def test_an_estimate_must_fit_the_kind_of_its_endpoint(analysis, message):
    assert found(analysis) == [("analyses[0].estimate", message)]


def test_combined_labels_are_labels_of_the_endpoint():
    combine = {"best": ["CR", "VGPR"], "none": [], "CR": ["CR", "R"], "twice": ["R", "R"]}
    analysis = {"estimate": "proportion", "endpoint": "response", "combine": combine}
    assert found({"estimate": "median", "endpoint": "platelets"}, analysis) == [
        ("analyses[1].combine.best", "`response` never gives the label `VGPR`"),
        ("analyses[1].combine.none", "no label is combined"),
        ("analyses[1].combine.CR", "`CR` is itself a label of `response`"),
        ("analyses[1].combine.twice", "a label is written twice; it is counted once"),
    ]


def test_a_label_written_twice_is_a_warning():
    combine = {"twice": ["R", "R"]}
    analysis = {"estimate": "proportion", "endpoint": "response", "combine": combine}
    assert not has_errors(bind_analyses(example.protocol(analysis), KINDS, LABELS)[1])


def test_a_group_may_be_called_all():
    # All patients together are no word but an empty cell, so that no name is reserved.
    analysis = {"estimate": "proportion", "endpoint": "response", "by": "arm"}
    assert found(analysis, arms={"all": {"label": "All"}}) == []


def test_every_issue_has_a_table_and_a_hint():
    analysis = {"estimate": "survival", "endpoint": "response"}
    (issue,) = bind_analyses(example.protocol(analysis), KINDS)[1]
    assert issue.table == "protocol.toml"
    assert issue.hint == (
        "use agreement, proportion or proportion_comparison, or an endpoint that gives a time"
    )


MAP = {"estimate": "stage_map", "scale": "acute_gvhd_stage", "visit": "start"}
VISITS = [{"name": "start", "day": 0}]


@pytest.mark.parametrize(
    ("analysis", "column", "message"),
    [
        ({"estimate": "surival", "endpoint": "relapse"}, "estimate", "kind of analysis `surival`"),
        ({"estimate": "survival"}, "endpoint", "no endpoint is named"),
        ({"estimate": "median"}, "endpoint", "key `endpoint` is missing"),
        ({"estimate": "survival", "endpoint": "relaps"}, "endpoint", "endpoint `relaps`"),
        ({"estimate": "survival", "endpoint": "relapse", "dyas": [1]}, "dyas", "key `dyas`"),
        ({"estimate": "median", "endpoint": "relapse", "by": "stag"}, "by", "group `stag`"),
        ({"estimate": "survival", "endpoint": "relapse", "days": (365, 100)}, "days[1]", "100 fol"),
        (AGREEMENT | {"endpoint": "response", "scale": "investigators"}, "scale", "scale `inv"),
        (AGREEMENT | {"endpoint": "response", "item": "grade"}, "item", "item `grade`"),
        ({"estimate": "trajectory", "analyte": "thrombocytes"}, "analyte", "analyte `thr"),
        (
            {"estimate": "trajectory", "analyte": "platelets", "thresholds": (50.0, 30.0)},
            "thresholds[1]",
            "30 follows 50",
        ),
        (MAP | {"visit": "begin"}, "visit", "visit `begin`"),
        (MAP | {"scale": "stages"}, "scale", "scale `stages`"),
        (MAP | {"endpoints": ("response", "grade")}, "endpoints[1]", "endpoint `grade`"),
    ],
)
def test_a_fault_is_found_with_its_key(analysis, column, message):
    ((where, said),) = found(analysis, visits=VISITS)
    assert where == f"analyses[0].{column}"
    assert said.startswith(message)


def test_a_number_makes_no_groups():
    covariates = {"wait": {"label": "waiting time", "type": "number", "unit": "day"}}
    analysis = {"estimate": "median", "endpoint": "relapse", "by": "wait"}
    assert found(analysis, covariates=covariates) == [
        ("analyses[0].by", "`wait` is a number and makes no groups")
    ]


def test_a_protocol_with_faults_is_not_bound():
    with pytest.raises(InvalidInput):
        read_bound(example.protocol({"estimate": "survival"}))


def test_unknown_keys_do_not_hide_what_the_others_say():
    analysis = {"estimate": "proportion", "endpoint": "respons", "by": "stag", "levl": 0.9}
    columns = [column for column, _ in found(analysis)]
    assert columns == ["analyses[0].levl", "analyses[0].endpoint", "analyses[0].by"]


def test_columns_of_every_study_make_groups():
    assert found({"estimate": "proportion", "endpoint": "response", "by": "sex"}) == []
