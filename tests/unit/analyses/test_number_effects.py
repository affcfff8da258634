import polars as pl
import pytest

from stromal.analyses.number_effects import compare_groups_of_numbers
from stromal.estimates.numbers import compare_numbers

SKEWED = pl.DataFrame(
    {"group": ["a"] * 6 + ["b"] * 6, "value": [1.0, 2, 3, 4, 5, 90, 11, 12, 13, 14, 15, 99]}
)
NORMAL = pl.DataFrame(
    {"group": ["a"] * 6 + ["b"] * 6, "value": [1.0, 2, 3, 3.5, 4, 5, 4.5, 5, 6, 6.5, 7, 8]}
)


def rows_of(numbers, **keys):
    return list(compare_groups_of_numbers(numbers, "arm", {"b": "B", "a": "A"}, **keys))


def test_the_gate_says_in_words_which_test_and_why():
    *effects, test = rows_of(SKEWED)
    assert [row["statistic"] for row in effects] == ["location shift"]
    found = compare_numbers(SKEWED["value"], SKEWED["group"], reference="a")
    assert test["value"] == pytest.approx(found.p_value)
    labelled = found.choice.replace("in a (", "in A (").replace(", b (", ", B (")
    assert test["method"] == f"{found.method}; {labelled}"
    assert "Mann-Whitney" in test["method"]


def test_means_are_compared_where_nothing_speaks_against_a_normal_distribution():
    effect, test = rows_of(NORMAL)
    assert effect["statistic"] == "mean difference"
    assert effect["value"] == pytest.approx(6.166666667 - 3.083333333)
    assert effect["low"] < effect["value"] < effect["high"]
    assert "t test" in test["method"]


def test_the_reference_is_the_last_with_a_number_or_the_one_asked_for():
    assert rows_of(NORMAL)[0]["reference"] == "a"
    assert rows_of(NORMAL, reference="b")[0]["reference"] == "b"
    assert rows_of(NORMAL, reference="c") == []
    order = ("a", "b", "empty")
    (effect, _) = compare_groups_of_numbers(NORMAL, "arm", dict(zip(order, order, strict=True)))
    assert effect["reference"] == "b"


def test_one_group_is_not_compared():
    assert rows_of(NORMAL.filter(group="a")) == []


def test_a_limit_alone_decides_no_comparison_and_says_so():
    (test,) = rows_of(NORMAL, bounds=2)
    assert test["value"] is None
    assert "of 2 patients only a limit is known" in test["method"]


def test_equal_numbers_are_not_estimable_with_the_reason():
    equal = NORMAL.with_columns(value=pl.lit(3.0))
    *_, test = rows_of(equal, scale="ranks")
    assert test["value"] is None
    assert "all numbers are the same" in test["method"]
