"""Donor chimerism: cuts, two lineages, what was not measured."""

import pytest
from tests.unit.endpoints.rules.gvhd.staged import bounded, outcome, patient, scored

RULE = "donor_chimerism"


def chimerism(day=30, lineages=None, **cells):
    given = {} if lineages is None else {"lineages": lineages}
    rows = scored("chimerism", day, **cells)
    return outcome(patient(rows), RULE, window={"day": 30, "before": 7, "after": 7}, **given)


@pytest.mark.parametrize(
    ("myeloid", "lymphoid", "label"),
    [
        (95.1, 99, "full"),
        (95.0, 99, "mixed"),
        (99, 80, "mixed"),
        (5, 1, "mixed"),
        (4.9, 4.9, "loss"),
        (4.9, 50, "mixed"),
        (1, 99, "mixed"),
    ],
)
def test_both_lineages_are_judged_together(myeloid, lymphoid, label):
    row = chimerism(myeloid=myeloid, lymphoid=lymphoid)
    assert row["label"] == label
    assert row["lowest"] == row["highest"] == row["value"]


def test_a_lineage_that_was_not_measured_leaves_it_open_where_it_matters():
    row = chimerism(myeloid=99)
    assert bounded(row) == (None, 1, 2)
    assert row["reason"] == "myeloid 99 %, lymphoid not measured: mixed to full is possible"
    assert bounded(chimerism(myeloid=60)) == ("mixed", 1, 1)
    assert bounded(chimerism(lymphoid=1)) == (None, 0, 1)


def test_whole_blood_can_be_asked_for():
    assert bounded(chimerism(whole_blood=99)) == (None, None, None)
    row = chimerism(whole_blood=99, lineages=["whole_blood"])
    assert (row["label"], row["reason"]) == ("full", "full: whole blood 99 %")


def test_nothing_near_the_day_is_no_answer():
    row = chimerism(day=60, myeloid=99, lymphoid=99)
    assert (row["label"], row["reason"]) == (
        None,
        "donor chimerism not measured from day 23 to day 37",
    )
    assert chimerism(day=33, myeloid=99, lymphoid=99)["day"] == 33
