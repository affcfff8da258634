"""What is wrong with rows is said with file, row, column and hint."""

from __future__ import annotations

import polars as pl
import pytest

from stromal.evidence.library.rows import (
    SAME,
    check_counts,
    check_homes,
    check_keys,
    check_printed_values,
    check_told_once,
    check_with_arms,
    check_words,
)
from stromal.evidence.library.schemas import ARMS, OUTCOMES
from stromal.tables.patients import TableFile

FILE = TableFile("outcomes.csv", 2)
ARM = {"study": "A", "arm": "MSC", "subgroup": None, "read_in": "x2020"}


def _outcomes(*rows: dict[str, object]) -> pl.DataFrame:
    full = [ARM | {"status": "use", "scale": "proportion"} | row for row in rows]
    return OUTCOMES.conform(pl.DataFrame(full, infer_schema_length=None))


def _arms(n: int | None = None) -> pl.DataFrame:
    return ARMS.conform(pl.DataFrame([ARM | {"n": n}]))


def _counts(*rows: dict[str, object], n: int | None = 20) -> list[tuple[int | None, str | None]]:
    return [(i.row, i.column) for i in check_counts(_outcomes(*rows), FILE, _arms(n))]


def test_numerator_above_denominator():
    (issue,) = check_counts(
        _outcomes({"events": 5, "total": 9}, {"events": 12, "total": 9}), FILE, _arms(9)
    )
    assert (issue.row, issue.column, issue.message) == (3, "events", "12 events of 9 patients")
    assert issue.hint


def test_printed_numerator_is_looked_at_too():
    assert _counts({"printed_events": 12, "printed_total": 9}) == [(2, "printed_events")]


def test_percentage_without_n():
    assert _counts({"value": 50.0}, n=None) == [(2, "total")]
    assert _counts({"value": 50.0}, n=20) == []
    assert _counts({"value": 50.0, "status": "note", "reason": "n unknown"}, n=None) == []


def test_events_without_a_total():
    assert _counts({"events": 3}) == [(2, "total")]


@pytest.mark.parametrize("status", ["note", "exclude"])
def test_status_without_a_reason(status):
    assert _counts({"status": status}) == [(2, "reason")]


def test_unknown_outcome_word():
    frame = pl.DataFrame({"outcome": ["overall_survival", "overall_survivel", "joy"]})
    near, far = check_words(frame, FILE, ["outcome"])
    assert (near.row, near.hint) == (3, "is `overall_survival` meant?")
    assert (far.row, far.hint) == (4, "the words for outcome stand in vocabulary.csv")


def test_two_rows_with_one_key():
    frame = pl.DataFrame({"row": ["E1", "E2", "E1"]})
    (issue,) = check_keys(frame, FILE, ["row"])
    assert (issue.row, issue.column) == (4, "row")


def test_number_used_twice():
    row = dict.fromkeys(SAME, "x")
    frame = pl.DataFrame([row | {"status": s} for s in ("use", "exclude", "note", "use")])
    (issue,) = check_told_once(frame, FILE)
    assert (issue.row, issue.column) == (5, "status")


def test_row_without_a_home_and_empty_cells_agree():
    frame = pl.DataFrame([ARM, ARM | {"arm": "control"}], schema_overrides={"subgroup": pl.String})
    (issue,) = check_homes(frame, FILE, _arms(), ARMS.key, "arms")
    assert issue.row == 3
    assert issue.message == "`A / control / x2020` is not in arms"


def test_study_without_an_arm():
    studies = pl.DataFrame({"study": ["A", "B"]})
    (issue,) = check_with_arms(studies, TableFile("studies.csv", 2), _arms())
    assert (issue.table, issue.row) == ("studies.csv", 3)


def test_printed_values_are_numbers():
    rows = _outcomes({"printed_value": "65.50"}, {"printed_value": "70 %"}, {})
    (issue,) = check_printed_values(rows, FILE)
    assert (issue.row, issue.column) == (3, "printed_value")
    assert issue.hint
