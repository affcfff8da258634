"""Runs of counts at or above a cut: days, nadir, transfusions, rises that are not confirmed."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.endpoints.followed import followed

from stromal.endpoints.records.recovery import RecoveryRule, derive_recovery


def recovery(*counts, cut=0.5, values=3, transfused=None, free_days=7, **rule):
    """Recovery of one patient; a count is a number, `<0.1`, `>1000` or None."""
    patients = followed({"1": None}, counts=[("1", day, value) for day, value in counts])
    transfusions = None
    if transfused is not None:
        transfusions = pl.DataFrame(
            {"subject": ["1"] * len(transfused), "day": transfused},
            schema={"subject": pl.String, "day": pl.Float64},
        )
    asked = RecoveryRule("neutrophils", cut, values, free_days=free_days, **rule)
    rows = derive_recovery(patients, asked, transfusions)
    return rows.row(0, named=True)


def days(found):
    """The day, and the days between which it lies."""
    return found["recovery_day"], found["earliest"], found["latest"]


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


RULE = RecoveryRule("neutrophils", 0.5, 3)


def test_subjects_do_not_run_into_each_other():
    counts = [("a", 9, 0.1), ("a", 10, 0.6), ("b", 1, 0.6), ("b", 2, 0.6), ("b", 3, 0.1)]
    rows = derive_recovery(followed({"a": None, "b": None}, counts=counts), RULE)
    assert rows["recovery_day"].to_list() == [None, None]


def test_subjects_without_counts_have_no_row():
    patients = followed({"a": None, "b": None}, counts=[("a", 1, 0.1)])
    assert derive_recovery(patients, RULE)["subject"].to_list() == ["a"]
    assert derive_recovery(patients, RecoveryRule("platelets", 20, 3)).is_empty()


# The nadir ----------------------------------------------------------------------------------------

FALLING = [(1, 0.45), (2, 0.9), (3, 0.8), (4, 0.6), (5, 0.3), (8, 0.0), (12, 0.1)]
RISE = [(16, 0.6), (17, 0.9), (18, 1.2)]


def test_what_comes_before_the_nadir_does_not_count():
    assert days(recovery(*FALLING, *RISE)) == (16, 13, 16)
    assert days(recovery(*FALLING, *RISE, counted_from="first_below")) == (2, 2, 2)


def test_a_fall_after_the_days_of_the_nadir_moves_nothing():
    late = [(day, 0.0) for day in (29, 40)] + [(day, 2.0) for day in (50, 51, 52)]
    assert recovery(LOW, (10, 0.5), (11, 0.6), (12, 0.7), *late)["recovery_day"] == 10
    moved = recovery(LOW, (10, 0.5), (11, 0.6), (12, 0.7), *late, nadir_until_day=30)
    assert moved["recovery_day"] == 50


def test_the_first_of_equal_lowest_counts_is_the_nadir():
    again = [(20, 0.3), (21, 0.9), (22, 0.9), (23, 0.9)]
    assert recovery(LOW, (10, 0.5), (11, 0.6), (12, 0.7), *again)["recovery_day"] == 10


def test_below_only_after_the_days_of_the_nadir():
    counts = [(10, 0.7), (40, 0.2), (50, 0.6), (51, 0.6), (52, 0.6)]
    assert days(recovery(*counts)) == (50, 41, 50)


# Gaps, bounds and empty values --------------------------------------------------------------------


def test_days_without_counts_leave_the_day_open_to_the_earlier_side():
    found = recovery(LOW, (10, 0.1), (22, 1.8), (24, 2.1), (27, 2.6))
    assert (*days(found), found["gap_from"]) == (22, 11, 22, 10)
    assert recovery(LOW, (10, 0.5), (11, 0.5), (12, 0.5))["gap_from"] is None


def test_a_gap_is_not_open_before_a_transfusion_has_worn_off():
    counts = [(5, 0.1), (20, 0.6), (21, 0.6), (22, 0.6)]
    assert days(recovery(*counts, transfused=[9])) == (20, 16, 20)
    assert days(recovery(*counts, transfused=[1])) == (20, 8, 20)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([(9, "<0.1"), (10, 0.5), (11, 0.5), (12, 0.5)], (10, 10, 10)),
        ([(9, "<0.5"), (10, ">0.5"), (11, ">1"), (12, 0.5)], (10, 10, 10)),
        ([LOW, (10, "<0.7"), (11, 0.5), (12, 0.5), (13, 0.6)], (None, 10, 11)),
        ([LOW, (10, 0.6), (11, ">0.4"), (12, 0.5), (13, 0.6), (14, 0.6)], (None, 10, 12)),
        ([LOW, (10, 0.6), (11, None), (12, 0.6)], (None, 10, None)),
        ([LOW, (10, 0.6), (11, None), (11.5, 0.6), (12, 0.6)], (10, 10, 10)),
        ([(9, None), (10, 0.6), (11, 0.6), (12, 0.6)], (None, 10, 10)),
        ([LOW, (10, 0.6), (11, 0.6), (12, 0.6), (14, None), (16, 0.9)], (10, 10, 10)),
        ([LOW, (10, 0.6), (11, 0.6), (12, 0.6), (14, "<0.1"), *RISE], (16, 15, 16)),
        ([LOW, (10, 0.6), (11, 0.6), (12, 0.6), (14, "<0.4"), *RISE], (None, 10, 16)),
        ([(day, "<0.1") for day in (4, 6, 8)] + RISE, (16, 9, 16)),
    ],
    ids=[
        "a bound below the cut is below it",
        "bounds at the cut decide",
        "a bound over the cut decides nothing",
        "nor does one under it",
        "an empty value neither confirms nor refutes",
        "an empty value beside another is none",
        "an empty value may have been below",
        "an empty value is no nadir after recovery",
        "a bound below all others is the nadir",
        "a bound that may be the nadir",
        "equal bounds",
    ],
)
def test_bounds_and_empty_values(counts, expected):
    assert days(recovery(*counts)) == expected


def test_whether_it_ever_fell_may_be_unknown():
    found = recovery((1, 0.7), (2, None), (3, 0.6))
    assert (found["below"], found["unclear_on"]) == (None, 2)
    assert recovery((1, 0.7), (2, ">0.5"))["below"] is False
    assert recovery((1, "<0.7"))["below"] is None


def test_a_count_in_another_unit_is_not_read():
    patients = followed({"1": None}, counts=[("1", day, 600.0) for day in (1, 2, 3)])
    labs = patients.labs.with_columns(unit=pl.lit("/uL"))
    assert derive_recovery(replace(patients, labs=labs), RULE)["below"].to_list() == [None]


# Properties ---------------------------------------------------------------------------------------

COUNTS = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from([0.1, 0.4, 0.5, 0.9])), min_size=1, max_size=25
)


@settings(deadline=None, max_examples=60)
@given(COUNTS, COUNTS)
def test_later_counts_never_move_a_recovery(counts, later):
    before = recovery(*counts, counted_from="first_below")
    end = before["last_count"]
    more = ((end + 1 + day, value) for day, value in later)
    after = recovery(*counts, *more, counted_from="first_below")
    if before["recovery_day"] is not None:
        assert after["recovery_day"] == before["recovery_day"]
    elif after["recovery_day"] is not None and before["below"]:
        assert after["recovery_day"] >= (before["rising_from"] or end + 1)


def read_plainly(daily, counted_from):
    """The day of recovery of counts that are known, read off one by one."""
    on = sorted(daily)
    early = [day for day in on if day <= 28 and daily[day] == min(daily[d] for d in on if d <= 28)]
    low = [day for day in on if daily[day] < 0.5]
    if not low:
        return None
    start = early[0] if counted_from == "nadir" and early and daily[early[0]] < 0.5 else low[0]
    for at, day in enumerate(on):
        run = [daily[one] >= 0.5 for one in on[at : at + 3]]
        if day > start and len(run) == 3 and all(run):
            return day
    return None


@pytest.mark.parametrize("counted_from", ["nadir", "first_below"])
@settings(deadline=None, max_examples=60)
@given(counts=COUNTS)
def test_a_recovery_agrees_with_a_plain_reading(counts, counted_from):
    daily: dict[int, float] = {}
    for day, value in counts:
        daily[day] = min(value, daily.get(day, value))
    found = recovery(*counts, counted_from=counted_from)
    assert found["recovery_day"] == read_plainly(daily, counted_from)


TRUTHS = {None: (0.0, 0.2, 0.6), "<0.4": (0.0, 0.2), "<0.8": (0.0, 0.2, 0.6), ">0.4": (0.45, 2.0)}
UNSURE = st.dictionaries(
    st.integers(0, 32), st.sampled_from([0.1, 0.3, 0.6, 0.9, *TRUTHS]), min_size=1, max_size=7
)


@settings(deadline=None, max_examples=150)
@given(UNSURE)
def test_the_days_between_hold_every_truth(counts):
    found = recovery(*counts.items())
    choices = [TRUTHS.get(value, (value,)) for value in counts.values()]
    for truth in product(*choices):
        day = read_plainly(dict(zip(counts, truth, strict=True)), "nadir")
        if found["recovery_day"] is not None and None not in counts.values():
            assert day == found["recovery_day"]
        if day is not None and found["earliest"] is None:
            raise AssertionError(truth)
        if day is not None and None not in counts.values():
            assert day >= found["earliest"]
            assert found["latest"] is None or day <= found["latest"]
