"""Days to the end of gross haematuria: the first clear day, death, those who had none."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.rules.bleeding.graded import graded, row

from stromal.endpoints.rules.bleeding.gross_haematuria_end import (
    HaematuriaEndParameters,
    derive_gross_haematuria_end,
)


def end(grades, death=None, last=None, **parameters):
    patients = graded("haematuria", grades, death, last)
    given = HaematuriaEndParameters(**parameters)
    found = row(derive_gross_haematuria_end(patients, given))
    return found["value"], found["status"], found["reason"]


@pytest.mark.parametrize(
    ("grades", "value"), [({0: 2, 3: 1, 5: 0}, 3), ({0: 4, 3: 2, 8: 1}, 8), ({-1: 2, 2: 0}, 2)]
)
def test_the_first_day_below_grade_two_is_the_end(grades, value):
    assert end(grades)[:2] == (value, 1)


def test_death_competes_and_follow_up_censors():
    assert end({0: 3, 2: 3}, death=6.0)[:2] == (6, 2)
    assert end({0: 3, 2: 3}, last=9.0)[:2] == (9, 0)
    assert end({0: 3, 20: 1}, until_day=14)[:2] == (14, 0)


def test_patients_without_gross_haematuria_are_not_judged():
    assert end({0: 1, 3: 0}) == (None, None, "no gross haematuria for certain on day 0")
    assert end({20: 2, 30: 0})[2] == "no record of haematuria from day -7 to day 0"
