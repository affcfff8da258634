"""P values and the counts beside them; scipy is the witness."""

from __future__ import annotations

import pytest
from scipy.stats import chi2_contingency, fisher_exact

from stromal.evidence.check.p_values import check_p_values, find_tests, list_p_values
from stromal.evidence.check.printed import Printed

ZHAO_2022 = (82, 99), (70, 99)
ZHAO_2015 = (21, 28), (8, 19)


@pytest.mark.parametrize("counts", [ZHAO_2022, ZHAO_2015, ((20, 34), (13, 34))])
def test_against_scipy(counts):
    table = [[events, total - events] for events, total in counts]
    found = list_p_values(*counts)
    assert found["pearson"] == pytest.approx(chi2_contingency(table, correction=False).pvalue)
    assert found["yates"] == pytest.approx(chi2_contingency(table, correction=True).pvalue)
    assert found["fisher"] == pytest.approx(fisher_exact(table).pvalue)


def test_published():
    assert list_p_values(*ZHAO_2022)["pearson"] == pytest.approx(0.0435, abs=5e-5)
    assert list_p_values(*ZHAO_2015)["pearson"] == pytest.approx(0.0228, abs=5e-5)
    assert find_tests("0.043", *ZHAO_2022) == ("pearson",)
    assert find_tests("0.023", *ZHAO_2015) == ("pearson",)


@pytest.mark.parametrize(
    ("printed", "tests"),
    [("<0.05", 3), ("NS", 0), ("0.5", 0), ("0.0228", 1), ("0.0336", 1)],
)
def test_ways_of_printing(printed, tests):
    assert len(find_tests(printed, *ZHAO_2015)) == tests


def _pair(p: str, scale: str = "proportion", total: int | None = 34) -> list[Printed]:
    return [
        Printed("E1", "A", events=20, total=total, p=p, scale=scale),
        Printed("E2", "A", arm="control", events=13, total=34, p=p, scale=scale),
    ]


def test_stoma_is_not_given_by_its_counts():
    assert [flag.rows for flag in check_p_values(_pair("0.0678"))] == [("E1", "E2")]
    assert check_p_values(_pair("0.0894")) == ()


def test_curves_and_missing_counts_are_left_out():
    assert check_p_values(_pair("0.0678", "survival")) == ()
    assert check_p_values(_pair("0.0678", total=None)) == ()
