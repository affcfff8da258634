"""Cytokine release: fever opens, the worse of two signs grades, the worst day counts."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.signed import signed

from stromal.endpoints.rules.cart.crs_grade import derive_crs_grade

FEVER = {"fever": "yes", "fever_masked": "no", "hypotension": "none", "hypoxia": "none"}


def crs(*days, **parameters):
    rows = [(day, "crs_signs", signs) for day, signs in days]
    return signed(derive_crs_grade, *rows, **parameters)


@pytest.mark.parametrize(
    ("signs", "grade"),
    [
        ({}, 1),
        ({"fever": "no"}, 0),
        ({"fever": "no", "hypotension": "multiple_pressors"}, 0),
        ({"fever": "no", "fever_masked": "yes", "hypoxia": "high_flow"}, 3),
        ({"hypotension": "no_pressor"}, 2),
        ({"hypotension": "one_pressor", "hypoxia": "low_flow"}, 3),
        ({"hypotension": "no_pressor", "hypoxia": "positive_pressure"}, 4),
        ({"fatal": "yes"}, 5),
        ({"fever": "no", "fatal": "yes"}, 5),
        ({"fever": "no", "hypotension": "multiple_pressors", "fatal": "yes"}, 5),
    ],
)
def test_signs_of_a_day_have_a_grade(signs, grade):
    row = crs((2.0, FEVER | signs))
    assert (row["value"], row["lowest"], row["highest"]) == (grade, grade, grade)
    assert row["label"] == str(grade)


def test_the_worst_day_of_the_window_counts():
    worse = FEVER | {"hypoxia": "low_flow"}
    row = crs((1.0, FEVER), (3.0, worse), (5.0, worse), (40.0, FEVER | {"fatal": "yes"}), to_day=30)
    assert (row["value"], row["day"]) == (2, 3)
    assert row["reason"] == "hypoxia, by what it needed on day 3, grade 2"
    assert crs((40.0, FEVER), to_day=30)["reason"].endswith("from day 0 to day 30")


def test_a_sign_that_was_not_recorded_leaves_the_day_open_where_it_matters():
    row = crs((1.0, {"fever": "yes", "fever_masked": "no", "hypotension": "none"}))
    assert (row["value"], row["lowest"], row["highest"]) == (None, 1, 4)
    assert row["reason"] == (
        "grade 1 to 4 possible: not recorded on day 1: hypoxia, by what it needed"
    )
    assert crs((1.0, {"fever": "yes"}), unrecorded_signs="absent")["value"] == 1
    assert crs((1.0, {"fever": "yes", "hypoxia": "positive_pressure"}))["value"] == 4
    assert crs((1.0, {"fever": "no", "fever_masked": "no"}))["value"] == 0
    assert crs((1.0, {"fever": "no"}))["highest"] == 4


def test_a_recorded_death_of_the_syndrome_leaves_nothing_open():
    row = crs((1.0, FEVER), (4.0, {"fatal": "yes"}))
    assert (row["value"], row["lowest"], row["highest"], row["day"]) == (5, 5, 5, 4)
    assert row["reason"] == "death of cytokine release syndrome on day 4, grade 5"
