"""What the checks find of the contradictions, and what they raise beside them."""

from __future__ import annotations

import polars as pl
import pytest

from stromal.evidence.check.printed import Flag
from stromal.evidence.check.record import CHECKS, check_record, compare_findings
from stromal.evidence.library.reader import read_contradictions, read_library

LISTED = read_contradictions()
FLAGS = check_record(read_library())


@pytest.mark.parametrize(
    ("name", "checks", "why_none"),
    LISTED.select("contradiction", "checks", "why_none").rows(),
)
def test_a_contradiction_is_found_or_says_why_not(name, checks, why_none):
    assert (checks is None) != (why_none is None)
    if checks is not None:
        assert set(checks.split()) <= set(CHECKS)
        assert name in compare_findings(FLAGS, LISTED).found


def test_one_flag_in_ten_at_most_is_a_false_alarm(record_property):
    readers = compare_findings(FLAGS, LISTED.filter(pl.col("found_by") == "list"))
    findings = compare_findings(FLAGS, LISTED)
    figures = {
        "flags": len(FLAGS),
        "found of the readers' list": len(readers.found),
        "missed": len(readers.missed),
        "flags beside the readers' list": len(readers.false_alarms),
        "of these false": len(findings.false_alarms),
    }
    for name, figure in figures.items():
        record_property(name, figure)
    assert list(figures.values()) == [56, 26, 0, 8, 1], figures
    assert len(findings.false_alarms) * 10 <= len(FLAGS)
    assert [flag.rows for flag in findings.false_alarms] == [("E0216",)]  # a pooled estimate


def test_rows_of_contradictions_are_in_the_record():
    rows = {row for cell in LISTED["rows"].drop_nulls() for row in cell.split()}
    assert rows <= set(read_library().outcomes["row"])


def test_comparison_tells_what_is_missed_and_false():
    listed = pl.DataFrame(
        {
            "contradiction": ["C1", "C2", "C3"],
            "rows": ["E1 E2", "E3", None],
            "checks": ["grim retold", "grim", None],
        }
    )
    flags = [Flag("grim", ("E2",), ""), Flag("retold", ("E3",), ""), Flag("grim", ("E3",), "")]
    findings = compare_findings(flags, listed)
    assert (findings.found, findings.missed) == (("C2",), ("C1",))
    assert [flag.check for flag in findings.false_alarms] == ["retold"]
