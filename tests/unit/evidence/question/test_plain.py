import json

from tests.unit.evidence.question.records import ask, record

from stromal.evidence.question.answer import answer_question
from stromal.evidence.question.plain import describe_answers


def test_answers_are_json_with_the_law_of_a_new_study():
    library = record({"study": "A", "events": 4}, {"study": "B", "events": 8})
    found = describe_answers([answer_question(library, *ask({"day": None}))])
    again = json.loads(json.dumps(found, allow_nan=False))
    assert again[0]["name"] == "response"
    new = again[0]["new_study"]
    assert new["low"] < new["value"] < new["high"]
    assert new["size"] > 0
    assert [step["name" if "name" in step else "step"] for step in again[0]["flow"]][-1] == "pooled"
    assert "question" not in again[0]["studies"][0]


def test_each_answer_has_its_own_rows():
    library = record({"study": "A"}, {"study": "B", "outcome": "relapse"})
    both = [ask(), ask({"name": "other", "outcomes": ("relapse",)})]
    found = describe_answers([answer_question(library, *one) for one in both])
    assert [one["studies"][0]["study"] for one in found] == ["A", "B"]


def test_no_prediction_says_why():
    library = record({"study": "A", "indication": "itp"})
    found = describe_answers([answer_question(library, *ask())])[0]
    assert found["new_study"] is None
    assert found["new_study_reason"]
