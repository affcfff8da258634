"""Two small files are read to one curve, or every issue of both is told."""

from __future__ import annotations

import polars as pl
import pytest

from stromal.errors import InvalidInput
from stromal.evidence.reconstruct.digitised import DAYS, digitise, read_digitised


@pytest.fixture
def files(tmp_path):
    def write(curve: str, at_risk: str):
        paths = tmp_path / "curve.csv", tmp_path / "at_risk.csv"
        for path, text in zip(paths, (curve, at_risk), strict=True):
            path.write_text(text, "utf-8")
        return paths

    return write


def issues_of(call, *arguments, **options):
    with pytest.raises(InvalidInput) as caught:
        call(*arguments, **options)
    return {(issue.table, issue.row, issue.column) for issue in caught.value.issues}


def test_files_are_read_in_days(files):
    curve, at_risk = files(
        "time,survival\n0,1\n6,0.8\n12,0.8\n", "time,at_risk\n0,20\n6,18\n12,10\n"
    )
    found = read_digitised(curve, at_risk, events=4, unit="month")
    assert found.days.tolist() == [0.0, 6 * DAYS["month"], 12 * DAYS["month"]]
    assert found.risk_days.tolist() == found.days.tolist()
    assert (found.n, found.events) == (20, 4)


def test_the_first_point_may_be_left_out(files):
    found = read_digitised(*files("time,survival\n3,0.9\n5,0.9\n", "time,at_risk\n0,10\n"))
    assert (found.days[0], found.survival[0]) == (0.0, 1.0)


def test_every_issue_of_both_files_at_once(files):
    paths = files(
        "time,survival\n0,1\n2,0.9\n1,0.95\n3,\n4,1.2\n",
        "time,at_risk\n0,10\n1,12\n1,9\n2,few\n",
    )
    assert issues_of(read_digitised, *paths) >= {
        ("curve.csv", 4, "time"),
        ("curve.csv", 4, "survival"),
        ("curve.csv", 5, "survival"),
        ("curve.csv", 6, "survival"),
        ("at_risk.csv", 3, "at_risk"),
        ("at_risk.csv", 4, "time"),
        ("at_risk.csv", 5, "at_risk"),
    }


def test_one_broken_file_does_not_hide_the_other(files):
    curve, at_risk = files("time,survival\n1,0.9\n", "time,at_risk\n0,10\n")
    at_risk.unlink()
    places = issues_of(read_digitised, curve, at_risk)
    assert {table for table, _, _ in places} == {"curve.csv", "at_risk.csv"}


def test_null_in_a_table_is_an_issue():
    curve = pl.DataFrame({"time": [1.0, None], "survival": [0.9, 0.8]})
    at_risk = pl.DataFrame({"time": [0.0], "at_risk": [None]}, schema_overrides={"at_risk": int})
    assert issues_of(digitise, curve, at_risk) == {
        ("curve", 3, "time"),
        ("at_risk", 2, "at_risk"),
    }
