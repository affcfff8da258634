import polars as pl
import pytest

from stromal.estimates.means import compare_means


def compared(values, groups, **options):
    return compare_means(pl.Series(values, dtype=pl.Float64), pl.Series(list(groups)), **options)


def test_the_reference_turns_the_difference():
    one = compared([1, 2, 3, 5], "aabb")
    other = compared([1, 2, 3, 5], "aabb", reference="b")
    assert one.differences[0].estimate.value == 2.5
    assert other.differences[0].estimate.value == -2.5
    assert (one.statistic, one.p_value) == (-other.statistic, other.p_value)


def test_the_name_of_a_level_changes_nothing_but_the_side():
    values = [1, 2, 3, 5, 9, 4]
    one = compared(values, "aabbcc", reference="a")
    other = compared(values, "zzyyxx", reference="z")
    assert one.p_value == pytest.approx(other.p_value, rel=1e-12)
    assert [d.estimate.value for d in one.differences] == [
        d.estimate.value for d in reversed(other.differences)
    ]


def test_a_group_of_one_patient_leaves_the_others_unharmed():
    found = compared([1, 2, 3, 5, 4], "aabbc")
    assert found.p_value is None
    assert found.reason == "group c has one patient, and so no variance"
    b, c = found.differences
    assert b.estimate.low is not None
    assert (c.estimate.value, c.estimate.low) == (2.5, None)
    assert c.reason == "a group has one patient, and so no variance"
    pooled = compared([1, 2, 3, 5, 4], "aabbc", variances="equal")
    assert pooled.p_value is not None
    assert pooled.differences[1].estimate.low is not None


@pytest.mark.parametrize("variances", ["equal", "unequal"])
def test_what_cannot_be_compared_says_why(variances):
    cases = {
        "": "there are no two groups with a number",
        "aaa": "there are no two groups with a number",
        "ab": "has one patient, and so no variance",
    }
    for groups, words in cases.items():
        found = compared(range(len(groups)), groups, variances=variances)
        assert found.p_value is None
        assert words in found.reason
    same = compared([0.1, 0.1, 0.1, 0.3, 0.3, 0.3], "aaabbb", variances=variances)
    assert same.reason == "the numbers of each group are all the same"
    assert same.differences[0].estimate.value == pytest.approx(0.2)
    assert same.differences[0].reason == same.reason


def test_welch_needs_a_spread_in_each_of_many_groups():
    values = [1, 2, 3, 3, 4, 7]
    assert compared(values, "aabbcc").reason == "the numbers of group b are all the same"
    assert compared(values, "aabbcc", variances="equal").p_value is not None
    assert compared(values[:4], "aabb").p_value is not None


def test_two_groups_are_the_same_by_t_and_by_f():
    values = [1.0, 4.0, 2.0, 8.0, 5.0, 7.5]
    t = compared(values, "aaabbb", variances="equal")
    f = compared([*values, 3.0, 3.5], "aaabbbcc", variances="equal")
    assert f.degrees == 2
    assert f.rest_degrees == 5
    assert t.rest_degrees is None
    assert t.degrees == 4
