"""Relief: those who bled at baseline and no longer do."""

from __future__ import annotations

import polars as pl
import pytest
from tests.unit.endpoints.rules.bleeding.graded import graded, result, row

from stromal.endpoints.bind import bind_endpoint
from stromal.endpoints.derive import derive_outcomes
from stromal.endpoints.rules.bleeding.bleeding_relief import derive_bleeding_relief
from stromal.endpoints.rules.bleeding.changes import ChangeParameters
from stromal.protocol.protocol import EndpointUse, Visit
from stromal.tables.patients import Patients


def relief(grades, death=None):
    return row(derive_bleeding_relief(graded("bleeding", grades, death), ChangeParameters()))


@pytest.mark.parametrize(
    ("grades", "found"),
    [
        ({0: 2, 28: 0}, ("yes", 1, 1)),
        ({0: 2, 28: 1}, ("no", 0, 0)),
        ({0: 2}, (None, 0, 1)),
        ({0: 0, 28: 0}, (None, None, None)),
        ({28: 0}, (None, None, None)),
    ],
)
def test_only_patients_who_bled_are_judged(grades, found):
    assert result(relief(grades)) == found


def test_reasons_say_what_was_recorded():
    assert relief({0: 0, 28: 0})["reason"] == "WHO grade 0 on day 0: no bleeding to be relieved"
    assert relief({0: 2})["reason"].endswith("no record of bleeding from day 25 to day 31")
    dead = relief({0: 2}, death=12.0)
    assert (dead["label"], dead["reason"]) == ("no", "WHO grade 2 on day 0, death on day 12")


def test_an_open_grade_leaves_relief_open():
    patients = graded("bleeding", {0: 2})
    rows = patients.assessments.vstack(
        patients.assessments.with_columns(
            day=pl.lit(28.0), item=pl.lit("minor"), value=pl.lit("no")
        )
    )
    open_ = Patients.of(subjects=patients.subjects, assessments=rows)
    found = row(derive_bleeding_relief(open_, ChangeParameters()))
    assert result(found) == (None, 0, 1)
    assert found["reason"] == "WHO grade 2 on day 0, 0 to 4 on day 28"


def test_a_protocol_gives_both_visits():
    visits = [Visit(name="start", day=0), Visit(name="end", day=56)]
    use = EndpointUse(name="relief", rule="bleeding_relief", visit="end", baseline="start")
    rows = derive_outcomes(graded("bleeding", {0: 1, 56: 0}), [bind_endpoint(use, visits)])
    assert rows.select("label", "value", "day").row(0) == ("yes", 1, 56)


def test_bleeding_without_a_day_may_be_that_of_the_visit():
    patients = graded("bleeding", {0: 2, 28: 0})
    events = pl.DataFrame({"subject": ["1"], "event": ["bleeding"]})
    bled = Patients.of(subjects=patients.subjects, assessments=patients.assessments, events=events)
    found = row(derive_bleeding_relief(bled, ChangeParameters()))
    assert result(found) == (None, 0, 1)
    assert found["reason"].endswith("0 on day 28, and bleeding recorded without a day")
