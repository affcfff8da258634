import polars as pl
import pytest

from stromal.analyses.bind import read_bound
from stromal.analyses.family import find_endpoints, lay_out, list_events, tabulate_family
from stromal.analyses.kind import Setting
from stromal.analyses.run import run_analyses
from tests.unit.analyses import example

NAMES = ("late_a_1", "late_b_1", "late_a_3", "early_a_1", "other")
MEMBERS = {
    "late_a_1": {"pattern": "late", "lineage": "low_a", "grade": "1"},
    "late_b_1": {"pattern": "late", "lineage": "low_b", "grade": "1"},
    "late_a_3": {"pattern": "late", "lineage": "low_a", "grade": "3"},
    "early_a_1": {"pattern": "early", "lineage": "low_a", "grade": "1"},
}


def answer(by=None, **keys):
    endpoints = [{"name": n, "rule": "x", "member": MEMBERS.get(n, {})} for n in NAMES]
    analysis = {
        "name": "family",
        "estimate": "proportions",
        "endpoints": ["late_*", "early_*"],
        "across": "grade",
        "sections": "pattern",
        "columns": {"1": "any grade"},
        **keys,
    }
    if by:
        analysis["by"] = by
    protocol = example.protocol(analysis).model_copy(
        update={
            "endpoints": tuple(
                type(example.protocol().endpoints[0]).model_validate(item) for item in endpoints
            )
        }
    )
    rows = [
        {"subject": s, "endpoint": n, "kind": "flag", "label": "yes" if int(s) <= k else "no",
         "reason": "r"}
        for k, n in enumerate(NAMES)
        for s in ("1", "2", "3", "4")
    ]  # fmt: skip
    outcomes = example.outcomes().clear().select(pl.all())
    outcomes = pl.concat([outcomes, pl.DataFrame(rows)], how="diagonal_relaxed")
    setting = Setting(
        protocol, example.patients(arm=["msc", "msc", "control", "control"]), outcomes
    )
    (found,) = run_analyses(read_bound(protocol), setting)
    return found


def texts(view):
    return [[cell.text for cell in row] for row in view.rows]


def test_patterns_name_endpoints_in_the_order_of_the_analysis():
    names = [item.name for item in find_endpoints(answer().use, answer().protocol)]
    assert names == ["late_a_1", "late_b_1", "late_a_3", "early_a_1"]


def test_members_stand_in_sections_rows_and_columns():
    assert [line[:3] for line in lay_out(answer())] == [
        ("Late", "Low a", "any grade"),
        ("Late", "Low a", "grade 3"),
        ("Late", "Low b", "any grade"),
        ("Early", "Low a", "any grade"),
    ]


def test_without_groups_columns_stand_side_by_side():
    view = tabulate_family(answer())
    assert [heading.text for heading in view.headings] == ["", "Any grade", "Grade 3"]
    rows = texts(view)
    assert [row[0] for row in rows] == ["Late", "Low a", "Low b", "Early", "Low a"]
    assert rows[1][1].startswith("0/4")
    assert rows[1][2].startswith("2/4")
    assert rows[2][2] == "–"


def test_with_groups_every_row_has_its_effect_and_its_test():
    view = tabulate_family(answer(by="arm"))
    assert [heading.text for heading in view.headings] == [
        "", "MSC", "Control", "Difference of shares", "P", "P, corrected",
    ]  # fmt: skip
    row = texts(view)[2]
    assert row[0] == "Low a, grade 3"
    assert (row[1][:3], row[2][:3]) == ("2/2", "0/2")
    assert row[3].startswith("100")


def test_labels_are_the_events_and_yes_is_where_none_is_written():
    assert list_events(answer().use) == {"yes": ("yes",)}
    combined = answer(combine={"any": ["1", "2"]}).use
    assert list_events(combined) == {"any": ("1", "2")}


@pytest.mark.parametrize("by", [None, "arm"])
def test_no_row_is_shown_of_patients_who_cannot_be_judged(by):
    found = answer(by)
    blank = found.estimates.with_columns(n=pl.lit(0), value=pl.lit(None, pl.Float64))
    empty = type(found)(found.use, found.setting, blank)
    assert not tabulate_family(empty)


def test_events_are_the_rows_where_members_take_turns_in_the_columns():
    combine = {"some_of_it": ["yes"], "none_of_it": ["no"]}
    found = answer(combine=combine, endpoints=["late_a_*"])
    assert [line[:3] for line in lay_out(found)] == [
        ("Late", "Low a, some of it", "any grade"),
        ("Late", "Low a, some of it", "grade 3"),
        ("Late", "Low a, none of it", "any grade"),
        ("Late", "Low a, none of it", "grade 3"),
    ]
