import polars as pl
import pytest

from stromal.estimates.course_comparison import LEAST_A_DAY, MOST_DAYS, compare_courses

SUBJECTS = list("aabbccddeeff")
GROUPS = ["msc"] * 6 + ["none"] * 6
VALUES = [20.0, 31, 26, 44, 15, 27, 11, 19, 9, 16, 15, 20]


def rows(**columns):
    given = {"subject": SUBJECTS, "group": GROUPS, "day": [7.0, 14.0] * 6, "value": VALUES}
    return pl.DataFrame(given | columns)


def test_a_balanced_ratio_is_that_of_geometric_means():
    found = compare_courses(rows(), reference="none")
    means = rows().group_by("group").agg(pl.col("value").log().mean().exp()).sort("group")["value"]
    assert found.effects[0].estimate.value == pytest.approx(means[0] / means[1])
    assert (found.patients, found.values) == (6, 12)
    assert "each day" in found.method


def test_the_test_of_two_groups_is_that_of_their_effect():
    found = compare_courses(rows(), reference="none")
    assert found.test.p_value == pytest.approx(found.effects[0].p_value)


def test_days_of_one_patient_alone_are_a_smooth_curve():
    found = compare_courses(rows(day=[float(day) for day in range(12)]), reference="none")
    assert LEAST_A_DAY > 1
    assert MOST_DAYS > 12
    assert "spline" in found.method


def test_days_that_tell_groups_apart_leave_no_effect():
    found = compare_courses(rows(day=[7.0, 14.0] * 3 + [21.0, 28.0] * 3), reference="none")
    assert found.reason == "its value follows from the covariates before it"
    assert found.effects[0].estimate.value is None
    assert found.test.p_value is None


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"group": ["msc"] * 12}, "there are no two groups with values"),
        ({"subject": ["a"] * 12}, "there are no two patients"),
        ({"value": [5.0] * 12}, "all values are the same"),
        ({"value": [0.0, *VALUES[1:]]}, "1 values are 0 or below, and have no logarithm"),
        ({"baseline": [0.0] * 12}, "a value before is 0 or below, and has no logarithm"),
        ({"subject": [str(place) for place in range(12)]}, "no patient has two measurements"),
    ],
)
def test_what_cannot_be_compared_says_why(columns, reason):
    found = compare_courses(rows(**columns), reference="none")
    assert found.reason == reason
    assert found.test.p_value is None
    assert found.parallel.p_value is None
    assert all(effect.estimate.value is None for effect in found.effects)


def test_the_order_of_rows_and_the_names_of_groups_change_nothing():
    first = compare_courses(rows(), reference="none")
    renamed = rows().with_columns(pl.col("group").replace({"msc": "a", "none": "z"}))
    second = compare_courses(renamed.reverse(), reference="z")
    assert first.effects[0].coefficient == second.effects[0].coefficient
    assert first.test.p_value == second.test.p_value
