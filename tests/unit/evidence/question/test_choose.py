import pytest
from tests.unit.evidence.question.records import ask, record

from stromal.evidence.question.choose import NO_CONTROL, NO_COUNT, NO_INTERVAL, NO_SUM
from stromal.evidence.question.select import select_rows

SUM = {"outcomes": ("overall_response", "complete_response + partial_response")}
RATIO = {"scale": "risk_ratio", "comparison": "control"}
CR = {"study": "A", "outcome": "complete_response", "events": 4}
PR = {"study": "A", "outcome": "partial_response", "events": 7}


def choose(library, question=None, **more):
    return select_rows(library, *ask(question, **more))


def test_parts_are_added_where_they_are_of_the_same_patients():
    library = record(
        CR, PR | {"status": "note", "reason": "cut"}, CR | {"study": "B"}, CR | {"study": "C"},
        PR | {"study": "C", "total": 19},
    )  # fmt: skip
    found = choose(library, SUM)
    assert found.chosen.select("row", "study", "events", "total", "status").rows() == [
        ("R1 R2", "A", 11, 20, "note")
    ]
    assert {(item.study, item.reason) for item in found.left_out} == {("B", NO_SUM), ("C", NO_SUM)}


def test_a_sum_of_more_than_all_patients_is_none():
    assert choose(record(CR | {"events": 14}, PR), SUM).chosen.height == 0


def test_the_outcome_named_first_is_preferred_to_a_sum():
    library = record(CR, PR, {"study": "A", "events": 12})
    assert choose(library, SUM).chosen["row"].to_list() == ["R3"]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"events": 5}, {"events": None, "total": None}),
        ({}, {"subgroup": "acute"}),
        ({"status": "use"}, {"status": "note", "reason": "cut"}),
    ],
)
def test_the_better_row_is_chosen_whatever_the_order(better, worse):
    population = {"population": {"indications": ("acute_gvhd_treatment",), "parts": ("acute",)}}
    rows = [{"study": "A"} | better, {"study": "A", "read_in": "nachmias2022"} | worse]
    assert choose(record(*rows), **population).chosen["row"].to_list() == ["R1"]
    assert choose(record(*rows[::-1]), **population).chosen["row"].to_list() == ["R2"]


def test_of_equal_rows_the_first_is_chosen():
    library = record({"study": "A", "events": 1}, {"study": "A", "events": 2})
    assert choose(library).chosen["row"].to_list() == ["R1"]


def test_the_day_nearest_to_the_one_asked_is_chosen():
    library = record({"study": "A", "day": 21.0}, {"study": "A", "day": 30.0})
    asked = {"day": 28.0, "days": (20.0, 40.0)}
    assert choose(library, asked).chosen["day"].to_list() == [30.0]


def test_group_and_control_are_of_one_study_and_agree():
    control = {"arm": "control", "events": 3}
    library = record(
        {"study": "A"}, {"study": "A"} | control,
        {"study": "B"},
        {"study": "C", "day": 28.0}, {"study": "C"} | control,
    )  # fmt: skip
    found = choose(library, RATIO)
    assert found.chosen.select("study", "row", "reference_row", "reference_events").rows() == [
        ("A", "R1", "R2", 3)
    ]
    assert ("B", NO_CONTROL) in {(item.study, item.reason) for item in found.left_out}


def test_a_note_of_the_control_is_a_note_of_the_comparison():
    library = record(
        {"study": "A"},
        {"study": "A", "arm": "control", "status": "note", "reason": "read off a curve"},
    )
    row = choose(library, RATIO).chosen.row(0, named=True)
    assert (row["status"], row["reason"]) == ("note", "control: read off a curve")


def test_rows_without_counts_answer_and_have_no_effect():
    bare = {"study": "A", "events": None, "total": None}
    assert choose(record(bare)).chosen["why"].to_list() == [NO_COUNT]
    median = record({"study": "A", "scale": "median", "unit": "day", "events": None})
    assert choose(median, {"scale": "median"}).chosen["why"].to_list() == [NO_INTERVAL]
