"""Time to a response: what competes, where observation ends, what stays open."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from tests.unit.endpoints.rules.gvhd.staged import clear, organs, outcome, patient

from stromal.endpoints.records.numbered import number_subjects
from stromal.endpoints.rules.gvhd.time_to_response import (
    TimeToResponseParameters,
    derive_time_to_response,
    name_statuses,
)

RULE = "time_to_acute_gvhd_response"
BASE = clear(0, skin=3, liver=1)
SAME = {"skin": 3, "liver": 1}


def time(*later, events=(), last_day=None, **parameters):
    rows = [*BASE, *(row for day, stages in later for row in clear(day, **stages))]
    row = outcome(patient(rows, events, last_day=last_day), RULE, **parameters)
    return row["value"], row["status"], row["reason"]


@pytest.mark.parametrize(
    ("later", "events", "expected"),
    [
        ([(7, SAME), (14, {"skin": 1, "liver": 1})], [], (14, 1, "response on day 14")),
        ([(7, SAME)], [], (7, 0, "no response by the last assessment, day 7")),
        ([(7, SAME)], [(90, "death")], (90, 2, "death on day 90")),
        (
            [(7, SAME), (14, {})],
            [(9, "systemic_gvhd_treatment")],
            (9, 2, "systemic treatment of GVHD on day 9"),
        ),
        ([(14, {})], [(14, "systemic_gvhd_treatment")], (14, 1, "response on day 14")),
        ([(14, {})], [(0, "systemic_gvhd_treatment")], (14, 1, "response on day 14")),
        ([], [(9, "death")], (9, 2, "death on day 9")),
        ([], [], (None, None, "no organ staged after baseline")),
    ],
)
def test_death_and_treatment_compete_and_observation_ends_with_assessments(later, events, expected):
    assert time(*later, events=events, last_day=60) == expected


def test_a_complete_response_can_be_asked_for():
    later = [(14, {"skin": 1}), (28, {})]
    assert time(*later, response="complete")[:2] == (28, 1)
    assert time(*later)[:2] == (14, 1)
    complete = TimeToResponseParameters(response="complete")
    assert name_statuses(complete).competing.endswith("death without complete response")


def test_observation_can_be_closed():
    closed = time((14, SAME), (35, {}), until_day=28)
    assert closed[:2] == (28, 0)
    assert closed[2].startswith("no response or ")
    assert closed[2].endswith(" until day 28")


def test_organs_that_were_not_staged_leave_the_day_open():
    rows = [*BASE, *organs(7, skin=1), *clear(14, skin=1)]
    row = outcome(patient(rows), RULE)
    assert (row["value"], row["lowest"], row["highest"]) == (14, 7, 14)
    assert row["reason"] == (
        "response on day 14; not every organ was staged on day 7, when it may have begun"
    )
    only = outcome(patient([*BASE, *organs(7, skin=1)], last_day=60), RULE)
    assert (only["status"], only["reason"]) == (
        None,
        "not every organ was staged on day 7: a response is possible",
    )


def test_a_response_that_may_have_come_before_death_is_open():
    rows = [*BASE, *organs(7, skin=1)]
    died = outcome(patient(rows, [(20, "death")]), RULE)
    assert died["status"] is None
    before = outcome(patient(rows, [(5, "systemic_gvhd_treatment")]), RULE)
    assert (before["value"], before["status"]) == (5, 2)


def test_who_had_no_organ_involved_has_no_time():
    row = outcome(patient([*clear(0), *clear(14)]), RULE)
    assert (row["status"], row["reason"]) == (None, "no organ involved at baseline")


def test_who_was_observed_only_after_the_last_assessment_was_never_at_risk():
    known = number_subjects(patient([*BASE, *clear(7, **SAME)], last_day=60))
    late = known.subjects.with_columns(first_day=pl.lit(30.0))
    row = derive_time_to_response(replace(known, subjects=late), TimeToResponseParameters()).row(
        0, named=True
    )
    assert (row["value"], row["status"]) == (None, None)
    assert row["reason"].endswith("before observation began on day 30: never at risk")
