import pytest
from pydantic import ValidationError

from stromal.protocol.evidence import Evidence, EvidenceQuestion


def question(**keys):
    return EvidenceQuestion.model_validate({"name": "q", "outcomes": ("a",)} | keys)


def test_days_are_a_window_or_one_day_or_none():
    assert question().window is None
    assert question(day=28.0).window == (28.0, 28.0)
    assert question(day=28.0, days=(21.0, 35.0)).window == (21.0, 35.0)


def test_what_is_printed_follows_from_the_scale_unless_it_is_named():
    assert question(scale="risk_ratio").printed == ("proportion",)
    assert question(scale="survival").printed == ("survival",)
    assert question(printed_as=("survival",)).printed == ("survival",)


def test_a_question_compares_as_the_table_says_unless_it_says_otherwise():
    table = {"population": {"indications": ("itp",)}, "comparison": "control",
             "questions": ({"name": "q", "outcomes": ("a",), "comparison": "none"},
                           {"name": "r", "outcomes": ("a",)})}  # fmt: skip
    found = Evidence.model_validate(table)
    assert [found.comparison_of(one) for one in found.questions] == ["none", "control"]


@pytest.mark.parametrize(
    "keys", [{"outcomes": ()}, {"scale": "odds"}, {"statuses": ("exclude",)}, {"days": (1.0,)}]
)
def test_what_is_no_question_is_refused(keys):
    with pytest.raises(ValidationError):
        question(**keys)


def test_a_table_has_a_question_and_an_indication():
    with pytest.raises(ValidationError):
        Evidence.model_validate({"population": {"indications": ()}, "questions": ()})
