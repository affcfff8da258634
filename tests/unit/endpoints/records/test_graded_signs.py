"""Grades of days: signs together, grades that were recorded, events without a grade."""

from __future__ import annotations

import polars as pl
import pytest

from stromal.endpoints.records.graded_signs import SignParameters, grade_days, grade_signs
from stromal.tables.patients import Patients


def records(*rows, events=()):
    names = ["subject", "day", "scale", "item", "value"]
    return Patients.of(
        subjects=pl.DataFrame({"subject": ["1"]}),
        assessments=pl.DataFrame(
            [("1", *row) for row in rows],
            dict.fromkeys(names, pl.String) | {"day": pl.Float64},
            orient="row",
        ),
        events=pl.DataFrame({"day": list(events)}, {"day": pl.Float64}).with_columns(
            subject=pl.lit("1"), event=pl.lit("bleeding")
        ),
    )


def days(criteria, *rows, events=(), **parameters):
    found = grade_days(records(*rows, events=events), SignParameters(**parameters), criteria)
    return found.sort("day").select("day", "least", "most").rows()


def signs(scale, day=1.0, **items):
    return [(day, scale, item, value) for item, value in items.items()]


@pytest.mark.parametrize(
    ("items", "ends"),
    [
        ({"clots": "yes", "renal_failure": "yes"}, (4, 4)),
        ({"clots": "yes", "renal_failure": "no"}, (3, 3)),
        ({"clots": "yes"}, (3, 4)),
        ({"renal_failure": "yes"}, (0, 4)),
        ({"clots": "no", "macroscopic": "no", "microscopic": "yes"}, (1, 1)),
        ({"clots": "no", "macroscopic": "no", "renal_failure": "yes"}, (0, 1)),
    ],
)
def test_signs_that_need_each_other_give_the_grade_only_together(items, ends):
    assert days("haemorrhagic_cystitis", *signs("haematuria", **items)) == [(1, *ends)]


def test_a_recorded_grade_leaves_nothing_open_and_the_worse_record_counts():
    rows = signs("haematuria", grade="2")
    assert days("haemorrhagic_cystitis", *rows) == [(1, 2, 2)]
    both = signs("haematuria", grade="1", clots="yes")
    assert days("haemorrhagic_cystitis", *both) == [(1, 3, 3)]


def test_an_event_without_a_grade_is_open_and_one_with_a_grade_is_not():
    assert days("who_bleeding", events=[2.0]) == [(2, 1, 4)]
    assert days("who_bleeding", *signs("bleeding", 2.0, who="2"), events=[2.5]) == [(2, 2, 2)]
    assert days("who_bleeding", *signs("bleeding", 2.0, who="0"), events=[2.5]) == [(2, 1, 1)]
    assert days("who_bleeding", events=[2.0], from_day=3) == []


def test_the_day_is_the_first_that_surely_has_the_grade():
    patients = records(
        *signs("bleeding", 1.0, minor="no", clinically_significant="no"),
        *signs("bleeding", 5.0, who="4"),
    )
    row = grade_signs(patients, SignParameters(), "who_bleeding", reasons=True).row(0, named=True)
    assert (row["label"], row["day"], row["lowest"]) == ("4", 5, 4)
    assert row["reason"] == "WHO bleeding grade on day 5, grade 4"
