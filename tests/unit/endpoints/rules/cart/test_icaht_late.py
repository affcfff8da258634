"""Late grades: the lowest count, a transient one, bounds, censoring."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.rules.cart.graded import graded

from stromal.endpoints.rules.cart.icaht_late import IcahtLateParameters, derive_icaht_late


def late(counts, **more):
    own = {key: more.pop(key) for key in ("criteria", "to_day", "censor_events") if key in more}
    return graded(derive_icaht_late, IcahtLateParameters(**own), counts, **more)


@pytest.mark.parametrize(
    ("counts", "grade"),
    [
        ((2.0, 3.0), 0),
        ((1.5, 1.5), 1),
        ((1.0, 1.5), 2),
        ((0.5, 1.4), 3),
        ((0.1, 1.4), 4),
        ((0.09, 1.6), 0),
        ((0.09,), 4),
        ((1.501, 1.501), 0),
    ],
)
def test_the_lowest_count_is_graded_unless_it_stands_alone(counts, grade):
    row = late({40.0 + 7 * place: count for place, count in enumerate(counts)})
    assert (row["value"], row["lowest"], row["highest"]) == (grade, grade, grade)


def test_the_reason_names_the_lowest_count_and_the_next():
    row = late({40.0: 1.4, 50.0: 0.9, 60.0: 3.0})
    assert row["reason"] == "lowest neutrophils 0.9 x 10^9/L on day 50, next 1.4, grade 2"
    assert row["day"] == 50
    assert late({40.0: 0.9})["reason"].endswith("on day 40, the only count, grade 2")


def test_days_before_31_after_100_and_after_progression_do_not_count():
    counts = {30.0: 0.1, 40.0: 1.4, 50.0: 1.3, 70.0: 0.1, 80.0: 0.1, 101.0: 0.05}
    assert late(counts)["value"] == 4
    assert late(counts, events=((60.0, "progression"),))["value"] == 1
    assert late({101.0: 0.2, 110.0: 0.2})["value"] is None
    assert late({101.0: 0.2, 110.0: 0.2}, to_day=180)["value"] == 3
    row = late({20.0: 0.2})
    assert row["reason"] == "no neutrophils from day 31 to day 100 under observation"


def test_bounds_count_where_they_decide():
    assert late({40.0: "<0.1", 50.0: 1.2})["value"] == 4
    row = late({40.0: "<0.7", 50.0: 1.2})
    assert (row["value"], row["lowest"], row["highest"]) == (None, 2, 4)
    assert row["reason"] == "neutrophils that are bounds or missing leave grade 2 to 4 possible"


def test_platelets_of_two_weeks_below_20_are_grade_4():
    asked = {"criteria": "t_icaht_2025", "analyte": "platelets"}
    few = {float(day): 15 if day < 40 else 120 for day in range(31, 60)}
    many = {float(day): 15 if day < 45 else 120 for day in range(31, 60)}
    assert late(few, **asked)["value"] == 3
    assert late(many, **asked)["value"] == 4
    assert late({40.0: 49, 47.0: 90}, **asked)["value"] == 2
    assert late({40.0: 99, 47.0: 120}, **asked)["value"] == 0
    assert late({40.0: 99, 47.0: 99}, **asked)["value"] == 1
