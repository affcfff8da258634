"""Early grades: episodes, gaps, bounds, and what days without a count leave open."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.endpoints.rules.cart.graded import graded

from stromal.endpoints.rules.cart.icaht_early import IcahtEarlyParameters, derive_icaht_early


def early(counts, **more):
    own = {key: more.pop(key) for key in ("criteria", "counted", "censor_events") if key in more}
    return graded(derive_icaht_early, IcahtEarlyParameters(**own), counts, **more)


def days(low, count=0.4, size=31, high=2.0):
    return {float(day): count if day in low else high for day in range(size)}


@pytest.mark.parametrize(
    ("low", "count", "grade"),
    [
        ((), 0.4, 0),
        (range(5, 6), 0.4, 1),
        (range(5, 12), 0.5, 2),
        (range(5, 19), 0.4, 3),
        (range(5, 12), 0.1, 3),
        (range(5, 19), 0.1, 4),
        (range(31), 0.4, 4),
        (range(3, 31), 0.4, 4),
        (range(4, 31), 0.4, 3),
    ],
)
def test_depth_and_duration_give_the_grade(low, count, grade):
    row = early(days(low, count))
    assert (row["value"], row["lowest"], row["highest"]) == (grade, grade, grade)


def test_a_recovery_of_two_days_belongs_to_the_episode_and_one_of_three_ends_it():
    assert early(days({*range(4, 8), *range(10, 13)}))["value"] == 2
    assert early(days({*range(4, 8), *range(11, 14)}))["value"] == 1
    apart = days({*range(4, 9), *range(12, 15)})
    assert early(apart, counted="cumulative")["value"] == 2


def test_gaps_are_filled_and_told():
    row = early({0.0: 2.0, 7.0: 0.2, 14.0: 0.2, 21.0: 2.0, 28.0: 2.0})
    assert row["value"] == 2
    assert (row["lowest"], row["highest"]) == (1, 4)
    assert row["reason"].endswith("grade 2; 24 days without a count")


def test_a_gap_of_more_than_a_week_adds_nothing_and_is_told():
    row = early({0.0: 2.0, 10.0: 2.0, 20.0: 2.0, 30.0: 2.0})
    assert (row["value"], row["lowest"], row["highest"]) == (0, 0, 4)
    assert row["reason"].endswith("27 days without a count, 27 of them in gaps too long to fill")


def test_early_death_without_recovery_is_grade_4():
    row = early({float(day): 0.3 for day in range(2, 13)}, events=((12.0, "death"),))
    assert row["value"] == 4


def test_bounds_and_empty_values_count_where_they_decide():
    low = days(range(5, 12))
    assert early(low | {8.0: "<0.5"})["value"] == 2
    assert early(low | {8.0: "<0.1"})["value"] == 2
    opened = early(low | {11.0: None})
    assert (opened["value"], opened["lowest"], opened["highest"]) == (None, 1, 2)
    assert opened["reason"] == (
        "neutrophils that are bounds or missing leave grade 1 to 2 possible: neutrophils ≤ 0.5 x "
        "10^9/L for 6 days in a row and ≤ 0.1 for 0 at least"
    )


def test_nobody_counted_and_nobody_is_graded():
    row = early({-3.0: 0.1})
    assert (row["value"], row["reason"]) == (None, "no neutrophils from day 0 to day 30")
    assert (row["lowest"], row["highest"]) == (None, None)


@pytest.mark.parametrize(
    ("criteria", "low", "count", "grade"),
    [
        ("t_icaht_2025", range(5, 11), 49, 1),
        ("t_icaht_2025", range(5, 12), 49, 2),
        ("t_icaht_2025", range(5, 12), 50, 0),
        ("t_icaht_2025_as_coded", range(5, 12), 50, 2),
        ("t_icaht_2025", range(5, 6), 19, 3),
        ("t_icaht_2025", range(5, 19), 19, 4),
        ("t_icaht_2025", {5, 6, 7, 20, 21, 22, 23}, 49, 2),
        ("t_icaht_2025", {5, 8, 11, 14}, 49, 2),
        ("t_icaht_2025", {5, 9}, 49, 1),
        ("t_icaht_2025_as_coded", {5, 12}, 49, 2),
    ],
)
def test_platelets_are_added_up_by_either_convention(criteria, low, count, grade):
    row = early(days(low, count, high=200.0), criteria=criteria, analyte="platelets")
    assert row["value"] == grade


def test_platelets_are_censored_at_progression():
    counts = days(range(5, 19), 19, high=200.0)
    asked = {"criteria": "t_icaht_2025", "analyte": "platelets"}
    assert early(counts, events=((10.0, "progression"),), **asked)["value"] == 3
    assert early(counts, events=((10.0, "progression"),), censor_events=(), **asked)["value"] == 4


COUNTS = st.lists(st.sampled_from([0.05, 0.3, 0.8, 2.0]), min_size=31, max_size=31)


@settings(deadline=None, max_examples=60)
@given(counts=COUNTS, seen=st.sets(st.integers(0, 30), min_size=1))
def test_the_least_and_the_most_hold_what_a_full_record_shows(counts, seen):
    full = dict(enumerate(counts))
    whole = early({float(day): count for day, count in full.items()})["value"]
    row = early({float(day): full[day] for day in seen}, last_day=30.0)
    assert row["lowest"] <= whole <= row["highest"]


@pytest.mark.parametrize(("last_day", "grade"), [(29, 4), (30, 3), (100, 3)])
def test_neutropenia_to_the_last_count_is_grade_4_where_follow_up_ended_early(last_day, grade):
    row = early(days(range(22), size=22), last_day=last_day)
    assert (row["value"], row["lowest"], row["highest"]) == (grade, 3, 4)


@pytest.mark.parametrize(("count", "grade"), [(0.1, 3), (0.101, 2), (0.5, 2), (0.501, 0)])
def test_100_and_500_per_microlitre_belong_to_the_low_counts(count, grade):
    assert early(days(range(5, 12), count))["value"] == grade


def test_an_event_that_censors_on_an_unknown_day_leaves_every_grade_possible():
    asked = {"criteria": "t_icaht_2025", "analyte": "platelets"}
    counts = days(range(5, 12), 49, high=200.0)
    row = early(counts, events=((None, "progression"),), **asked)
    assert (row["value"], row["lowest"], row["highest"]) == (None, 0, 4)
    assert row["reason"] == "progression recorded without a day: any grade is possible"
    assert early(counts, events=((None, "death"),), **asked)["value"] == 2
