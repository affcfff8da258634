"""Fever and few neutrophils: single and sustained readings, the days beside them."""

from __future__ import annotations

import polars as pl
import pytest
from tests.unit.endpoints.counted import lab, table

from stromal.endpoints.rules.cytopenia.febrile_neutropenia import (
    FebrileNeutropeniaParameters,
    derive_febrile_neutropenia,
)
from stromal.tables.patients import Patients

HOUR = 1 / 24


def judged(temperatures, counts, **parameters):
    rows = [lab("temperature", value, "degC", day=day) for day, value in temperatures]
    rows += [lab("neutrophils", count, "10^9/L", day=day) for day, count in counts]
    labs = table(*rows) if rows else None
    tables = {} if labs is None else {"labs": labs}
    patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), **tables)
    given = FebrileNeutropeniaParameters.model_validate(parameters)
    return derive_febrile_neutropenia(patients, given).row(0, named=True)


@pytest.mark.parametrize(
    ("temperatures", "count", "grade"),
    [
        ([(5.0, 38.4)], 0.9, 3),
        ([(5.0, 38.3)], 0.9, 0),
        ([(5.0, 38.4)], 1.0, 0),
        ([(5.0, 38.0), (5.0 + HOUR, 38.0)], 0.9, 3),
        ([(5.0, 38.0), (5.0 + HOUR / 2, 38.2)], 0.9, 0),
        ([(5.0, 38.0), (5.0 + HOUR, 37.9), (5.0 + 2 * HOUR, 38.0)], 0.9, 0),
        ([(5.0, 38.2), (5.0 + HOUR, 37.9)], 0.9, 0),
        ([(5.0, 36.8)], 0.1, 0),
    ],
)
def test_fever_with_few_neutrophils_is_grade_3(temperatures, count, grade):
    row = judged(temperatures, [(5.0, count)])
    assert (row["value"], row["lowest"], row["highest"]) == (grade, grade, grade)
    assert row["label"] == str(grade)


def test_guidelines_draw_other_lines():
    asked = {"criteria": "febrile_neutropenia_guideline"}
    assert judged([(5.0, 38.3)], [(5.0, 0.4)], **asked)["value"] == 3
    assert judged([(5.0, 38.4)], [(5.0, 0.9)], **asked)["value"] == 0


def test_a_count_of_the_day_before_or_after_counts():
    assert judged([(5.9, 38.6)], [(4.1, 0.4)])["value"] == 3
    assert judged([(5.1, 38.6)], [(6.9, 0.4)])["value"] == 3
    far = judged([(5.0, 38.6)], [(3.9, 0.4), (7.0, 0.4)])
    assert (far["value"], far["lowest"], far["highest"]) == (None, 0, 3)
    assert far["reason"] == "fever on day 5, without a neutrophil count beside it that decides"


def test_bounds_of_neutrophils_count_where_they_decide():
    assert judged([(5.0, 38.6)], [(5.0, "<0.5")])["value"] == 3
    assert judged([(5.0, 38.6)], [(5.0, "<1.0")])["value"] == 3
    assert judged([(5.0, 38.6)], [(5.0, "<1.5")])["value"] is None
    assert judged([(5.0, 38.6)], [(5.0, "<1.5"), (5.5, 0.9)])["value"] == 3
    assert judged([(5.0, 38.6)], [(5.0, ">1.0")])["value"] == 0
    assert judged([(5.0, 38.6)], [(5.0, None)])["value"] is None
    assert judged([(5.0, 38.6)], [(5.0, None), (6.0, 0.3)])["value"] == 3


def test_a_later_fever_can_be_the_one():
    row = judged([(2.0, 38.6), (9.0, 39.0)], [(2.0, 3.0), (9.0, 0.2)])
    assert (row["value"], row["day"]) == (3, 9)
    assert row["reason"] == "39 degC on day 9, neutrophils 0.2 x 10^9/L on day 9"
    assert judged([(2.0, 38.6), (9.0, 39.0)], [(2.0, 3.0), (9.0, 0.2)], to_day=5)["value"] == 0


def test_no_temperature_is_not_judged_and_a_normal_one_is():
    row = judged([], [(5.0, 0.2)])
    assert (row["value"], row["lowest"], row["highest"]) == (None, 0, 3)
    assert row["reason"] == "no temperature from day 0 on"
    assert judged([(5.0, 37.2)], [])["reason"] == "no fever from day 0 on, highest 37.2 degC"


@pytest.mark.parametrize(
    ("temperatures", "count", "expected"),
    [
        ([(5.0, ">38.5")], 0.4, (3, 3, 3)),
        ([(5.0, ">38.0")], 0.4, (None, 0, 3)),
        ([(5.0, ">38.0")], 2.0, (0, 0, 0)),
        ([(5.0, "<38.0")], 0.4, (0, 0, 0)),
        ([(4.0, 36.8), (5.0, None)], 0.4, (None, 0, 3)),
        ([(4.0, 36.8), (5.0, None)], 2.0, (0, 0, 0)),
        ([(5.0, 36.8), (5.5, None)], 0.4, (0, 0, 0)),
        ([(5.0, 38.6), (7.0, None)], 0.4, (3, 3, 3)),
        ([(5.0, None)], 0.4, (None, 0, 3)),
    ],
)
def test_a_temperature_that_does_not_decide_is_no_sign_of_none(temperatures, count, expected):
    row = judged(temperatures, [(5.0, count)])
    assert (row["value"], row["lowest"], row["highest"]) == expected
    assert row["reason"]
