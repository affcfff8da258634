"""The course of GVHD and of the graft: every rule of it in one protocol, checked by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from stromal.study.analyse import Findings, analyse
from stromal.study.read import read_study

FOLDER = Path(__file__).parent / "clinic" / "gvhd-course"

# Patient 1 is in complete response from day 14 on; 2 in partial response until day 56; 3 gets worse
# and dies on day 40; 4 is given another treatment on day 9.
LABELS = {
    "response": ["CR", "PR", "PD", "NR"],
    "vgpr": ["VGPR", None, None, "no VGPR"],
    "durable": ["durable CR", "no durable CR", "no durable CR", "no durable CR"],
    "refractory": ["not refractory", "not refractory", "refractory", "refractory"],
    "chronic": ["moderate", None, None, None],
    "skin": ["0", None, None, None],
    "chimerism": ["full", "mixed", None, None],
    "failure": [None, "secondary graft failure", "no secondary graft failure", None],
    "function": [
        "poor graft function",
        "no poor graft function",
        "no poor graft function",
        "no poor graft function",
    ],
}
TIMES = {
    "time_to_response": [(14, 1), (14, 1), (40, 2), (9, 2)],
    "duration": [(42, 0), (42, 1), (None, None), (None, None)],
    "grade_3_4": [(365, 0), (365, 0), (14, 1), (365, 0)],
    "grade_2_4": [(0.5, 1), (0.5, 1), (0.5, 1), (365, 0)],
    "onset": [(182, 1), (365, 0), (40, 2), (365, 0)],
}
CURVES = {
    ("time_to_response", "response"): {14: 0.5, 28: 0.5},
    ("duration", None): {14: 1.0, 42: 0.5},
    ("grade_3_4", "grade III-IV acute GVHD"): {100: 0.25},
    ("onset", "moderate or severe chronic GVHD"): {365: 0.25},
}


@pytest.fixture(scope="module")
def findings() -> Findings:
    study = read_study(FOLDER)
    assert study.issues == ()
    return analyse(study)


@pytest.mark.parametrize("endpoint", LABELS)
def test_labels_are_those_found_by_hand(findings, endpoint):
    rows = findings.outcomes.filter(endpoint=endpoint).sort("subject")
    assert rows["label"].to_list() == LABELS[endpoint]


@pytest.mark.parametrize("endpoint", TIMES)
def test_times_are_those_found_by_hand(findings, endpoint):
    rows = findings.outcomes.filter(endpoint=endpoint).sort("subject")
    assert rows.select("value", "status").rows() == TIMES[endpoint]


@pytest.mark.parametrize(("analysis", "label"), CURVES)
def test_curves_are_estimated_from_them(findings, analysis, label):
    rows = findings.estimates.filter(analysis=analysis, unit="1").drop_nulls(["day", "value"])
    if label is not None:
        rows = rows.filter(label=label)
    found = {row["day"]: row["value"] for row in rows.iter_rows(named=True)}
    for day, right in CURVES[analysis, label].items():
        assert found[day] == pytest.approx(right)


def test_the_share_of_durable_responses_is_of_all_patients(findings):
    rows = findings.estimates.filter(analysis="durable", label="durable CR", unit="1")
    assert rows.select("value", "n").row(0) == (0.25, 4)
