"""Baseline and visit side by side: the nearest days, gaps, death."""

from __future__ import annotations

from tests.unit.endpoints.rules.bleeding.graded import graded, row

from stromal.endpoints.rules.bleeding.changes import (
    ChangeParameters,
    compare_grades,
    derive_grades,
)


def compared(grades, **others):
    patients = graded("bleeding", grades, **others)
    return row(compare_grades(patients, "who_bleeding", ChangeParameters()))


def test_the_nearest_days_of_both_windows_are_taken():
    found = compared({-5: 3, -1: 2, 1: 0, 26: 1, 29: 0, 40: 4})
    assert (found["before_least"], found["before_day"]) == (2, -1)
    assert (found["now_most"], found["now_day"]) == (0, 29)


def test_what_was_not_assessed_is_null_and_a_later_death_is_none():
    found = compared({0: 2}, death=60.0)
    assert (found["now_least"], found["death_day"]) == (None, None)
    assert compared({0: 2}, death=20.0)["death_day"] == 20


def test_a_record_after_a_window_hides_none_of_its_last_day():
    found = compared({0: 2, 31.0: 1, 31.5: 3})
    assert (found["now_least"], found["now_day"]) == (1, 31)
    assert compared({0: 2, 31.5: 3})["now_day"] is None
    days = derive_grades(graded("bleeding", {31.0: 1, 31.5: 3}), "missing", "who_bleeding")
    assert days.select("day", "least").rows() == [(31, 3)]
