"""What counts leave open: words, who is not judged, where observation ends."""

from __future__ import annotations

import polars as pl
import pytest

from stromal.endpoints.endpoint import Statuses
from stromal.endpoints.rules.engraftment.counts import (
    end_with_counts,
    exclude_unjudged,
    write_gap,
    write_unclear,
)

SUBJECTS = pl.DataFrame({"subject": ["1", "2", "3", "4", "5"]})
DAYS = ("recovery_day", "earliest", "latest", "rising_from", "last_count", "unclear_on", "gap_from")
RECOVERY = pl.DataFrame(
    [
        ("1", True, 22.0, 11.0, 22.0, None, 40.0, None, 10.0),
        ("2", None, None, 6.0, 12.0, None, 40.0, 4.0, None),
        ("3", False, None, None, None, None, 40.0, None, None),
        ("4", True, None, 9.0, None, None, 40.0, 9.0, None),
    ],
    schema={"subject": pl.String, "below": pl.Boolean} | dict.fromkeys(DAYS, pl.Float64),
    orient="row",
)
WORDS = ("platelets", "never below 20")


def exclude(ends: float | None) -> dict:
    limits = SUBJECTS.with_columns(pl.lit(ends, pl.Float64).alias("ends"))
    found = exclude_unjudged(SUBJECTS, RECOVERY, limits, WORDS)
    return {row["subject"]: row for row in found.iter_rows(named=True)}


def test_everyone_whose_counts_do_not_tell_is_excluded():
    found = exclude(None)
    assert list(found) == ["2", "3", "4", "5"]
    assert found["2"]["excluded"].startswith("cannot judge whether they were never below 20")
    assert (found["2"]["earliest"], found["2"]["latest"]) == (6, 12)
    assert found["3"]["excluded"] == "not applicable: platelets never below 20"
    assert found["4"]["excluded"].endswith("; not before day 9, if at all")
    assert found["5"]["excluded"] == "no count of platelets from day 0 on"


def test_a_recovery_after_the_end_of_observation_is_no_matter():
    assert "4" not in exclude(8)
    assert "4" in exclude(9)


def test_words():
    frame = RECOVERY.select(
        "subject", write_gap().alias("gap"), write_unclear(*WORDS).alias("what")
    )
    assert frame["gap"][0].startswith("; no count between day 10 and day 22, so it may have been")
    assert frame["gap"][1] == ""


@pytest.mark.parametrize(
    ("status", "value", "entry", "expected"),
    [
        (0, 90.0, None, (40, 0)),
        (0, 30.0, None, (30, 0)),
        (2, 90.0, None, (90, 2)),
        (0, 90.0, 50.0, (None, None)),
        (0, 90.0, 20.0, (40, 0)),
    ],
)
def test_observation_ends_with_the_last_count(status, value, entry, expected):
    times = pl.DataFrame(
        {
            "subject": ["1"],
            "value": [value],
            "label": ["x"],
            "entry_day": [entry],
            "day": [value],
            "status": [status],
            "reason": ["said"],
        },
        schema_overrides={"entry_day": pl.Float64},
    )
    nobody = exclude_unjudged(SUBJECTS.head(0), RECOVERY, SUBJECTS.with_columns(ends=1.0), WORDS)
    row = end_with_counts(times, RECOVERY, nobody, Statuses("recovery"), 3).row(0, named=True)
    assert (row["value"], row["status"]) == expected
    assert row["lowest"] is None
