import pytest
from scipy import stats

from stromal.estimates.equal_proportions import compare_proportions
from tests.reference.recorded import read_recorded

RECORDED = read_recorded("equal_proportions")


def read_case(case):
    return [tuple(int(count) for count in group.split("/")) for group in case.split()]


@pytest.mark.parametrize(("case", "quantity", "value"), RECORDED.drop("day").rows())
def test_tests_are_those_of_r(case, quantity, value):
    test, field = quantity.split()
    found = getattr(compare_proportions(read_case(case), test), field)
    # R's exact tests add up probabilities in floating point, to about ten digits.
    exact = test in ("fisher", "barnard", "boschloo")
    assert found == pytest.approx(value, rel=1e-9 if exact else 1e-12, abs=1e-12)


@pytest.mark.parametrize("groups", [((7, 15), (12, 15)), ((3, 12), (9, 12)), ((2, 9), (8, 9))])
def test_boschloos_test_in_equal_groups_is_that_of_scipy(groups):
    """scipy doubles the P of one side, which is the same where groups are equal. Its Barnard test
    is no witness: tables as far out as the observed one drop out of it by rounding."""
    (events, n), (others, m) = groups
    theirs = stats.boschloo_exact([[events, others], [n - events, m - others]])
    ours = compare_proportions(groups, "boschloo")
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-6)


@pytest.mark.parametrize(
    ("one", "other", "pearson", "yates", "fisher"),
    [
        ((82, 99), (70, 99), 0.0435, 0.0642, 0.0635),
        ((21, 28), (8, 19), 0.0228, 0.0487, 0.0336),
        ((6, 10), (3, 15), 0.0412, None, 0.0872),
        ((56, 163), (34, 81), 0.2454, None, None),
        ((3, 12), (9, 12), 0.0143, None, 0.0391),
    ],
)
def test_two_published_groups_are_compared_as_printed(one, other, pearson, yates, fisher):
    """0.0435 is printed as 0.043, 0.0228 as 0.023: the papers use no continuity correction."""
    for test, expected in (("pearson", pearson), ("yates", yates), ("fisher", fisher)):
        found = compare_proportions([one, other], test)
        assert expected is None or round(found.p_value, 4) == expected
