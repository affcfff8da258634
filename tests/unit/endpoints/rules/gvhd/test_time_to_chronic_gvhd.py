"""Onset of chronic GVHD: recorded events, organ scores, competing events, missing organs."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.rules.gvhd.staged import outcome, patient, scored

from stromal.endpoints.records.chronic_scores import ORGAN_LABELS

RULE = "time_to_chronic_gvhd"
NONE = dict.fromkeys(ORGAN_LABELS, 0)


def onset(rows=(), events=(), values=(), last_day=365, **parameters):
    row = outcome(patient(rows, events, values, last_day), RULE, **parameters)
    return row["value"], row["status"], row["reason"]


def score(day, **scores):
    return scored("chronic_gvhd_score", day, **{**NONE, **scores})


@pytest.mark.parametrize(
    ("severity", "expected"),
    [("mild", (120, 1)), ("moderate", (180, 1)), ("severe", (365, 0))],
)
def test_the_first_day_of_a_severity_counts(severity, expected):
    rows = [*score(120, mouth=1), *score(180, mouth=2), *score(240)]
    assert onset(rows, from_severity=severity)[:2] == expected


@pytest.mark.parametrize(
    ("event", "statuses"),
    [
        ("chronic_gvhd", (1, 0, 0)),
        ("chronic_gvhd_systemic_treatment", (1, 0, 0)),
        ("chronic_gvhd_moderate_severe", (1, 1, 0)),
        ("chronic_gvhd_severe", (1, 1, 1)),
    ],
)
def test_a_recorded_severity_is_a_lower_one_as_well(event, statuses):
    found = tuple(
        onset(events=[(100, event)], from_severity=severity)[1]
        for severity in ("mild", "moderate", "severe")
    )
    assert found == statuses


def test_reasons_say_which_record_gives_the_day():
    assert onset(score(150, lungs=1), from_severity="moderate")[2] == (
        "moderate or severe chronic GVHD on day 150, by organ scores"
    )
    both = onset(score(150, mouth=1), [(160, "chronic_gvhd")])
    assert both == (150, 1, "chronic GVHD on day 150, by organ scores")
    assert onset(score(150, mouth=1), [(140, "chronic_gvhd")])[2] == "chronic GVHD on day 140"
    assert onset()[2] == (
        "no chronic GVHD or relapse, progression, second transplant or death by the last day under "
        "observation, day 365"
    )


@pytest.mark.parametrize("event", ["relapse", "progression", "second_transplant", "death"])
def test_relapse_second_transplant_and_death_compete(event):
    assert onset(score(150, mouth=1), [(90, event)])[:2] == (90, 2)
    assert onset(score(90, mouth=1), [(90, event)])[:2] == (90, 1)


def test_an_organ_that_was_not_scored_leaves_the_time_open():
    partly = scored("chronic_gvhd_score", 120, mouth=0, skin=0)
    assert onset(partly)[:2] == (None, None)
    assert onset(partly)[2] == "not every organ was scored on day 120: chronic GVHD is possible"
    assert onset(partly, unscored_organs="absent")[:2] == (365, 0)
    assert onset([*partly, *score(90, eyes=1)])[:2] == (90, 1)
    assert onset([*partly, *score(150, eyes=1)])[:2] == (None, None)
    assert onset(partly, [(150, "chronic_gvhd")])[:2] == (150, 1)
    assert onset(partly, [(100, "death")])[:2] == (100, 2)


def test_values_show_it_and_never_leave_it_open():
    values = [(100, "fev1_percent", 90, "%"), (200, "fev1_percent", 55, "%")]
    assert onset(values=values, derived=["lungs"], from_severity="severe")[:2] == (200, 1)
    assert onset(values=values[:1], derived=["lungs"])[:2] == (365, 0)
    assert onset(values=values)[:2] == (365, 0)


def test_scores_before_day_0_are_history_and_scores_can_be_ignored():
    assert onset(score(-5, mouth=2))[:2] == (365, 0)
    assert onset(score(100, mouth=2), scores="ignored")[:2] == (365, 0)


def test_observation_can_be_closed():
    assert onset(score(150, mouth=1), until_day=100)[:2] == (100, 0)
