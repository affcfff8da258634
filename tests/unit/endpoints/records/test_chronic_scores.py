"""Organ scores of chronic GVHD: parts, cuts, bounds, nearest days, and other causes."""

import pytest
from tests.unit.endpoints.rules.gvhd.staged import patient, scored

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.records.chronic_scores import (
    CRITERIA,
    ORGAN_LABELS,
    ChronicScoreParameters,
    derive_part_scores,
    derive_score_days,
    find_organ_scores,
)
from stromal.tables.vocabulary.scales import SCALES
from stromal.tables.windows import Window

DAY = Window(day=100, before=7, after=7)
SIGNS = "chronic_gvhd_signs"


def ends(organ, rows=(), values=(), **parameters):
    """The least and the most score of an organ that is derived."""
    given = {"derived": (organ,), **parameters}
    found = find_organ_scores(
        patient(rows, values=values), ChronicScoreParameters.model_validate(given), [organ], DAY
    )
    return found.select(f"least_{organ}", f"most_{organ}").row(0) if found.height else None


def test_organs_are_those_of_the_criteria_and_of_the_scales():
    assert list(ORGAN_LABELS) == read_criteria(CRITERIA).rules["organs"]
    for scale in ("chronic_gvhd_score", "chronic_gvhd_other_cause"):
        assert set(SCALES[scale].items) == set(ORGAN_LABELS)


@pytest.mark.parametrize(
    ("surface", "sclerosis", "score"),
    [
        (0, "none", 0),
        (0.5, "none", 1),
        (18, "none", 1),
        (19, "none", 2),
        (50, "none", 2),
        (50.5, "none", 3),
        (5, "superficial", 2),
        (51, "superficial", 3),
        (0, "deep", 3),
    ],
)
def test_the_higher_skin_score_counts(surface, sclerosis, score):
    rows = scored(SIGNS, 100, skin_bsa=surface, skin_sclerosis=sclerosis)
    assert ends("skin", rows) == (score, score)


def test_a_part_that_nobody_recorded_leaves_the_score_open():
    rows = scored(SIGNS, 100, skin_bsa=10)
    assert ends("skin", rows) == (1, 3)
    assert ends("skin", rows, unrecorded_signs="absent") == (1, 1)
    assert ends("skin", scored(SIGNS, 100, skin_sclerosis="deep")) == (3, 3)
    assert ends("skin") is None


@pytest.mark.parametrize(
    ("volume", "score"), [(80, 0), (79.5, 1), (60, 1), (59, 2), (40, 2), (39, 3)]
)
def test_lungs_by_forced_expiratory_volume(volume, score):
    assert ends("lungs", values=[(100, "fev1_percent", volume, "%")]) == (score, score)


def test_a_bound_gives_two_scores_where_it_does_not_decide():
    assert ends("lungs", values=[(100, "fev1_percent", "<40", "%")]) == (3, 3)
    assert ends("lungs", values=[(100, "fev1_percent", "<50", "%")]) == (2, 3)
    assert ends("lungs", values=[(100, "fev1_percent", ">80", "%")]) == (0, 0)


@pytest.mark.parametrize(
    ("bilirubin", "alt", "alp", "score"),
    [
        (1.2, 40, 100, 0),
        (1.0, 119, 359, 0),
        (1.0, 120, 100, 1),
        (1.0, 200, 100, 1),
        (1.0, 201, 100, 2),
        (1.0, 40, 360, 1),
        (1.3, 40, 100, 2),
        (3.0, 40, 100, 2),
        (3.1, 40, 100, 3),
    ],
)
def test_liver_by_bilirubin_and_enzymes(bilirubin, alt, alp, score):
    values = [
        (100, "bilirubin", bilirubin, "mg/dL"),
        (99, "alt", alt, "U/L"),
        (99, "alp", alp, "U/L"),
    ]
    assert ends("liver", values=values) == (score, score)


def test_a_liver_without_enzymes_is_open_below_what_they_could_show():
    assert ends("liver", values=[(100, "bilirubin", 1.0, "mg/dL")]) == (0, 2)
    assert ends("liver", values=[(100, "bilirubin", 2.0, "mg/dL")]) == (2, 2)


@pytest.mark.parametrize(
    ("signs", "score"),
    [
        ({}, (0, 0)),
        ({"gi_symptoms": "yes"}, (1, 1)),
        ({"gi_weight_loss_percent": 4.9, "gi_symptoms": "yes"}, (1, 1)),
        ({"gi_weight_loss_percent": 5}, (2, 2)),
        ({"gi_weight_loss_percent": 15}, (2, 2)),
        ({"gi_weight_loss_percent": 15.1}, (3, 3)),
        ({"gi_diarrhoea": "moderate"}, (2, 2)),
        ({"gi_supplement_or_dilation": "yes"}, (3, 3)),
    ],
)
def test_gut_by_the_worst_sign(signs, score):
    none = {
        "gi_symptoms": "no",
        "gi_weight_loss_percent": 0,
        "gi_diarrhoea": "none",
        "gi_supplement_or_dilation": "no",
    }
    assert ends("gi", scored(SIGNS, 100, **{**none, **signs})) == score


def test_recorded_scores_are_those_nearest_and_the_worse_of_two_equally_near():
    rows = [
        *scored("chronic_gvhd_score", 98, mouth=1),
        *scored("chronic_gvhd_score", 102, mouth=2),
        *scored("chronic_gvhd_score", 106, mouth=3),
        *scored("chronic_gvhd_score", 101, eyes=4, joints="?"),
    ]
    found = find_organ_scores(patient(rows), ChronicScoreParameters(), ["mouth", "eyes"], DAY)
    assert found.row(0)[1:] == (102, 2, 2, None, None)


def test_another_cause_takes_an_organ_out():
    rows = [
        *scored("chronic_gvhd_score", 100, liver=3, mouth=1),
        *scored("chronic_gvhd_other_cause", 100, liver="yes", mouth="no"),
    ]
    found = find_organ_scores(patient(rows), ChronicScoreParameters(), ["liver", "mouth"], DAY)
    assert found.row(0)[2:] == (0, 0, 1, 1)


def test_needs_are_what_is_read():
    parameters = ChronicScoreParameters(derived=("lungs", "skin"))
    needs = parameters.list_needs(["skin", "lungs", "eyes"])
    assert [(need.table, need.names) for need in needs] == [
        ("assessments", ("chronic_gvhd_signs.skin_bsa", "chronic_gvhd_signs.skin_sclerosis")),
        ("labs", ("fev1_percent",)),
        ("assessments", ("chronic_gvhd_score.eyes",)),
    ]
    assert derive_part_scores(patient(), parameters, ["skin", "lungs"]).height == 0


def test_days_hold_what_was_recorded_on_them():
    rows = [
        *scored("chronic_gvhd_score", 100.4, mouth=1),
        *scored("chronic_gvhd_score", 100.9, mouth=2, eyes=0),
        *scored("chronic_gvhd_score", 130, eyes=3),
        *scored("chronic_gvhd_other_cause", 130, eyes="yes"),
    ]
    days = derive_score_days(patient(rows), ChronicScoreParameters(), ["mouth", "eyes"])
    assert days.drop("subject").rows() == [(100, 2, 2, 0, 0), (130, None, None, 0, 0)]


def test_a_value_after_the_window_hides_none_of_its_last_day():
    low = [(107.0, "fev1_percent", 50, "%"), (107.5, "fev1_percent", 30, "%")]
    assert ends("lungs", values=low) == (2, 2)
    assert ends("lungs", values=low[1:]) is None
