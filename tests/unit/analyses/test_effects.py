from stromal.analyses.effects import describe_effect, name_contrast, render_effect
from tests.unit.analyses.example import answer

CURVES = {"estimate": "survival", "endpoint": "relapse", "by": "stage"}
ROW = {
    "statistic": "hazard ratio",
    "by": "stage",
    "term": "late",
    "reference": "early",
    "value": 12.345,
    "low": 0.5,
    "high": None,
    "level": 0.9,
}


def test_a_contrast_is_named_by_the_labels_of_its_groups():
    _, found = answer(CURVES)
    assert name_contrast(found, ROW) == "late against early"


def test_a_ratio_below_one_is_no_share():
    assert render_effect(ROW | {"value": 0.56, "high": 0.7}) == ("0.56", "0.50 to 0.70")


def test_a_difference_of_shares_is_in_points():
    difference = ROW | {"statistic": "risk difference", "value": -0.1, "low": -0.2, "high": 0.0}
    assert render_effect(difference) == ("−10.0 points", "−20.0 to 0.00")


def test_a_sentence_says_level_and_open_end():
    _, found = answer(CURVES)
    assert describe_effect(found, ROW) == (
        "hazard ratio of late against early: 12.3 (90 % CI 0.50 to –)"
    )


def test_what_could_not_be_estimated_is_not_said():
    _, found = answer(CURVES)
    assert describe_effect(found, ROW | {"value": None}) == ""
    assert render_effect(ROW | {"value": None, "low": None}) == ("–", "–")
