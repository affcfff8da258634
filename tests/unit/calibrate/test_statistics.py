"""Numbers that are read off outcomes, by hand."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from stromal.calibrate.comparisons import Comparison, read_comparisons
from stromal.calibrate.statistics import find_statistic

TYPES = {
    "subject": pl.String,
    "replicate": pl.Int64,
    "arm": pl.String,
    "endpoint": pl.String,
    "value": pl.Float64,
    "highest": pl.Float64,
    "label": pl.String,
    "day": pl.Float64,
    "status": pl.Int64,
}
BASE = {each.id: each for each in read_comparisons()}["B4.1a"]


def ask(statistic: str, **changes: object) -> Comparison:
    plain = {"arms": ("a",), "endpoint": "e", "labels": (), "n": None, "among": "", "against": "b"}
    return replace(BASE, statistic=statistic, **{**plain, **changes})


def table(*rows: tuple[object, ...]) -> pl.DataFrame:
    """Rows of subject, arm, value, label, day, status of one replicate."""
    full = [(s, 1, arm, "e", v, None, label, day, st) for s, arm, v, label, day, st in rows]
    return pl.DataFrame(full, TYPES, orient="row")


LABELS = table(
    ("1", "a", None, "CR", 28.0, None),
    ("2", "a", None, "NR", 28.0, None),
    ("3", "a", None, None, None, None),
    ("4", "a", None, "PR", 28.0, None),
    ("5", "a", None, "NR", 28.0, None),
    ("6", "b", None, "CR", 28.0, None),
    ("7", "b", None, "NR", 28.0, None),
    ("8", "b", None, "NR", 28.0, None),
)


def test_a_share_leaves_out_who_has_no_outcome():
    found = find_statistic(LABELS, ask("share", labels=("CR", "PR")))
    assert found.rows() == [(1, 0.5, 4)]


def test_as_many_patients_count_as_were_observed():
    found = find_statistic(LABELS, ask("share", labels=("CR", "PR"), n=3))
    assert found["value"].to_list() == pytest.approx([2 / 3])


def test_who_counts_among_others_is_asked_for_labels_only_with_a_day():
    grades = LABELS.with_columns(endpoint=pl.lit("f"), label=pl.Series(["II", None] + ["III"] * 6))
    both = pl.concat([LABELS, grades])
    found = find_statistic(both, ask("share", labels=("CR", "PR"), among="f"))
    assert found.rows() == [(1, pytest.approx(2 / 3), 3)]


def test_a_trial_of_two_patients_says_nothing():
    assert find_statistic(LABELS.head(3), ask("share", labels=("CR",))).is_empty()


GRADES = table(
    ("1", "a", 4.0, "IV", 28.0, None),
    ("2", "a", 3.0, "III", 28.0, None),
    ("3", "a", None, None, None, None),
    ("4", "a", None, None, None, None),
    ("5", "b", 4.0, "IV", 28.0, None),
    ("6", "b", 4.0, "IV", 28.0, None),
    ("7", "b", 2.0, "II", 28.0, None),
).with_columns(highest=pl.when(pl.col("subject") == "3").then(2.0))


def test_a_risk_ratio_of_a_grade_counts_who_cannot_have_it_and_adds_half_a_patient():
    found = find_statistic(GRADES, ask("risk_ratio_from", cut=4.0))
    assert found["value"].to_list() == pytest.approx([(1.5 / 4) / (2.5 / 4)])


TIMES = table(
    ("1", "a", None, None, 10.0, 1),
    ("2", "a", None, None, 14.0, 1),
    ("3", "a", None, None, 20.0, 1),
    ("4", "a", None, None, 100.0, 0),
    ("5", "b", None, None, 20.0, 1),
    ("6", "b", None, None, 28.0, 1),
    ("7", "b", None, None, 30.0, 1),
)


def test_a_median_is_of_those_in_whom_it_came_to_pass():
    assert find_statistic(TIMES, ask("median")).rows() == [(1, 14.0, 3)]


def test_events_until_a_day():
    assert find_statistic(TIMES, ask("event_until", day=15.0))["value"].to_list() == [0.5]
    assert find_statistic(TIMES, ask("free_until", day=15.0))["value"].to_list() == [0.5]


def test_ratios_and_directions():
    assert find_statistic(TIMES, ask("ratio"))["value"].to_list() == [0.5]
    assert find_statistic(TIMES, ask("higher"))["value"].to_list() == [0.0]


def test_a_hazard_ratio_is_that_of_cox():
    found = find_statistic(TIMES, ask("hazard_ratio", arms=("a", "b")))
    assert found["value"][0] > 1


VALUES = table(
    ("1", "a", 40.0, "40", 7.0, None),
    ("2", "a", 50.0, "50", 7.0, None),
    ("3", "a", 90.0, "90", 7.0, None),
)


def test_values():
    assert find_statistic(VALUES, ask("mean"))["value"].to_list() == [60.0]
    assert find_statistic(VALUES, ask("median"))["value"].to_list() == [50.0]
    undated = VALUES.with_columns(day=pl.lit(None, pl.Float64))
    assert find_statistic(undated, ask("median_value"))["value"].to_list() == [50.0]
    assert find_statistic(undated, ask("median")).is_empty()
    found = find_statistic(VALUES, ask("share_below", cut=50.0))
    assert found["value"].to_list() == pytest.approx([1 / 3])


def test_a_share_that_fell_to_a_part_of_its_first_value():
    first = VALUES.with_columns(endpoint=pl.lit("first"), value=pl.lit(100.0))
    both = pl.concat([VALUES, first])
    found = find_statistic(both, ask("share_fallen", cut=0.5, among="first"))
    assert found.rows() == [(1, pytest.approx(1 / 3), 3)]
    found = find_statistic(both, ask("share_fallen", cut=0.6, among="first"))
    assert found.rows() == [(1, pytest.approx(2 / 3), 3)]


def test_a_bound_counts_by_its_highest():
    bounded = VALUES.with_columns(
        value=pl.when(pl.col("subject") == "1").then(None).otherwise("value"),
        highest=pl.when(pl.col("subject") == "1").then(0.1),
    )
    assert find_statistic(bounded, ask("share_below", cut=1.0))["value"][0] == pytest.approx(1 / 3)


def test_only_who_has_another_outcome():
    other = LABELS.head(4).with_columns(endpoint=pl.lit("f"))
    both = pl.concat([TIMES, other])
    found = find_statistic(both, ask("event_until", day=15.0, among="f"))
    assert found.rows() == [(1, pytest.approx(2 / 3), 3)]
