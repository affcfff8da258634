import polars as pl

from stromal.analyses.groups import Group
from stromal.analyses.rows import count_never_at_risk, count_not_evaluable, make_row
from stromal.estimates.estimate import Estimate
from stromal.tables.statistics import PROPORTION

GROUP = Group(pl.DataFrame({"subject": ["1", "2", "3"]}), "arm", "msc")


def test_a_row_carries_its_group_and_the_record():
    row = make_row(GROUP, PROPORTION, Estimate(1, n=3, sources=("a", "b")), label="CR")
    assert (row["by"], row["group"], row["value"]) == ("arm", "msc", 1.0)
    assert row["sources"] == "a b"
    assert make_row(None, PROPORTION, Estimate(None))["group"] is None


def test_patients_who_are_not_counted_are_counted_apart():
    assert [row["value"] for row in count_not_evaluable(GROUP, 1)] == [2.0]
    assert list(count_not_evaluable(GROUP, 3)) == []
    assert [row["value"] for row in count_never_at_risk(GROUP, 3, 2)] == [1.0]
    assert list(count_never_at_risk(GROUP, 3, 3)) == []
