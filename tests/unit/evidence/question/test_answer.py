import pytest
from tests.shared import ROOT
from tests.unit.evidence.question.records import ask, record

from stromal.evidence.library.reader import read_library
from stromal.evidence.question.answer import answer_protocol, answer_question
from stromal.protocol.read import read_protocol

STUDIES = ("agvhd-children", "hsct-engraftment", "itp-dose", "cart-cytopenia")


@pytest.fixture(scope="module")
def library():
    return read_library()


@pytest.mark.parametrize("name", STUDIES)
def test_every_question_of_the_shipped_studies_is_answered(name, library):
    protocol = read_protocol(ROOT / "studies" / name)
    found = answer_protocol(protocol, library)
    known = {use.name for use in protocol.endpoints}
    for answer in found.answers:
        assert answer.rows.height, answer.title
        assert answer.endpoint in known
        assert answer.rows["study"].is_unique().all()
        lost = {row for item in answer.left_out for row in (item.row or "").split()}
        assert not lost & set(answer.row_names)


def test_rows_show_counts_as_shares_and_prints_as_printed():
    library = record({"study": "A", "events": 5}, {"study": "B", "events": None, "value": 30.0})
    found = answer_question(library, *ask())
    first, second = found.rows.iter_rows(named=True)
    assert (first["shown"], first["shown_unit"], first["weight"]) == (0.25, "1", 100.0)
    assert first["shown_low"] < 0.25 < first["shown_high"]
    assert (second["shown"], second["shown_low"], second["weight"]) == (0.3, None, None)
    assert found.flow[-1].studies == 0
    assert found.flow[-1].left_out[0][1] == 1


def test_the_flow_ends_with_the_studies_pooled():
    library = record({"study": "A"}, {"study": "B"}, {"study": "C", "events": None})
    found = answer_question(library, *ask())
    assert [step.studies for step in found.flow[-2:]] == [3, 2]
    assert found.pooled.told.studies == 2
    assert found.predictive is not None


def test_an_empty_answer_says_so():
    found = answer_question(record({"study": "A", "indication": "itp"}), *ask())
    assert found.rows.height == 0
    assert found.pooled.told.reason == "no study answers"
    assert found.predictive is None
    assert found.predictive_reason


def test_answers_are_of_the_analysis_and_endpoint(library):
    found = answer_protocol(read_protocol(ROOT / "studies" / "agvhd-children"), library)
    assert [(answer.analysis, answer.endpoint) for answer in found.answers] == [
        ("response", "response"), ("response", "response"), ("response", "response"),
        ("alive_day_100", "vital_status"),
    ]  # fmt: skip
    assert found.answers[0].title == "Overall response on day 28"


def test_patients_of_the_study_itself_are_not_pooled_beside_it(library):
    found = answer_protocol(read_protocol(ROOT / "studies" / "agvhd-children"), library)
    assert all("Erbey2016" not in answer.rows["study"].to_list() for answer in found.answers)


def test_no_table_no_evidence(library):
    assert answer_protocol(read_protocol(ROOT / "studies" / "mouse-cart"), library) is None
