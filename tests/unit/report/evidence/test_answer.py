from itertools import pairwise

import pytest

from stromal.evidence.library.reader import read_library
from stromal.evidence.question.answer import StudyEvidence, answer_protocol, answer_question
from stromal.protocol.evidence import Evidence
from stromal.protocol.read import read_protocol
from stromal.report.content import Facts
from stromal.report.evidence.answer import (
    describe_question,
    list_concerned,
    list_flow,
    show_answer,
    show_evidence,
)
from stromal.report.evidence.record import check_shipped
from stromal.report.evidence_page import render_evidence

TABLE = {
    "population": {"indications": ("acute_gvhd_treatment", "acute_gvhd_prophylaxis")},
    "moderators": ("dose", "year"),
    "questions": (
        {"name": "cr", "label": "Complete response", "outcomes": ("complete_response",)},
        {"name": "response_day_28", "outcomes": ("overall_response",), "day": 28.0},
        {"name": "cgvhd", "outcomes": ("chronic_gvhd",), "scale": "risk_ratio",
         "comparison": "control"},
        {"name": "relapse", "outcomes": ("relapse",), "scale": "risk_ratio",
         "comparison": "control", "printed_as": ("proportion", "cumulative_incidence")},
        {"name": "survival", "outcomes": ("overall_survival",), "scale": "survival", "day": 365.0},
        {"name": "nothing", "outcomes": ("car_transduction_efficiency",)},
    ),
}  # fmt: skip
EVIDENCE = Evidence.model_validate(TABLE)


@pytest.fixture(scope="module")
def answers():
    library = read_library()
    return [answer_question(library, EVIDENCE, question) for question in EVIDENCE.questions]


@pytest.fixture(scope="module")
def shown(answers):
    return {answer.question.name: show_answer(answer) for answer in answers}


def test_every_study_that_answers_has_its_row(answers, shown):
    for answer in answers:
        rows = shown[answer.question.name].forest.rows
        assert len(rows) == answer.rows.height
        assert [row.value for row in rows] == answer.rows["shown"].to_list()
        assert len({row.label for row in rows}) == len(rows)


def test_what_is_told_is_the_first_diamond(answers, shown):
    for answer in answers:
        told, pool = answer.pooled.told, shown[answer.question.name].pooled
        if told.value is None:
            assert pool.value is None
            assert pool.reason == told.reason
        else:
            assert (pool.value, pool.low, pool.high) == (told.value, told.low, told.high)


def test_two_studies_have_no_prediction_and_one_has_no_diamond(shown):
    assert shown["relapse"].studies == 2
    assert shown["relapse"].pooled.prediction is None
    assert shown["cgvhd"].forest.pools == ()
    assert shown["cgvhd"].doubts == ("one study",)


def test_ratios_show_both_arms_and_what_favours(shown):
    forest = shown["relapse"].forest
    assert forest.scale == "ratio"
    assert forest.favours == ("fewer with MSC", "more with MSC")
    headings = [column.heading.replace("\u00a0", " ") for column in forest.columns]
    assert headings[-2:] == ["Events / n", "Control events / n"]
    assert "Mantel-Haenszel" in forest.pools[-1].label


def test_numbers_without_an_interval_are_shown_and_not_pooled(shown):
    survival = shown["survival"]
    assert survival.pooled.value is None
    assert all(row.value is not None and row.reason for row in survival.forest.rows)
    assert survival.patients is None


def test_funnel_and_doses_come_with_enough_studies(shown):
    assert shown["cr"].funnel is not None
    assert shown["cr"].bubbles is not None
    assert shown["relapse"].funnel is None
    assert [line.name for line in shown["cr"].moderators] == ["dose", "year"]


def test_the_flow_ends_with_what_is_pooled_and_loses_no_study(answers):
    for answer in answers:
        flow = list_flow(answer.flow)
        assert flow[-1].count == answer.flow[-1].studies
        for before, after in pairwise(flow[:-1]):
            assert before.count - after.count == sum(n for _, n in before.reasons)


def test_nobody_who_answers_is_no_error(shown):
    nothing = shown["nothing"]
    assert nothing.forest.rows == ()
    assert nothing.doubts == ("no study",)


def test_the_whole_makes_a_page(answers):
    found = StudyEvidence(EVIDENCE, tuple(answers))
    evidence = show_evidence(found, check_shipped())
    page = render_evidence("Acute GVHD", evidence, Facts())
    assert page == render_evidence("Acute GVHD", evidence, Facts())
    for text in ("Chen 2015", "45.2", "Flow of studies", "Questions with one study or none"):
        assert text in page
    labels = {item.label for item in evidence.syntheses}
    assert {"Chen 2015", "Morata-Tarifa 2020", "Fisher 2019"} <= labels
    assert evidence.contradictions
    rows = set(list_concerned(answers))
    assert {item.row for item in evidence.changed} <= rows


def test_the_question_is_said_in_words():
    facts = {fact.name: fact.text for fact in describe_question(EVIDENCE)}
    assert facts["Population"] == "acute GVHD treatment, acute GVHD prophylaxis"
    assert facts["Comparison"] == "control, none"


def test_differences_are_of_the_model_that_is_told():
    """Two of four studies have an empty cell: I² and Q are of the others, and say so."""
    asked = answer_protocol(read_protocol("studies/agvhd-children"), read_library())
    shown = {answer.name: answer for answer in show_evidence(asked, check_shipped()).answers}
    words = next(item for name, item in shown.items() if "complete" in name).heterogeneity
    assert words.startswith("τ² = 1.51 of the log odds; in the 2 of 4 studies without an empty")
