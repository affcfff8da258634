from copy import deepcopy

import pytest

from stromal.protocol.check_evidence import check_evidence, target_of
from stromal.protocol.protocol import Protocol
from stromal.toml.read import with_tuples

BASE = {
    "format": 2,
    "study": {"name": "s", "title": "t", "day_zero": "first_msc_dose"},
    "population": {"description": "d"},
    "arms": {"a": {"label": "A"}},
    "endpoints": [{"name": "response", "rule": "acute_gvhd_response"}],
    "analyses": [{"name": "best", "estimate": "proportion", "endpoint": "response"}],
    "evidence": {
        "population": {"indications": ["itp"]},
        "questions": [{"name": "q", "analysis": "best", "outcomes": ["overall_response"]}],
    },
}


def protocol(*questions, **evidence):
    data = deepcopy(BASE)
    own = data["evidence"]["questions"][0]
    data["evidence"]["questions"] = [own | question for question in questions or ({},)]
    data["evidence"] |= evidence
    return Protocol.model_validate(with_tuples(data), strict=True)


def columns(*questions, **evidence):
    return [issue.column for issue in check_evidence(protocol(*questions, **evidence))]


def test_a_good_table_has_no_issue():
    assert columns() == []
    assert columns({"analysis": None, "endpoint": "response"}) == []


@pytest.mark.parametrize(
    ("question", "column"),
    [
        ({"analysis": "bst"}, "analysis"),
        ({"endpoint": "relapse"}, "endpoint"),
        ({"analysis": None}, None),
        ({"days": [35.0, 21.0]}, "days"),
        ({"day": 10.0, "days": [21.0, 35.0]}, "day"),
        ({"scale": "risk_ratio"}, "scale"),
        ({"comparison": "control"}, "comparison"),
    ],
)
def test_each_fault_is_found_at_its_key(question, column):
    place = "evidence.questions[0]"
    found = columns(question)
    assert found[0] == (place if column is None else f"{place}.{column}")


def test_an_endpoint_that_is_not_of_the_analysis():
    data = deepcopy(BASE)
    data["endpoints"].append({"name": "alive", "rule": "vital_status"})
    data["evidence"]["questions"][0]["endpoint"] = "alive"
    found = list(check_evidence(Protocol.model_validate(with_tuples(data), strict=True)))
    assert [issue.column for issue in found] == ["evidence.questions[0].endpoint"]


def test_questions_are_told_apart():
    assert columns({}, {}) == ["evidence.questions[1].name", "evidence.questions[1]"]
    assert columns({}, {"name": "r", "day": 28.0}) == []
    assert columns({}, {"name": "r", "category": "CR"}) == []


def test_a_study_is_left_out_once():
    twice = [{"study": "A", "reason": "x"}] * 2
    assert columns(exclude=twice) == ["evidence.exclude[1].study"]


def test_the_target_is_the_analysis_and_its_endpoint():
    own = protocol({}, {"name": "r", "analysis": None, "endpoint": "response"})
    assert [target_of(own, one) for one in own.evidence.questions] == [
        ("best", "response"), ("r", "response"),
    ]  # fmt: skip
