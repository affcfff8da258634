"""A record of one's own extends the shipped one and never replaces a row of it."""

from __future__ import annotations

import polars as pl
import pytest

from stromal.errors import InvalidInput
from stromal.evidence.library.join import join_tables, read_joined, read_own
from stromal.evidence.library.reader import read_library
from stromal.tables.patients import TableFile

SHIPPED = read_library()


def own(folder, **tables):
    for name, frame in tables.items():
        frame.write_csv(folder / f"{name}.csv")
    return folder


def an_outcome(**cells):
    row = SHIPPED.outcomes.filter(row="E0074").with_columns(
        pl.lit("own1").alias("row"),
        pl.lit("relapse").alias("outcome"),
        pl.lit(None, pl.String).alias("contradictions"),
    )
    return row.with_columns(pl.lit(value).alias(name) for name, value in cells.items())


def test_an_outcome_of_a_shipped_arm_needs_no_other_file(tmp_path):
    joined = read_joined(own(tmp_path, outcomes=an_outcome()))
    assert joined.outcomes.height == SHIPPED.outcomes.height + 1
    assert joined.outcomes.head(SHIPPED.outcomes.height).equals(SHIPPED.outcomes)
    assert joined.studies.equals(SHIPPED.studies)


def places_of(folder):
    with pytest.raises(InvalidInput) as caught:
        read_joined(folder)
    return {(issue.table, issue.row, issue.column) for issue in caught.value.issues}


def test_a_key_of_the_shipped_record_is_a_conflict(tmp_path):
    folder = own(
        tmp_path,
        studies=SHIPPED.studies.head(1),
        arms=SHIPPED.arms.head(1),
        outcomes=an_outcome(row="E0001"),
    )
    assert places_of(folder) == {
        ("studies.csv", 2, "study"),
        ("arms.csv", 2, "read_in"),
        ("outcomes.csv", 2, "row"),
    }


def test_a_number_that_both_use_is_a_conflict(tmp_path):
    again = pl.concat([an_outcome(), an_outcome(row="own2", outcome="overall_response")])
    assert places_of(own(tmp_path, outcomes=again)) == {("outcomes.csv", 3, "status")}


def test_a_row_without_its_arm_is_told_at_its_place(tmp_path):
    rows = pl.concat([an_outcome(), an_outcome(row="own2", arm="sham")])
    assert ("outcomes.csv", 3, "read_in") in places_of(own(tmp_path, outcomes=rows))


def test_an_empty_folder_is_an_issue(tmp_path):
    with pytest.raises(InvalidInput, match="holds none"):
        read_joined(tmp_path)


def test_broken_files_are_told_with_the_conflicts(tmp_path):
    own(tmp_path, outcomes=an_outcome(row="E0001"))
    (tmp_path / "arms.csv").write_text("arm\nMSC\n", "utf-8")
    assert {table for table, _, _ in places_of(tmp_path)} >= {"arms.csv", "outcomes.csv"}


def test_what_a_folder_holds_is_read_as_it_is(tmp_path):
    frames, places, issues = read_own(own(tmp_path, outcomes=an_outcome()))
    assert (list(frames), places["outcomes"].first_row, issues) == (["outcomes"], 2, ())


def test_joining_nothing_changes_nothing():
    joined, issues = join_tables(SHIPPED, {}, {})
    assert not issues
    assert joined.arms.equals(SHIPPED.arms)


def test_rows_are_counted_from_the_new_file():
    wrong = an_outcome(events=200)
    _, issues = join_tables(SHIPPED, {"outcomes": wrong}, {"outcomes": TableFile("new.csv", 10)})
    assert {(issue.table, issue.row, issue.column) for issue in issues} == {
        ("new.csv", 10, "events")
    }
