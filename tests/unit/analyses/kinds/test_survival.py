import pytest
from tests.unit.analyses import many
from tests.unit.analyses.example import answer

from stromal.analyses.registry import list_kinds

CURVES = {"estimate": "survival", "endpoint": "relapse", "by": "stage", "days": [15]}


def test_sentences_tell_day_median_follow_up_and_test():
    kind, found = answer(CURVES)
    said = " ".join(kind.describe(found)).replace("\u00a0", " ")
    assert "at day 15 was" in said
    assert "The median time was 25 days" in said
    assert "Log-rank test between the 2 groups: χ² =" in said


def test_groups_have_a_hazard_ratio_against_the_reference():
    _, found = answer(CURVES | {"reference": "late"})
    (row,) = found.estimates.filter(statistic="hazard ratio").rows(named=True)
    assert (row["term"], row["reference"], row["by"]) == ("early", "late", "stage")


def test_curves_of_groups_are_drawn_rather_than_that_of_all_patients():
    kind, found = answer(CURVES)
    figure = kind.plot(found)
    assert "late" in figure.svg
    assert "Log-rank" in figure.svg


def test_a_patient_who_entered_after_the_end_is_counted_as_never_at_risk():
    _, found = answer(CURVES, entry={"1": 12.0})
    rows = found.estimates.filter(statistic="never at risk")
    assert rows.select("group", "value", "n").rows()[0] == (None, 1.0, 4)


# Restricted means ---------------------------------------------------------------------------------


def test_restricted_means_have_a_difference_with_its_interval_and_p():
    (found,) = many.answers(
        {"estimate": "survival", "endpoint": "survival", "by": "marker", "restricted_mean": 200.0}
    )
    rows = found.estimates
    means = dict(rows.filter(statistic="restricted mean").select("group", "value").rows())
    (effect,) = rows.filter(statistic="restricted mean difference").to_dicts()
    assert effect["value"] == pytest.approx(means["yes"] - means["no"])
    assert effect["low"] < effect["value"] < effect["high"]
    assert (effect["day"], effect["unit"]) == (200.0, "day")
    sentences = " ".join(list_kinds()["survival"].describe(found))
    assert "restricted mean times of yes against no" in sentences
    assert "days" in sentences


def test_without_groups_there_is_a_mean_and_no_difference():
    (found,) = many.answers(
        {"estimate": "survival", "endpoint": "survival", "restricted_mean": 200.0}
    )
    names = found.estimates["statistic"].to_list()
    assert names.count("restricted mean") == 1
    assert "restricted mean difference" not in names
