"""What the grading counts: cuts, censoring, days to grades."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from stromal.endpoints.records.lab_series import as_numbered
from stromal.endpoints.rules.cart.icaht import find_ends, grade_days, read_icaht
from stromal.tables.patients import Patients


@pytest.mark.parametrize(
    ("criteria", "count", "cut", "low"),
    [
        ("icaht_2023", 0.5, 0.5, True),
        ("icaht_2023", 500 * 1e-3, 0.5, True),
        ("icaht_2023", 0.501, 0.5, False),
        ("t_icaht_2025", 50.0, 50.0, False),
        ("t_icaht_2025", 49.0, 50.0, True),
        ("t_icaht_2025_as_coded", 50.0, 50.0, True),
        ("icaht_2023", np.nan, 0.5, False),
    ],
)
def test_a_count_at_a_cut_is_low_as_the_version_says(criteria, count, cut, low):
    assert read_icaht(criteria).is_low(np.array([count]), cut).item() is low


@pytest.mark.parametrize(
    ("severe", "profound", "grade"),
    [(0, 0, 0), (1, 0, 1), (6, 6, 1), (7, 0, 2), (13, 6, 2), (14, 0, 3), (13, 7, 3), (20, 14, 4)],
)
def test_days_become_grades_as_the_table_has_them(severe, profound, grade):
    days = {0.5: np.array([severe]), 0.1: np.array([profound])}
    assert grade_days(days, read_icaht("icaht_2023").early).item() == grade


def test_the_last_day_is_that_of_follow_up_of_censoring_or_of_the_phase():
    patients = as_numbered(
        Patients.of(
            subjects=pl.DataFrame(
                {"subject": ["a", "b", "c", "d"], "last_day": [50, 20, 60, None]}
            ),
            events=pl.DataFrame({"subject": ["c"], "day": [12.0], "event": ["progression"]}),
        )
    )
    phase = read_icaht("t_icaht_2025").early
    assert find_ends(patients, phase, ("progression",)).to_list() == [30, 20, 12, 30]
    assert find_ends(patients, phase, ()).to_list() == [30, 20, 30, 30]
