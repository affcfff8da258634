import dataclasses

from tests.unit.report.sections.test_evidence import BAD, WHOLE

from stromal.report.content import Facts
from stromal.report.evidence_page import list_evidence_sections, render_evidence


def test_the_page_has_its_parts_references_and_how_to_make_it_again():
    facts = Facts({"stromal": "1"}, 7, {"library/outcomes.csv": "abc"}, "evidence")
    ids = [part.id for part in list_evidence_sections(WHOLE, facts, "agvhd")]
    assert ids == [
        "evidence-question", "evidence-findings", "evidence-overall-response",
        "evidence-syntheses", "evidence-maps", "evidence-contradictions", "references", "reproduce",
    ]  # fmt: skip
    page = render_evidence("MSC", WHOLE, facts, "agvhd")
    assert "stromal evidence agvhd" in page
    assert "Published evidence" in page
    assert page == render_evidence("MSC", WHOLE, facts, "agvhd")


def test_hostile_words_stay_words():
    assert "<script" not in render_evidence(BAD, WHOLE, Facts())


def test_without_a_question_the_page_says_what_the_record_holds():
    page = render_evidence("MSC", dataclasses.replace(WHOLE, answers=()), Facts())
    assert "1 contradiction" in page
