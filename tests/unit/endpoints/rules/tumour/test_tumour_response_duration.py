"""Duration of response: from the first response to progression, relapse or death."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.rules.tumour.assessed import assessed

from stromal.endpoints.rules.tumour.tumour_response_duration import (
    TumourResponseDurationParameters,
    derive_tumour_response_duration,
)


def duration(assessments, events=(), **parameters):
    given = TumourResponseDurationParameters(**parameters)
    return derive_tumour_response_duration(assessed(assessments, events), given).row(0, named=True)


@pytest.mark.parametrize(
    ("responses", "events", "found"),
    [
        ({28: "PR", 90: "CR", 180: "PD"}, (), (152, 1, 62, 152)),
        ({28: "PR", 90: "CR"}, [(120, "relapse")], (92, 1, None, None)),
        ({28: "PR", 90: "CR"}, [(100, "death")], (72, 1, None, None)),
        ({28: "PR", 90: "SD", 150: "NE"}, (), (62, 0, None, None)),
        ({28: "PR", 90: "CR"}, [(60, "next_therapy"), (80, "relapse")], (0.5, 0, None, None)),
        ({28: "PR"}, (), (0.5, 0, None, None)),
        ({28: "SD", 90: "PD"}, (), (None, None, None, None)),
        ({28: "PD", 90: "CR"}, (), (None, None, None, None)),
        ({}, (), (None, None, None, None)),
        ({28: "CR"}, [(None, "relapse")], (None, None, None, None)),
    ],
)
def test_times_run_from_the_response(responses, events, found):
    row = duration(responses, events)
    assert (row["value"], row["status"], row["lowest"], row["highest"]) == found


def test_a_complete_response_has_a_duration_of_its_own():
    visits = {28: "PR", 90: "CR", 180: "PD"}
    assert duration(visits, responses=["CR"])["value"] == 90
    row = duration({28: "PR", 90: "PD"}, responses=["CR"])
    assert (row["value"], row["reason"]) == (None, "no CR was assessed")


def test_reasons_name_the_days():
    row = duration({28: "PR", 90: "CR"}, [(95, "next_therapy")])
    assert row["reason"] == "PR on day 28, no progression by day 90, next treatment on day 95"
