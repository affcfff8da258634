"""Values of one analyte as arrays: order, bounds, units, and what is missing."""

from __future__ import annotations

import numpy as np
import polars as pl

from stromal.endpoints.records.lab_series import as_numbered, read_lab_series
from stromal.kernels.series.grades import AT_MOST, BELOW, NO_BOUND, UNREADABLE, UP
from stromal.tables.patients import Patients


def series(rows: dict[str, list], subjects=("b", "a")):
    labs = pl.DataFrame(rows).with_columns(analyte=pl.lit("platelets"))
    patients = Patients.of(subjects=pl.DataFrame({"subject": list(subjects)}), labs=labs)
    return read_lab_series(as_numbered(patients), "platelets")


def test_rows_are_sorted_by_patient_and_day_and_need_a_day():
    found = series(
        {"subject": ["a", "b", "a", "b"], "day": [2.0, 5.0, 1.0, None], "value": [1.0, 2, 3, 4]}
    )
    assert found.number.tolist() == [0, 1, 1]
    assert found.day.tolist() == [5, 1, 2]
    assert found.values.value.tolist() == [2, 3, 1]
    assert found.rows(np.array([2, 0]))["value"].to_list() == [1, 2]


def test_other_analytes_and_other_people_are_left_out():
    found = series({"subject": ["a", "z"], "day": [1.0, 1.0], "value": [3.0, 4.0]})
    assert found.number.tolist() == [1]


def test_bounds_are_codes_and_none_at_all_is_one():
    bounds = ["below", "at most", "above", "at least", None, "perhaps"]
    found = series({"subject": ["a"] * 6, "day": [float(d) for d in range(6)], "bound": bounds})
    assert found.values.bound.tolist() == [BELOW, AT_MOST, UP, UP, NO_BOUND, UNREADABLE]
    assert series({"subject": ["a"], "day": [1.0]}).values.bound.tolist() == [NO_BOUND]


def test_each_spelling_of_the_unit_is_told_apart():
    found = series(
        {
            "subject": ["a"] * 3,
            "day": [1.0, 2.0, 3.0],
            "unit": ["10^9/L", None, "10^9/L"],
            "reported_unit": ["/uL", None, "/uL"],
        }
    )
    assert [found.spellings[code] for code in found.values.spelling] == [
        ("10^9/L", "/uL"),
        (None, None),
        ("10^9/L", "/uL"),
    ]


def test_a_missing_number_is_nan_and_a_missing_column_is_one_nan():
    found = series({"subject": ["a"] * 2, "day": [1.0, 2.0], "value": [None, 4.0]})
    assert np.array_equal(found.values.value, [np.nan, 4.0], equal_nan=True)
    assert found.values.limit.size == 1
    assert np.isnan(found.values.limit[0])
