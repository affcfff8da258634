import polars as pl
import pytest

from stromal.estimates.gray import compare_cumulative_incidence


def test_a_hand_worked_table():
    """Two groups of two: risk sets of the subdistribution are 2 and 2, then 1 and 2, then 0 and 2.

    Group a has the event on day 1; b a competing one on day 2, which leaves it at risk in part:
    Y (1 - F)/S = 1 x 1/(1/2) = 2; and the event on day 3.
    """
    outcomes = pl.DataFrame({"day": [1.0, 4.0, 2.0, 3.0], "status": [1, 0, 2, 1]})
    found = compare_cumulative_incidence(outcomes, pl.Series(["a", "a", "b", "b"]))
    assert found.observed == (1, 1)
    assert found.expected == pytest.approx((2 / 4 + 1 / 3, 2 / 4 + 2 / 3))


def test_names_of_groups_change_nothing():
    outcomes = pl.DataFrame({"day": [1.0, 2, 3, 4, 5, 6], "status": [1, 2, 1, 0, 1, 1]})
    one, other = (
        compare_cumulative_incidence(outcomes, pl.Series(list(groups)))
        for groups in ("aababb", "zzyzyy")
    )
    assert one.statistic == pytest.approx(other.statistic, rel=1e-12)


@pytest.mark.parametrize(
    ("status", "groups", "entry", "reason"),
    [
        ([2, 0, 0], "abb", [0, 0, 0], "nobody had the event"),
        ([1, 1, 1], "aaa", [0, 0, 0], "there are no two groups"),
        (
            [1, 1, 1],
            "abb",
            [0, 0, 2],
            "patients who came under observation late are not provided for",
        ),
    ],
)
def test_what_cannot_be_compared_says_why(status, groups, entry, reason):
    outcomes = pl.DataFrame({"day": [1.0, 2.0, 3.0], "status": status, "entry_day": entry})
    found = compare_cumulative_incidence(outcomes, pl.Series(list(groups)))
    assert (found.statistic, found.p_value, found.reason) == (None, None, reason)
