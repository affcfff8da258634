"""Counts as hospitals have them: bounds, emptied cells, gaps, limits that nobody wrote down."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from stromal.endpoints.derive import derive_outcomes
from stromal.endpoints.registry import find_endpoint
from stromal.study.read import read_study
from stromal.tables.patients import Patients

CLINIC = Path(__file__).parent / "clinic"


def study_of(case):
    study = read_study(CLINIC / case)
    return study.cohorts["observed"], study.endpoints


def outcomes(case, endpoint):
    """Outcome rows of one endpoint of a case, by subject."""
    rows = derive_outcomes(*study_of(case)).filter(pl.col("endpoint") == endpoint)
    return {row["subject"]: row for row in rows.iter_rows(named=True)}


def days(row):
    return row["value"], row["status"], row["lowest"], row["highest"]


def test_recovery_counts_after_the_nadir_and_tells_its_gap():
    found = outcomes("anc-recovery", "engraftment")
    assert {subject: days(row) for subject, row in found.items()} == {
        "1": (22, 1, 11, 22),
        "2": (16, 1, 13, 16),
        "3": (13, 1, None, None),
        "4": (14, 1, 13, 14),
        "5": (None, None, None, None),
    }
    assert found["1"]["reason"] == (
        "neutrophil recovery on day 22; no count between day 10 and day 22, so it may have been "
        "earlier, from day 11 on"
    )
    assert found["5"]["reason"] == "not applicable: neutrophils never below 0.5 x 10^9/L"


def test_the_older_reading_of_recovery_is_an_option():
    patients, _ = study_of("anc-recovery")
    rule = find_endpoint("neutrophil_engraftment")
    rows = rule.derive(patients, rule.read_parameters({"counted_from": "first_below"}))
    assert rows["value"].to_list() == [22, 2, 13, 14, None]


def test_below_detection_is_below_the_cut():
    grades = outcomes("below-detection", "neutropenia")
    times = outcomes("below-detection", "engraftment")
    for subject in ("1", "2"):
        assert grades[subject]["label"] == "4"
        assert days(times[subject]) == (12, 1, 11, 12)
    assert grades["1"]["reason"] == "neutrophils < 0.1 x 10^9/L on day 4, grade 4"


def test_emptied_cells_leave_open_what_they_hid():
    grades = outcomes("below-detection-as-hinted", "neutropenia")
    assert (grades["1"]["label"], grades["1"]["lowest"], grades["1"]["highest"]) == (None, 3, 4)
    assert grades["1"]["reason"] == (
        "neutrophils on day 4, which cannot be graded: its value is missing; grade 3 at least, on "
        "day 12"
    )
    times = outcomes("below-detection-as-hinted", "engraftment")
    assert days(times["1"])[:2] == (None, None)
    assert times["1"]["reason"].startswith(
        "cannot judge whether they were never below 0.5 x 10^9/L: the count of neutrophils on day 4"
    )
    assert (grades["2"]["label"], times["2"]["value"]) == ("4", 12)


LIMITLESS = "late-onset-without-limits"


@pytest.mark.parametrize(("endpoint", "yes", "most"), [("late_onset", 8, 20), ("biphasic", 14, 21)])
def test_without_a_lower_limit_any_grade_is_no_no(endpoint, yes, most):
    patients, bound = study_of(LIMITLESS)
    asked = [item for item in bound if item.name == endpoint]
    limits = patients.labs.with_columns(pl.lit(1.8).alias("lower_limit"))
    known = derive_outcomes(replace(patients, labs=limits), asked)
    assert (known["value"].sum(), known["value"].null_count()) == (yes, 0)
    unknown = derive_outcomes(patients, asked)
    both = known.select("value").with_columns(
        unknown["value"].alias("told"), unknown["lowest"], unknown["highest"]
    )
    open_ = both.filter(pl.col("told").is_null())
    assert (
        both.filter(pl.col("told").is_not_null())
        .select(pl.col("told") == pl.col("value"))["told"]
        .all()
    )
    assert open_.select("lowest", "highest").unique().rows() == [(0, 1)]
    assert unknown["value"].sum() + open_.height >= yes
    assert open_.height <= most
    told = unknown.filter(pl.col("value").is_null())["reason"]
    assert told.str.contains("cannot be graded").all()


@pytest.mark.parametrize("endpoint", ["late_onset_grade_3", "biphasic_grade_3"])
def test_grade_3_needs_no_lower_limit(endpoint):
    found = outcomes(LIMITLESS, endpoint)
    assert all(row["label"] in {"yes", "no"} for row in found.values())


def _transplanted(*, emptied: bool) -> Patients:
    """Sixty patients, three of whom stay below detection to day 30."""
    counts = [
        (str(subject), day, 0.1 if day < (40 if subject <= 3 else 12 + subject % 9) else 0.9)
        for subject in range(1, 61)
        for day in range(3, 34, 3)
    ]
    labs = pl.DataFrame(counts, schema=["subject", "day", "value"], orient="row")
    below = pl.col("value") == 0.1
    labs = labs.with_columns(
        pl.when(below & emptied).then(None).otherwise("value").alias("value"),
        pl.when(below & (not emptied)).then(pl.lit("below")).alias("bound"),
        analyte=pl.lit("neutrophils"),
        unit=pl.lit("10^9/L"),
    )
    subjects = pl.DataFrame({"subject": [str(one) for one in range(1, 61)]})
    return Patients.of(subjects=subjects.with_columns(last_day=pl.lit(90.0)), labs=labs)


@pytest.mark.parametrize(("emptied", "failed", "judged"), [(False, 3, 60), (True, 0, 0)])
def test_graft_failure_below_detection_is_found_and_never_denied(emptied, failed, judged):
    rule = find_endpoint("primary_graft_failure")
    given = rule.read_parameters({"graft": "bone marrow"})
    rows = rule.derive(_transplanted(emptied=emptied), given)
    assert (rows["value"].sum(), rows["value"].count()) == (failed, judged)
    assert (rows["reason"].str.contains("never below")).sum() == (60 if emptied else 0)
