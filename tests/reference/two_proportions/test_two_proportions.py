import pytest

from stromal.estimates.two_proportions import (
    estimate_difference,
    estimate_odds_ratio,
    estimate_risk_ratio,
)
from tests.reference.recorded import read_recorded

RECORDED = read_recorded("two_proportions")

EFFECTS = {
    ("difference", "newcombe"): lambda *groups: estimate_difference(*groups, "newcombe"),
    ("difference", "wald"): lambda *groups: estimate_difference(*groups, "wald"),
    ("risk ratio", "katz"): estimate_risk_ratio,
    ("odds ratio", "woolf"): lambda *groups: estimate_odds_ratio(*groups, "woolf"),
    ("conditional odds ratio", "exact"): lambda *groups: estimate_odds_ratio(*groups, "exact"),
}


def read_case(case):
    groups, level = case.split(" at ")
    one, other = (
        tuple(int(count) for count in group.split("/")) for group in groups.split(" and ")
    )
    return one, other, float(level)


@pytest.mark.parametrize("case", RECORDED["case"].unique(maintain_order=True))
@pytest.mark.parametrize(("effect", "interval"), EFFECTS)
def test_effects_and_intervals_are_those_of_r(case, effect, interval):
    rows = RECORDED.filter(case=case)
    recorded = dict(zip(rows["quantity"], rows["value"], strict=True))
    found = EFFECTS[effect, interval](*read_case(case))
    for value, quantity in (
        (found.value, effect),
        (found.low, f"{interval} low"),
        (found.high, f"{interval} high"),
    ):
        # Without an event, or with nothing but events, the margins leave one table and no ratio.
        expected = recorded.get(quantity)
        assert value == (None if expected is None else pytest.approx(expected, rel=1e-9, abs=1e-9))


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0000),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_differences_are_those_that_newcombe_prints(one, other, low, high):
    found = estimate_difference(one, other)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("one", "other", "printed"),
    [((82, 99), (70, 99), (2.00, 1.01, 3.94)), ((56, 163), (34, 81), (0.72, 0.42, 1.25))],
)
def test_odds_ratios_are_those_that_papers_print(one, other, printed):
    found = estimate_odds_ratio(one, other)
    assert (round(found.value, 2), round(found.low, 2), round(found.high, 2)) == printed
