"""Acute GVHD as an event and as organ stages: one fact, one answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from stromal.study.analyse import analyse
from stromal.study.read import read_study

CLINIC = Path(__file__).parent / "clinic"


# Right values of clinic/witness.R: the event of patient 1 on day 40, however it was recorded.
@pytest.mark.parametrize("case", ["grfs", "grfs-from-stages"])
def test_freedom_from_gvhd_and_relapse_is_that_of_the_witness(case):
    rows = analyse(read_study(CLINIC / case)).estimates.filter(analysis="grfs", unit="1")
    curve = dict(rows.select("day", "value").iter_rows())
    assert curve[100] == pytest.approx(0.833, abs=5e-4)
    assert curve[365] == pytest.approx(0.667, abs=5e-4)


def test_grade_and_survival_agree_on_one_patient():
    outcomes = analyse(read_study(CLINIC / "grfs-from-stages")).outcomes.filter(subject="1")
    by_endpoint = {row["endpoint"]: row for row in outcomes.iter_rows(named=True)}
    assert (by_endpoint["grade"]["label"], by_endpoint["grade"]["day"]) == ("III", 40)
    assert (by_endpoint["grfs"]["status"], by_endpoint["grfs"]["day"]) == (1, 40)
    assert by_endpoint["grfs"]["reason"] == "grade III-IV acute GVHD on day 40, by organ stages"


def test_a_grade_below_iii_is_no_event():
    outcomes = analyse(read_study(CLINIC / "grfs-from-stages")).outcomes
    (row,) = outcomes.filter(subject="2", endpoint="grfs").iter_rows(named=True)
    assert (row["status"], row["reason"]) == (0, "no GVHD, relapse or death until day 365")
