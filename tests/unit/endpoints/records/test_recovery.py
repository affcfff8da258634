"""Runs of counts at or above a cut: days, nadir, transfusions, rises that are not confirmed."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.endpoints.followed import followed

from stromal.endpoints.records.recovery import derive_recovery


def recovery(*counts, cut=0.5, values=3, transfused=None, free_days=7):
    patients = followed({"1": None}, counts=[("1", day, value) for day, value in counts])
    transfusions = None
    if transfused is not None:
        transfusions = pl.DataFrame(
            {"subject": ["1"] * len(transfused), "day": transfused},
            schema={"subject": pl.String, "day": pl.Float64},
        )
    rows = derive_recovery(patients, "neutrophils", cut, values, transfusions, free_days)
    return rows.row(0, named=True)


LOW = (9, 0.3)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([LOW, (10, 0.5), (11, 0.5), (12, 0.5)], 10),
        ([LOW, (10, 0.5), (11, 0.7)], None),
        ([LOW, (10, 0.6), (11, 0.4), (12, 0.6), (13, 0.6), (14, 0.6)], 12),
        ([LOW, (10, 0.6), (14, 0.6), (21, 0.6)], 10),
        ([(0, 3.0), (1, 2.0), (2, 1.0), LOW, (10, 0.6), (11, 0.6), (12, 0.6)], 10),
        ([(1, 0.6), (2, 0.6), (3, 0.6)], None),
        ([(-3, 0.1), (1, 0.6), (2, 0.6), (3, 0.6)], None),
        ([LOW, (10, 0.6), (10, 0.6), (10, 0.6), (11, 0.6)], None),
        ([LOW, (10, 0.6), (11, 0.9), (11, 0.4), (12, 0.6), (13, 0.6), (14, 0.6)], 12),
        ([LOW, (10.3, 0.6), (10.9, 0.7), (11.2, 0.6), (12.1, 0.6)], 10),
        ([(12, 0.5), (11, 0.5), (10, 0.5), LOW], 10),
    ],
    ids=[
        "the cut itself counts",
        "two values do not",
        "a fall between starts again",
        "values need not be daily",
        "before the nadir nothing counts",
        "never below",
        "before day 0 is no nadir",
        "three values of one day are one",
        "the lowest of a day counts",
        "parts of days are days",
        "rows in any order",
    ],
)
def test_first_of_three_successive_values(counts, expected):
    assert recovery(*counts)["recovery_day"] == expected


def test_counts_are_compared_at_15_digits():
    assert recovery(LOW, *((day, 0.1 + 0.2 + 0.2 - 1e-17) for day in (10, 11, 12)))["recovery_day"]
    assert recovery(LOW, *((day, 0.4999999) for day in (10, 11, 12)))["recovery_day"] is None


def test_how_many_values_is_a_parameter():
    counts = [LOW, (10, 0.6), (11, 0.6)]
    assert recovery(*counts, values=2)["recovery_day"] == 10
    assert recovery(*counts, values=1)["recovery_day"] == 10


@pytest.mark.parametrize(
    ("transfused", "expected"),
    [([], 10), ([-5], 10), ([3], 10), ([4], 11), ([10], 19), ([12], 19), ([13], 10), ([3, 12], 19)],
)
def test_no_transfusion_before_or_among_the_values(transfused, expected):
    counts = [LOW, *((day, 0.6) for day in (10, 11, 12, 14, 15, 19, 20, 21))]
    assert recovery(*counts, transfused=transfused)["recovery_day"] == expected


def test_a_transfusion_starts_the_counting_of_a_patient_never_below():
    found = recovery(*((day, 0.8) for day in (1, 5, 7, 8, 9)), transfused=[0])
    assert (found["recovery_day"], found["below"]) == (7, True)
    assert recovery((1, 0.8), (2, 0.8), (3, 0.8), transfused=[])["below"] is False


def test_a_rise_that_is_not_confirmed():
    found = recovery(LOW, (28, 0.4), (29, 0.6), (30, 0.7))
    assert (found["rising_from"], found["last_below"], found["last_count"]) == (29, 28, 30)
    assert recovery(LOW, (28, 0.4))["rising_from"] is None
    assert recovery(LOW, (10, 0.5), (11, 0.5), (12, 0.5))["rising_from"] is None


def test_subjects_do_not_run_into_each_other():
    counts = [("a", 9, 0.1), ("a", 10, 0.6), ("b", 1, 0.6), ("b", 2, 0.6), ("b", 3, 0.1)]
    rows = derive_recovery(followed({"a": None, "b": None}, counts=counts), "neutrophils", 0.5, 3)
    assert rows["recovery_day"].to_list() == [None, None]


def test_subjects_without_counts_have_no_row():
    patients = followed({"a": None, "b": None}, counts=[("a", 1, 0.1)])
    assert derive_recovery(patients, "neutrophils", 0.5, 3)["subject"].to_list() == ["a"]
    assert derive_recovery(patients, "platelets", 20, 3).is_empty()


COUNTS = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from([0.1, 0.4, 0.5, 0.9])), min_size=1, max_size=25
)


@settings(deadline=None, max_examples=60)
@given(COUNTS, COUNTS)
def test_later_counts_never_move_a_recovery(counts, later):
    before = recovery(*counts)
    end = before["last_count"]
    after = recovery(*counts, *((end + 1 + day, value) for day, value in later))
    if before["recovery_day"] is not None:
        assert after["recovery_day"] == before["recovery_day"]
    elif after["recovery_day"] is not None and before["below"]:
        assert after["recovery_day"] >= (before["rising_from"] or end + 1)


@settings(deadline=None, max_examples=60)
@given(COUNTS)
def test_a_recovery_agrees_with_a_plain_reading(counts):
    daily: dict[int, float] = {}
    for day, value in counts:
        daily[day] = min(value, daily.get(day, value))
    days = sorted(daily)
    expected = None
    for at, day in enumerate(days):
        run = [daily[one] >= 0.5 for one in days[at : at + 3]]
        fell = any(daily[one] < 0.5 for one in days[:at])
        if expected is None and fell and len(run) == 3 and all(run):
            expected = day
    assert recovery(*counts)["recovery_day"] == expected
