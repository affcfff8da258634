from tests.unit.evidence.question.records import ask, record

from stromal.errors import Severity
from stromal.evidence.question.check import check_answered, check_question_words


def columns(evidence, library):
    return {issue.column: issue for issue in check_question_words(evidence, library)}


def test_every_unknown_word_is_named_at_once():
    evidence, _ = ask(
        {"outcomes": ("overall_response", "complete_response + partial_respons"),
         "printed_as": ("proportio",), "parts": ("nobody",)},
        population={"indications": ("gvhd",), "age_groups": ("childrn",), "parts": ("nobody",)},
        intervention={"sources": ("marrow",), "donors": ("thirdparty",)},
        exclude=({"study": "Nobody", "reason": "x"},),
    )  # fmt: skip
    found = columns(evidence, record({"study": "A"}))
    assert set(found) == {
        "evidence.population.indications[0]",
        "evidence.population.age_groups[0]",
        "evidence.population.parts[0]",
        "evidence.intervention.sources[0]",
        "evidence.intervention.donors[0]",
        "evidence.questions[0].outcomes[1]",
        "evidence.questions[0].printed_as[0]",
        "evidence.questions[0].parts[0]",
        "evidence.exclude[0].study",
    }
    assert all(issue.hint and issue.table == "protocol.toml" for issue in found.values())
    assert found["evidence.population.age_groups[0]"].hint == "did you mean `children`?"
    assert "`bone_marrow`" in found["evidence.intervention.sources[0]"].hint


def test_right_words_are_passed():
    evidence, _ = ask({"parts": ("acute",)}, exclude=({"study": "A", "reason": "x"},))
    assert columns(evidence, record({"study": "A", "subgroup": "acute"})) == {}


def test_a_question_that_nobody_answers_is_a_warning_that_says_where_it_is_lost():
    evidence, _ = ask({"day": 28.0})
    found = check_answered(evidence, record({"study": "A"}, {"study": "B"}))
    assert [issue.severity for issue in found] == [Severity.WARNING]
    assert found[0].column == "evidence.questions[0]"
    assert found[0].hint == "the last 2 are lost at: outcome on that day and scale"
    assert check_answered(ask()[0], record({"study": "A"})) == ()
