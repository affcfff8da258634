import numpy as np
import polars as pl
import pytest

from stromal.estimates.group_comparison import GroupComparison, code_groups, conclude


def begun(observed, expected, reason=""):
    groups = tuple("abc"[: len(observed)])
    n = (9,) * len(observed)
    return GroupComparison(None, None, None, groups, n, observed, expected, "test", (), 0, reason)


def test_groups_are_coded_in_the_order_of_the_alphabet():
    coded = code_groups(pl.Series([10, 9, None, 10]))
    assert (coded.names, coded.member.tolist()) == (("10", "9"), [0, 1, -1, 0])
    assert coded.of(np.array([1])).names == ("9",)
    assert coded.of(np.array([1])).member.tolist() == [0]
    assert coded.of(np.array([0, 1, 3])).counted() == (2, 1)


def test_nobody_has_no_group():
    coded = code_groups(pl.Series([], dtype=pl.String))
    assert (coded.names, coded.counted()) == ((), ())


def test_a_group_that_could_have_no_event_is_not_compared():
    covariance = np.array([[2.0, -2.0, 0.0], [-2.0, 2.0, 0.0], [0.0, 0.0, 0.0]])
    found = conclude(begun((6, 2, 0), (4.0, 4.0, 0.0)), covariance)
    assert (found.statistic, found.degrees) == (pytest.approx(2.0), 1)


def test_a_reason_that_was_given_stands():
    found = conclude(begun((6, 2), (4.0, 4.0), "they came late"), np.eye(2))
    assert (found.statistic, found.reason) == (None, "they came late")
    assert conclude(begun((0, 0), (0.0, 0.0)), np.zeros((2, 2))).reason == "nobody had the event"
