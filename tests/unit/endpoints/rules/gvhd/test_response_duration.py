"""Duration of a response: loss, treatment, death, the last assessment, and what stays open."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.rules.gvhd.staged import clear, organs, outcome, patient

RULE = "acute_gvhd_response_duration"
BASE = clear(0, skin=3, liver=1)
PARTIAL = {"skin": 1, "liver": 1}
LOST = {"skin": 3, "liver": 2}


def duration(*later, events=(), **parameters):
    rows = [*BASE, *(row for day, stages in later for row in clear(day, **stages))]
    row = outcome(patient(rows, events, last_day=400), RULE, **parameters)
    return row["value"], row["status"], row["reason"]


@pytest.mark.parametrize(
    ("later", "events", "expected"),
    [
        (
            [(14, PARTIAL), (28, {}), (56, LOST)],
            [],
            (42, 1, "last shown on day 28, lost on day 56"),
        ),
        ([(14, PARTIAL), (28, {})], [], (14, 0, "last shown on day 28, the last assessment")),
        ([(14, PARTIAL)], [], (0.5, 0, "last shown on day 14, the last assessment")),
        (
            [(14, PARTIAL), (28, {}), (56, LOST)],
            [(40, "systemic_gvhd_treatment")],
            (26, 1, "last shown on day 28, additional systemic treatment on day 40"),
        ),
        ([(14, PARTIAL)], [(90, "death")], (76, 2, "last shown on day 14, died on day 90")),
        (
            [(14, PARTIAL), (28, LOST)],
            [(90, "death")],
            (14, 1, "last shown on day 14, lost on day 28"),
        ),
    ],
)
def test_a_response_ends_with_loss_treatment_or_death(later, events, expected):
    value, status, reason = duration(*later, events=events)
    assert (value, status) == expected[:2]
    assert reason == f"response from day 14, {expected[2]}"


@pytest.mark.parametrize(
    ("later", "events", "reason"),
    [
        ([(14, {"skin": 3, "liver": 1})], [], "no response"),
        (
            [(14, PARTIAL)],
            [(9, "systemic_gvhd_treatment")],
            "additional systemic treatment on day 9 before any assessment",
        ),
        ([], [], "no organ staged after baseline"),
        ([(14, PARTIAL)], [(None, "death")], "death recorded without a day"),
        (
            [(14, PARTIAL)],
            [(None, "systemic_gvhd_treatment")],
            "day of additional systemic treatment not recorded",
        ),
    ],
)
def test_without_a_response_there_is_no_duration(later, events, reason):
    assert duration(*later, events=events) == (None, None, reason)


def test_an_undated_death_does_not_hide_a_loss():
    assert duration((14, PARTIAL), (28, LOST), events=[(None, "death")])[:2] == (14, 1)


def test_a_complete_response_is_lost_when_an_organ_is_involved_again():
    later = [(14, PARTIAL), (28, {}), (56, {"skin": 1})]
    value, status, reason = duration(*later, response="complete")
    assert (value, status) == (28, 1)
    assert reason == "complete response from day 28, last shown on day 28, lost on day 56"
    assert duration(*later)[:2] == (42, 0)


def test_observation_can_be_closed():
    closed = duration((14, PARTIAL), (100, {}), until_days=28)
    assert closed == (28, 0, "response from day 14, last shown on day 100, still after 28 days")


def test_assessments_of_some_organs_tell_the_bounds():
    rows = [
        *BASE,
        *organs(7, skin=1),
        *clear(14, **PARTIAL),
        *organs(28, skin=2),
        *clear(56, **LOST),
    ]
    row = outcome(patient(rows), RULE)
    assert (row["value"], row["lowest"], row["highest"]) == (42, 14, 49)
    assert row["reason"].endswith("lost on day 56; not every organ was staged on day 28")
    maybe = outcome(patient([*BASE, *organs(7, skin=1)]), RULE)
    assert (maybe["value"], maybe["reason"]) == (
        None,
        "not every organ was staged on day 7: a response is possible",
    )


def test_who_had_no_organ_involved_has_no_response():
    row = outcome(patient([*clear(0), *clear(14)]), RULE)
    assert row["reason"] == "no organ involved at baseline"


def test_death_can_be_a_loss():
    value, status, reason = duration((14, PARTIAL), events=[(90, "death")], death="loss")
    assert (value, status) == (76, 1)
    assert reason.endswith("died on day 90")
