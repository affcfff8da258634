from tests.unit.analyses.example import answer

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
