"""A form is checked with everything before a row of it is written."""

from __future__ import annotations

import pytest

from stromal.errors import InvalidInput, Severity
from stromal.evidence.add import add_study
from stromal.evidence.library.join import read_joined
from stromal.evidence.library.reader import read_library

FORM = """\
[study]
study = "Jones2026"
read_in = "jones2026"
year = 2026
reference = "J 2026;1:1"
design = "randomised_open"

[[arms]]
n = 40
[[arms]]
arm = "control"
n = 41

[[outcomes]]
indication = "acute_gvhd_treatment"
outcome = "overall_response"
scale = "proportion"
day = 28
printed_events = 30
printed_total = 40
printed_value = "75.0"
locator = "Table 2"
[[outcomes]]
arm = "control"
indication = "acute_gvhd_treatment"
outcome = "overall_response"
scale = "proportion"
day = 28
printed_events = 22
printed_total = 41
printed_value = "53.7"
locator = "Table 2"
"""


@pytest.fixture
def form(tmp_path):
    def write(text=FORM):
        path = tmp_path / "form.toml"
        path.write_text(text, "utf-8")
        return path

    return write


def refused(form, record=None):
    with pytest.raises(InvalidInput) as caught:
        add_study(form, record)
    return caught.value.issues


def test_rows_are_added_and_read_again(form, tmp_path):
    record = tmp_path / "own"
    done = add_study(form(), record)
    assert [change.after["of"] for change in done.changes] == [
        "MSC",
        "MSC against control",
        "control",
    ]
    before, after = done.changes[0].before, done.changes[0].after
    assert after["studies"] == before["studies"] + 1
    assert after["patients"] == before["patients"] + 40
    joined = read_joined(record)
    assert joined.studies.height == read_library().studies.height + 1
    assert joined.outcomes.tail(2)["printed_value"].to_list() == ["75.0", "53.7"]
    assert "2 of outcomes" in str(done)


def test_a_second_study_stands_behind_the_first(form, tmp_path):
    record = tmp_path / "own"
    add_study(form(), record)
    done = add_study(form(FORM.replace("Jones2026", "Smith2026")), record)
    assert done.changes[0].before["studies"] == done.changes[0].after["studies"] - 1
    assert read_joined(record).outcomes.height == read_library().outcomes.height + 4


def test_the_same_study_is_not_added_twice(form, tmp_path):
    record = tmp_path / "own"
    add_study(form(), record)
    held = (record / "outcomes.csv").read_bytes()
    issues = refused(form(), record)
    assert {issue.table for issue in issues} == {"form.toml"}
    assert 2 in {issue.row for issue in issues}
    assert (record / "outcomes.csv").read_bytes() == held


def test_without_a_record_nothing_is_written(form, tmp_path):
    path = form()
    done = add_study(path)
    assert done.folder is None
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    assert "nothing is written" in str(done)


def test_a_flag_on_a_used_row_stops_everything(form, tmp_path):
    (issue,) = refused(form(FORM.replace('"75.0"', '"76.1"')), tmp_path / "own")
    assert (issue.row, issue.message.split(":")[0]) == (14, "grim")
    assert not (tmp_path / "own").exists()


def test_a_flag_on_a_noted_row_is_a_warning(form):
    text = FORM.replace('"75.0"', '"76.1"\nstatus = "note"\nreason = "a misprint of the paper"')
    done = add_study(form(text))
    assert [issue.severity for issue in done.issues] == [Severity.WARNING]
    assert [change.after["of"] for change in done.changes] == ["control"]


def test_every_issue_of_rows_at_once(form):
    text = FORM.replace("printed_events = 30", "printed_events = 50")
    text = text.replace('"randomised_open"', '"randomized"').replace('arm = "control"\nn', "n")
    columns = {(issue.table, issue.column) for issue in refused(form(text))}
    assert columns >= {
        ("form.toml", "design"),
        ("form.toml", "events"),
        ("form.toml", "printed_events"),
        ("form.toml", "read_in"),
    }


def test_a_number_of_the_shipped_record_is_a_conflict(form):
    text = (
        '[study]\nstudy = "ZhaoK2022"\nread_in = "own"\n[[arms]]\nn = 99\n[[outcomes]]\n'
        'indication = "acute_gvhd_treatment"\noutcome = "overall_response"\n'
        'scale = "proportion"\nday = 28\nprinted_events = 81\nprinted_total = 99\n'
        'locator = "Table 1"\n'
    )
    (issue,) = refused(form(text))
    assert (issue.column, issue.row) == ("status", 6)
    assert "used in a row above" in issue.message
