import pytest
from tests.unit.evidence.question.records import ask, record

from stromal.evidence.question.select import OTHER_ROW, list_candidates, select_rows


def select(library, question=None, **more):
    return select_rows(library, *ask(question, **more))


def test_flow_counts_studies_and_ends_with_those_chosen():
    library = record(
        {"study": "A"},
        {"study": "B", "indication": "itp"},
        {"study": "C", "outcome": "relapse"},
        {"study": "D", "status": "exclude", "reason": "told twice"},
        {"study": "E"},
    )
    found = select(library)
    assert [(step.name, step.studies) for step in found.flow] == [
        ("record", 5), ("indication", 4), ("population", 4), ("intervention", 4), ("outcome", 3),
        ("usable", 2),
    ]  # fmt: skip
    assert found.chosen["study"].to_list() == ["A", "E"]
    assert dict(found.flow[1].left_out) == {"another indication: itp": 1}


def test_every_study_is_chosen_or_left_out_with_one_reason():
    library = record(
        {"study": "A"}, {"study": "A", "outcome": "relapse"}, {"study": "B", "indication": "itp"},
        {"study": "C", "outcome": "relapse"}, {"study": "D", "day": 28.0},
    )  # fmt: skip
    found = select(library)
    reasons = {item.study: item.reason for item in found.left_out}
    assert reasons == {
        "B": "another indication: itp",
        "C": "no number is printed for: response",
        "D": "of day 28; numbers without a day are asked",
    }
    assert {*reasons, *found.chosen["study"]} == set(library.studies["study"])


def test_a_study_is_used_once_and_the_other_row_is_named():
    library = record(
        {"study": "A", "read_in": "lin2023", "status": "note", "reason": "cut"},
        {"study": "A", "read_in": "nachmias2022"},
    )
    found = select(library)
    assert found.chosen["row"].to_list() == ["R2"]
    assert [(item.row, item.reason) for item in found.left_out] == [("R1", OTHER_ROW)]


def test_an_excluded_study_bears_the_reason_of_the_protocol_once():
    left_out = ({"study": "A", "reason": "our own patients"},)
    found = select(record({"study": "A"}, {"study": "A"}, {"study": "B"}), exclude=left_out)
    assert found.chosen["study"].to_list() == ["B"]
    assert [(item.study, item.row, item.reason) for item in found.left_out] == [
        ("A", "R1 R2", "our own patients")
    ]


def test_the_worse_status_of_row_and_arm_counts():
    arms = [{"study": "A", "status": "exclude", "reason": "a total dose"}]
    library = record({"study": "A", "status": "note", "reason": "cut"}, {"study": "B"}, arms=arms)
    rows = list_candidates(library)
    assert rows.select("status", "reason").rows() == [("exclude", "a total dose"), ("use", None)]
    assert select(library).chosen["study"].to_list() == ["B"]


@pytest.mark.parametrize("statuses", [("use",), ("use", "note")])
def test_noted_rows_answer_only_where_they_are_asked(statuses):
    library = record({"study": "A"}, {"study": "B", "status": "note", "reason": "cut"})
    found = select(library, {"statuses": statuses})
    assert found.chosen.height == len(statuses)
    if len(statuses) == 1:
        assert found.left_out[0].reason == "noted: cut"


def test_nothing_answers_where_the_record_has_nothing():
    found = select(record({"study": "A", "indication": "itp"}))
    assert found.chosen.height == 0
    assert found.flow[-1].studies == 0
