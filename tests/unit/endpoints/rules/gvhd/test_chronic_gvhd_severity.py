"""Severity of chronic GVHD: the published sentences, every combination, missing organs."""

from __future__ import annotations

import random

import polars as pl
import pytest
from tests.unit.endpoints.rules.gvhd.staged import bounded, outcome, patient, scored

from stromal.endpoints.records.chronic_scores import ORGAN_LABELS
from stromal.endpoints.rules.gvhd.chronic_gvhd_severity import SEVERITIES, grade

RULE = "chronic_gvhd_severity"
NONE = dict.fromkeys(ORGAN_LABELS, 0)


def severity(scores, other=None, **parameters):
    rows = scored("chronic_gvhd_score", 180, **scores)
    rows += scored("chronic_gvhd_other_cause", 180, **(other or {}))
    return outcome(patient(rows), RULE, window={"day": 180}, **parameters)


@pytest.mark.parametrize(
    ("scores", "label"),
    [
        ({}, "none"),
        ({"mouth": 1}, "mild"),
        ({"mouth": 1, "eyes": 1}, "mild"),
        ({"mouth": 1, "eyes": 1, "skin": 1}, "moderate"),
        ({"skin": 2}, "moderate"),
        ({"lungs": 1}, "moderate"),
        ({"lungs": 2}, "severe"),
        ({"genital": 3}, "severe"),
    ],
)
def test_severity_of_known_scores(scores, label):
    assert severity({**NONE, **scores})["label"] == label


def by_words(scores):
    """The sentences of the consensus in other words."""
    others = [score for organ, score in scores.items() if organ != "lungs"]
    if 3 in scores.values() or scores["lungs"] == 2:
        return "severe"
    if 2 in others or scores["lungs"] == 1 or sum(score > 0 for score in scores.values()) > 2:
        return "moderate"
    return "mild" if any(others) else "none"


def test_random_combinations_follow_the_sentences():
    draw = random.Random(4)
    rows = [
        {organ: draw.choice([0, 0, 0, 0, 0, 1, 2, 3]) for organ in ORGAN_LABELS}
        for _ in range(2000)
    ]
    frame = pl.DataFrame([{f"least_{k}": v for k, v in row.items()} for row in rows])
    found = [SEVERITIES[int(value)] for value in frame.select(grade("least", 0)).to_series()]
    assert found == [by_words(row) for row in rows]
    assert set(found) == set(SEVERITIES)


def test_a_missing_organ_leaves_open_what_it_could_change():
    most = {organ: 0 for organ in ORGAN_LABELS if organ != "eyes"}
    row = severity({**most, "mouth": 1})
    assert bounded(row) == (None, 1, 3)
    assert row["reason"] == "mouth 1; eyes not scored: mild to severe is possible"
    assert bounded(severity({"skin": 3}))[0] == "severe"
    assert severity({"skin": 3, "mouth": 1})["reason"].startswith(
        "severe: skin 3, mouth 1; eyes, gastrointestinal tract"
    )
    assert severity({**most})["reason"] == "eyes not scored: none to severe is possible"


def test_no_score_is_no_severity():
    row = outcome(patient(scored("chronic_gvhd_score", 150, **NONE)), RULE, window={"day": 180})
    assert bounded(row) == (None, None, None)
    assert row["reason"] == "no organ scored on day 180"


def test_an_organ_with_another_cause_does_not_count():
    assert severity({**NONE, "liver": 3}, {"liver": "yes"})["label"] == "none"
    assert severity({**NONE, "liver": 3}, {"liver": "no"})["label"] == "severe"


def test_organs_can_be_derived_from_values():
    rows = scored("chronic_gvhd_score", 180, **{k: 0 for k in ORGAN_LABELS if k != "lungs"})
    known = patient(rows, values=[(178, "fev1_percent", 55, "%")])
    row = outcome(known, RULE, window={"day": 180, "before": 7}, derived=["lungs"])
    assert (row["label"], row["reason"]) == ("severe", "severe: lungs 2")


def test_organs_without_a_record_can_be_taken_as_not_involved():
    row = severity({"mouth": 1}, unscored_organs="absent")
    assert (row["label"], row["reason"]) == ("mild", "mild: mouth 1")
