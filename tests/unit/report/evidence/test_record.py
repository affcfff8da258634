import dataclasses

import pytest

from stromal.evidence.library.reader import Library, read_library
from stromal.report.content import Facts
from stromal.report.evidence.record import check_shipped, describe_library, show_record
from stromal.report.evidence_page import render_evidence


@pytest.fixture(scope="module")
def library():
    return read_library()


def test_the_whole_record_makes_a_page(library):
    record = check_shipped(library)
    whole = show_record(record, question=describe_library(library))
    page = render_evidence("The record", whole, Facts())
    assert page == render_evidence("The record", whole, Facts())
    for text in ("Chen 2015", "GRIM test", "Source of the cells"):
        assert text in page
    part = show_record(record, rows=["E0146"])
    assert [item.name for item in part.contradictions] == ["C04"]
    assert len(part.changed) == 1


def test_a_record_without_a_row_has_nothing_to_say(library):
    empty = Library(library.studies.clear(), library.arms.clear(), library.outcomes.clear())
    record = dataclasses.replace(check_shipped(library), library=empty)
    whole = show_record(record)
    assert whole.changed == whole.syntheses == ()
    assert all(not item.cells for item in whole.maps)
    assert describe_library(empty)[0].text == "0 studies, 0 numbers"


def test_what_the_record_holds_is_counted(library):
    facts = {fact.name: fact.text for fact in describe_library(library)}
    use = library.outcomes["status"].value_counts().rows()
    assert f"{dict(use)['exclude']} left out" in facts["Status"]
    assert facts["Years"].startswith(str(library.studies["year"].min()))
