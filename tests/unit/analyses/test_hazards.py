import polars as pl
import pytest

from stromal.analyses.groups import Group
from stromal.analyses.hazards import (
    choose_reference,
    compare_incidences,
    estimate_hazard_ratios,
)
from stromal.estimates.cox import fit_cox

DAYS = [3.0, 5.0, 8.0, 9.0, 11.0, 2.0, 4.0, 6.0, 7.0, 10.0]
STATUS = [1, 0, 1, 2, 0, 1, 1, 2, 1, 1]


def groups_of(names=("a", "b"), status=STATUS):
    half = len(DAYS) // 2
    rows = pl.DataFrame({"day": DAYS, "status": status, "entry_day": [None] * 10})
    rows = rows.with_columns(pl.col("entry_day").cast(pl.Float64))
    parts = (rows.head(half), rows.tail(half))
    return (
        Group(rows),
        *(Group(part, "arm", name) for part, name in zip(parts, names, strict=True)),
    )


def test_the_reference_is_the_last_group_unless_one_is_asked_for():
    groups = groups_of()
    assert choose_reference(groups, "") == "b"
    assert choose_reference(groups, "a") == "a"
    assert choose_reference(groups, "x") is None


def test_a_ratio_is_that_of_the_regression_of_the_cause():
    (row,) = estimate_hazard_ratios(groups_of(), "arm", "", 0.9)
    outcomes = pl.DataFrame({"day": DAYS, "status": STATUS})
    arm = pl.DataFrame({"arm": ["a"] * 5 + ["b"] * 5})
    found = fit_cox(outcomes, arm, 1, level=0.9, references={"arm": "b"}).effects[0]
    assert (row["term"], row["reference"], row["by"], row["group"]) == ("a", "b", "arm", None)
    assert (row["value"], row["low"]) == pytest.approx((found.ratio.value, found.ratio.low))


def test_a_ratio_that_cannot_be_estimated_keeps_its_row_with_the_reason():
    separated = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]
    early = groups_of(status=separated)
    early = (early[0], early[1], Group(early[2].outcomes.with_columns(day=20.0), "arm", "b"))
    (row,) = estimate_hazard_ratios(early, "arm", "", 0.95)
    assert row["value"] is None
    assert "not estimable: it separates" in row["method"]


def test_the_check_of_proportional_hazards_needs_ten_events_for_each_ratio():
    many = [Group(pl.concat([group.outcomes] * 3), group.by, group.name) for group in groups_of()]
    rows = list(estimate_hazard_ratios(tuple(many), "arm", "", 0.95))
    assert [row["statistic"] for row in rows] == ["hazard ratio", "proportional hazards p"]


def test_incidences_have_a_ratio_and_grays_test():
    rows = list(compare_incidences(groups_of(), "arm", "", 0.95))
    assert [row["statistic"] for row in rows] == [
        "subdistribution hazard ratio",
        "Gray chi-squared",
        "Gray p",
    ]
    assert rows[0]["n"] == 10


def test_without_groups_there_is_nothing_to_compare():
    assert list(estimate_hazard_ratios(groups_of()[:1], None, "", 0.95)) == []
    assert list(compare_incidences(groups_of()[:2], "arm", "", 0.95)) == []
