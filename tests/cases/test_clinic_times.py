"""Times that went wrong: late entry, records after the last contact, censoring, ties on day 0."""

from __future__ import annotations

from pathlib import Path

import pytest

from stromal.study.analyse import Findings, analyse
from stromal.study.read import read_study

CLINIC = Path(__file__).parent / "clinic"

# Right values of clinic/witness.R (R 4.2.2, survival 3.5-3, cmprsk 2.2-11).
SURVIVAL = {
    ("delayed-entry", "os"): {30: 0.667, 60: 0.500, 90: 0.333, 120: 0.222},
    ("last-known-alive", "os"): {65: 0.750, 80: 0.500},
    ("censor-at-next-therapy", "pfs"): {50: 0.750, 100: 0.500},
    ("cuminc-ties-day-zero", "pfs"): {4: 0.701},
}


def found(case: str) -> Findings:
    return analyse(read_study(CLINIC / case))


def estimated(findings: Findings, analysis: str, label: str | None = None) -> dict[float, float]:
    rows = findings.estimates.filter(analysis=analysis, unit="1").drop_nulls(["day", "value"])
    if label is not None:
        rows = rows.filter(label=label)
    return {row["day"]: row["value"] for row in rows.iter_rows(named=True)}


def reasons(findings: Findings) -> dict[str, str]:
    rows = findings.outcomes.select("subject", "reason")
    return dict(rows.unique("subject", keep="first").iter_rows())


@pytest.mark.parametrize(("case", "analysis"), SURVIVAL)
def test_survival_is_that_of_the_witness(case, analysis):
    curve = estimated(found(case), analysis)
    for day, right in SURVIVAL[case, analysis].items():
        assert curve[day] == pytest.approx(right, abs=5e-4), f"day {day}"


def test_the_median_of_late_entries_is_that_of_the_witness():
    rows = found("delayed-entry").estimates.filter(statistic="median time")
    assert rows["value"].to_list() == [55]


def test_late_entries_are_kept_beside_the_time():
    outcomes = found("delayed-entry").outcomes
    assert outcomes["entry_day"].to_list() == [None, None, None, 30, 30, 50, 50, 60, 80, 85]


def test_a_count_after_the_last_contact_proves_follow_up_and_is_asked_about():
    study = read_study(CLINIC / "last-known-alive")
    (issue,) = study.issues
    assert issue.message.endswith(
        "is after the last follow-up of subject 1 on day 40; it counts as contact"
    )
    assert reasons(analyse(study))["1"] == "no death by the last record, day 95"


def test_the_next_treatment_censors_and_the_reason_says_so():
    said = reasons(found("censor-at-next-therapy"))
    assert said["3"] == "no relapse, progression or death until next therapy on day 20"
    assert said["5"] == "no relapse, progression or death until next therapy on day 10"
    assert said["1"] == "progression on day 30"


def test_ties_on_day_zero_leave_events_before_censorings():
    findings = found("cuminc-ties-day-zero")
    incidence = estimated(findings, "relapse", "relapse")
    assert incidence[9] == pytest.approx(0.3247, abs=5e-5)
    assert reasons(findings)["2"].endswith("day 0, counted at day 0.5")
