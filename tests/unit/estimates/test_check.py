import pytest

from stromal.errors import has_errors
from stromal.estimates.check import check_analyses
from tests.unit.estimates import example

KINDS = {"response": "response", "relapse": "time", "platelets": "value"}
LABELS = {"response": ("CR", "R", "NR"), "relapse": ()}
AGREEMENT = {"estimate": "agreement", "scale": "investigator", "item": "itp_response"}


def found(*analyses, **parts):
    issues = check_analyses(example.protocol(*analyses, **parts), KINDS, LABELS)
    return [(issue.column, issue.message) for issue in issues]


@pytest.mark.parametrize(
    ("estimate", "endpoint"),
    [
        ("proportion", "response"),
        ("survival", "relapse"),
        ("cumulative_incidence", "relapse"),
        ("median", "platelets"),
        ("median", "relapse"),
        ("median", "not_in_the_library"),
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
    assert not has_errors(check_analyses(example.protocol(analysis), KINDS, LABELS))


def test_no_group_is_called_all():
    analysis = {"estimate": "proportion", "endpoint": "response"}
    arms = {"all": {"label": "All"}}
    stage = {"stage": {"label": "stage", "type": "category", "levels": ["all", "early"]}}
    assert found(analysis | {"by": "arm"}, arms=arms) == [("arms.all", "an arm is called `all`")]
    assert found(analysis | {"by": "stage"}, covariates=stage) == [
        ("covariates.stage.levels", "a level is called `all`")
    ]
    assert found(analysis, arms=arms, covariates=stage) == []


def test_every_issue_has_a_table_and_a_hint():
    analysis = {"estimate": "survival", "endpoint": "response"}
    (issue,) = check_analyses(example.protocol(analysis), KINDS)
    assert issue.table == "protocol.toml"
    assert issue.hint == "use proportion or agreement, or an endpoint that gives a time"
