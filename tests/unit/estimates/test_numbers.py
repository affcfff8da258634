import polars as pl
import pytest

from stromal.estimates.numbers import compare_numbers

NORMAL = [4.1, 5.0, 5.5, 6.2, 4.8, 5.9, 6.6, 5.2]
SKEWED = [1.0, 1.1, 1.2, 1.3, 1.2, 1.1, 1.0, 40.0]


def compared(*groups, **options):
    values = pl.Series([value for group in groups for value in group])
    names = pl.Series([name for name, group in zip("abc", groups, strict=False) for _ in group])
    return compare_numbers(values, names, **options)


def test_the_gate_leads_to_four_tests():
    higher = [value + 2 for value in NORMAL]
    assert compared(NORMAL, higher).method == "Welch's t test"
    assert compared(NORMAL, higher, variances="equal").method == "Student's t test"
    assert compared(NORMAL, higher, NORMAL).method == "Welch's analysis of variance"
    assert compared(NORMAL, SKEWED).method == "Mann-Whitney test, exact"
    assert compared(NORMAL, SKEWED, NORMAL).method == "Kruskal-Wallis test"


def test_the_choice_is_said_in_words():
    assert compared(NORMAL, SKEWED).choice.startswith(
        "ranks, because the Shapiro-Wilk test speaks against a normal distribution in b (P = "
    )
    assert "in no group (least P = " in compared(NORMAL, NORMAL).choice
    assert compared(NORMAL, [1.0, 2.0]).choice == (
        "ranks, because group b cannot be tested for normality: it has fewer than 3 patients"
    )
    assert compared().choice == "ranks, because nobody has a number"


@pytest.mark.parametrize(("scale", "method"), [("means", "Welch's t"), ("ranks", "Mann-Whitney")])
def test_a_planned_test_passes_by_the_gate(scale, method):
    found = compared(NORMAL, SKEWED, scale=scale)
    assert found.method.startswith(method)
    assert found.choice == f"{scale}, as asked for"
    assert "shapiro1965" not in found.sources
