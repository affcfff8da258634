"""Whole sheets that gave wrong numbers with no issues, from the files to the estimates.

`sheets/cart_wide.csv` is a hospital's sheet of made-up patients, one row each; the other two
studies are written here.
"""

from __future__ import annotations

import csv
import re
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from stromal.errors import InvalidInput
from stromal.study.analyse import Findings, analyse
from stromal.study.read import read_study

SHEETS = Path(__file__).parent / "sheets"

HEAD = """format = 2
[study]
name = "sheet"
title = "sheet"
day_zero = "graft"
[population]
description = "made-up patients"
"""


def write_tables(folder: Path, protocol: str, **tables: list[dict[str, object]]) -> Path:
    """Write a study, one file for each of its tables."""
    (folder / "patients").mkdir(parents=True)
    (folder / "protocol.toml").write_text(protocol, "utf-8")
    for name, rows in tables.items():
        pl.DataFrame(rows, infer_schema_length=None).write_csv(folder / "patients" / f"{name}.csv")
    return folder


def analysed(folder: Path) -> Findings:
    """Findings of a study that raises no issue."""
    study = read_study(folder)
    assert study.issues == ()
    return analyse(study)


# 1. Patterns of neutropenia, whose lower limit stands in no column of the sheet.

NAMES = {"Hb": "haemoglobin", "PLT": "platelets", "ANC": "neutrophils", "Lympho": "lymphocytes"}
EVENTS = {
    "Date relapse/PD": "progression",
    "Date death": "death",
    "G-CSF (dates)": "g_csf",
    "PLT transfusions (dates)": "transfusion_platelets",
    "RBC transfusions (dates)": "transfusion_red_cells",
}


def convert_sheet(folder: Path, limit: str) -> Path:
    """Write the sheet as the tables of a study, with one lower limit of neutrophils for all."""
    subjects, events, labs = [], [], []
    with (SHEETS / "cart_wide.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    for row in rows:
        subject = row["Pat.-Nr."]
        zero = _date(row["Date CAR-T"])
        last = (_date(row["Last contact"]) - zero).days
        subjects.append({"subject": subject, "arm": "car_t", "first_day": -7, "last_day": last})
        for column, event in EVENTS.items():
            days = [(_date(one) - zero).days for one in row[column].split(",") if one]
            events += [{"subject": subject, "day": day, "event": event} for day in days]
        for column, value in row.items():
            head = re.fullmatch(r"(\w+) \[(.*)\] d([+-]?\d+)", column)
            if head is None or value in {"", "n.d."}:
                continue
            name, unit, day = head.groups()
            result = {"subject": subject, "day": int(day), "analyte": NAMES[name]}
            result |= {"value": value.replace(",", "."), "unit": unit}
            labs.append(result | {"lower_limit": limit if name == "ANC" else ""})
    protocol = (SHEETS / "protocol.toml").read_text("utf-8")
    return write_tables(folder, protocol, subjects=subjects, events=events, labs=labs)


def _date(text: str) -> datetime:
    return datetime.strptime(text.strip(), "%d.%m.%Y")


def shares(findings: Findings, analysis: str) -> dict[str, tuple[int, int]]:
    """Patients with each label, of how many."""
    rows = findings.estimates.filter(analysis=analysis, statistic="proportion")
    return {row["label"]: (row["events"], row["n"]) for row in rows.iter_rows(named=True)}


def test_patterns_are_those_of_the_sheet_where_the_limit_is_known(tmp_path):
    found = analysed(convert_sheet(tmp_path / "sheet", "1.8"))
    assert shares(found, "late_onset")["yes"] == (8, 26)
    assert shares(found, "biphasic")["yes"] == (14, 26)


def test_patterns_are_never_denied_where_the_limit_is_missing(tmp_path):
    known = analysed(convert_sheet(tmp_path / "known", "1.8")).outcomes
    found = analysed(convert_sheet(tmp_path / "unknown", ""))
    for endpoint in ("late_onset", "biphasic"):
        rows = known.filter(endpoint=endpoint).join(
            found.outcomes.filter(endpoint=endpoint), on="subject", suffix="_told"
        )
        unjudged = rows.filter(pl.col("value_told").is_null())
        assert unjudged.height > 0
        assert unjudged.select("lowest_told", "highest_told").unique().rows() == [(0, 1)]
        assert unjudged["reason_told"].str.contains("cannot be graded").all()
        assert rows.filter(pl.col("value_told") != pl.col("value")).height == 0
        assert shares(found, endpoint).get("no", (0, 0))[0] < 26


def test_bounds_of_the_sheet_are_graded_where_they_decide(tmp_path):
    grades = analysed(convert_sheet(tmp_path / "sheet", "")).outcomes.filter(endpoint="lymphopenia")
    (second,) = grades.filter(subject="L02").iter_rows(named=True)
    assert second["label"] == "4"
    assert second["reason"].startswith("lymphocytes < 0.05 x 10^9/L")


# 2. Primary graft failure, where counts lie below what the laboratory detects.

GRAFT_FAILURE = (
    HEAD
    + """
[arms.a]
label = "arm A"
[[endpoints]]
name = "failure"
rule = "primary_graft_failure"
primary = true
parameters = { graft = "peripheral blood" }
[[analyses]]
name = "failure"
estimate = "proportion"
endpoint = "failure"
"""
)


def write_transplants(folder: Path, below: str) -> Path:
    """Write sixty patients, of whom 20, 40 and 60 have no count above detection by day 30."""
    subjects = [{"subject": f"T{who:02}", "arm": "a", "last_day": 100} for who in range(1, 61)]
    labs = []
    for who in range(1, 61):
        rises = 45 if who % 20 == 0 else 12 + who % 8
        for day in range(-8, 61, 2):
            value = 4 - 0.3 * (day + 8) if day < 3 else 0.6 + 0.1 * (day - rises)
            hidden = 3 <= day < rises
            labs.append(
                {
                    "subject": f"T{who:02}",
                    "day": day,
                    "analyte": "neutrophils",
                    "value": below if hidden else f"{value:.1f}",
                    "unit": "10^9/L",
                }
            )
    return write_tables(folder, GRAFT_FAILURE, subjects=subjects, labs=labs)


def test_counts_below_detection_make_graft_failure(tmp_path):
    found = analysed(write_transplants(tmp_path / "bounds", "<0.1"))
    assert shares(found, "failure") == {"primary graft failure": (3, 60), "engrafted": (57, 60)}
    failed = found.outcomes.filter(value=1.0)
    assert failed["subject"].to_list() == ["T20", "T40", "T60"]


def test_emptied_counts_neither_make_nor_deny_graft_failure(tmp_path):
    outcomes = analysed(write_transplants(tmp_path / "empty", "")).outcomes
    late = outcomes.filter(pl.col("subject").is_in(["T20", "T40", "T60"]))
    assert late["value"].null_count() == 3
    assert not outcomes["reason"].str.starts_with("not applicable").any()
    assert outcomes.filter(value=1.0).height == 0


# 3. Survival free of GVHD and relapse, whose grades stand in organ stages only.

GRFS = (
    HEAD
    + """
[arms.a]
label = "arm A"
[arms.b]
label = "arm B"
[[endpoints]]
name = "grfs"
rule = "gvhd_free_relapse_free_survival"
primary = true
[[analyses]]
name = "grfs"
estimate = "survival"
endpoint = "grfs"
by = "arm"
days = [365]
"""
)


def write_two_arms(folder: Path) -> Path:
    """Write ten patients in each arm: A has organ stages of grade III, B has relapses.

    Arm A: five patients with skin 1 and liver 2 (grade III) on days 30 to 70, whom no event tells,
    and one relapse. Arm B: four relapses. The events alone make A the better arm, 0.9 against 0.6;
    with the stages B is the better one, 0.4 against 0.6.
    """
    subjects = [
        {"subject": f"{arm}{who}", "arm": arm, "last_day": 400}
        for arm in ("a", "b")
        for who in range(10)
    ]
    stages = [
        {"subject": f"a{who}", "day": 30 + 10 * who, "scale": "acute_gvhd_stage"} | organ
        for who in range(5)
        for organ in (
            {"item": "skin", "value": 1},
            {"item": "liver", "value": 2},
            {"item": "lower_gi", "value": 0},
            {"item": "upper_gi", "value": 0},
        )
    ]
    relapses = [("a", 9), ("b", 0), ("b", 1), ("b", 2), ("b", 3)]
    events = [
        {"subject": f"{arm}{who}", "day": 100 + 10 * who, "event": "relapse"}
        for arm, who in relapses
    ]
    return write_tables(folder, GRFS, subjects=subjects, assessments=stages, events=events)


def test_grades_from_stages_change_the_places_of_two_arms(tmp_path):
    found = analysed(write_two_arms(tmp_path / "arms"))
    rows = found.estimates.filter(statistic="survival probability", by="arm")
    assert dict(rows.select("group", "value").iter_rows()) == {
        "a": pytest.approx(0.4),
        "b": pytest.approx(0.6),
    }
    # Ten patients an arm, none censored before day 365: events on 30 ... 70 and 190 in A, on 100,
    # 110, 120, 130 in B. Sum of what is expected in A: 10/20 + 9/19 + 8/18 + 7/17 + 6/16 + 5/15 +
    # 5/14 + 5/13 + 5/12 + 5/11.
    at_risk = [(10, 10), (9, 10), (8, 10), (7, 10), (6, 10)]
    at_risk += [(5, 10), (5, 9), (5, 8), (5, 7), (5, 6)]
    expected = sum(a / (a + b) for a, b in at_risk)
    variance = sum(a * b / (a + b) ** 2 for a, b in at_risk)
    (test,) = found.estimates.filter(statistic="log-rank chi-squared")["value"].to_list()
    assert test == pytest.approx((6 - expected) ** 2 / variance)


@pytest.mark.parametrize(
    ("cells", "events", "told"),
    [
        ([("acute_gvhd_signs", "skin_bsa", 60)], [], None),
        ([("acute_gvhd_stage", "skin", 2), ("acute_gvhd_stage", "liver", "")], [], None),
        ([("acute_gvhd_stage", "skin", 2), ("acute_gvhd_stage", "liver", 0)], [], 0),
        # Before the signs, or recorded as an event: nothing is open.
        ([("acute_gvhd_signs", "skin_bsa", 60)], [(10, "relapse")], 1),
        ([("acute_gvhd_signs", "skin_bsa", 60)], [(40, "relapse")], None),
        ([("acute_gvhd_signs", "skin_bsa", 60)], [(20, "acute_gvhd_grade_3_4")], 1),
    ],
)
def test_what_nobody_staged_is_not_told_as_free_of_gvhd(tmp_path, cells, events, told):
    who = {"subject": "a1"}
    folder = write_two_arms(tmp_path / "arms")
    happened = [who | {"day": 395, "event": "chronic_gvhd"}]
    happened += [who | {"day": day, "event": event} for day, event in events]
    assessed = [
        who | {"day": 20, "scale": scale, "item": item, "value": value}
        for scale, item, value in cells
    ]
    for name, rows in (("events", happened), ("assessments", assessed)):
        pl.DataFrame(rows, strict=False).write_csv(folder / "patients" / f"{name}.csv")
    (row,) = analyse(read_study(folder)).outcomes.filter(subject="a1").iter_rows(named=True)
    assert row["status"] == told
    assert ("is possible" in row["reason"]) == (told is None)


# 4. Kinds that no case reduces: study days, statuses, percentages, identifiers.

COUNTS = (
    HEAD
    + """
[arms.a]
label = "arm A"
[[endpoints]]
name = "neutropenia"
rule = "cytopenia_grade"
primary = true
parameters = { lineage = "neutropenia" }
[[endpoints]]
name = "engraftment"
rule = "neutrophil_engraftment"
"""
)


def write_counts(folder: Path, rows: str, subjects: tuple[str, ...] = ("001",)) -> Path:
    """Write laboratory rows of a study: subject, day, analyte, value, unit, status."""
    listed = [{"subject": who, "arm": "a", "last_day": 100} for who in subjects]
    write_tables(folder, COUNTS, subjects=listed)
    head = "subject,day,analyte,value,unit,status\n"
    (folder / "patients" / "labs.csv").write_text(head + rows, "utf-8")
    return folder


def counts_of(
    folder: Path, endpoint: str = "neutropenia"
) -> tuple[str | None, float | None, tuple[str, ...]]:
    """Label and day of the one patient, and what was said of labs."""
    study = read_study(folder)
    (row,) = analyse(study).outcomes.filter(endpoint=endpoint).iter_rows(named=True)
    return row["label"], row["day"], tuple(issue.message for issue in study.issues)


def test_a_corrected_result_supersedes_what_it_corrects(tmp_path):
    rows = (
        "001,7,neutrophils,0.4,10^9/L,preliminary\n001,7,neutrophils,0.3,10^9/L,F\n"
        "001,7,neutrophils,1.4,10^9/L,corrected\n001,9,neutrophils,0.1,10^9/L,entered in error\n"
    )
    label, day, said = counts_of(write_counts(tmp_path / "status", rows))
    assert (label, day) == ("2", 7)
    assert said == ("left out are 2 superseded by a corrected result, 1 cancelled",)


def test_neutrophils_follow_from_leukocytes_and_percentages(tmp_path):
    shares = {5: (0.8, 25), 12: (2, 30), 13: (2, 25), 14: (2, 35)}
    rows = "".join(
        f"001,{day},leukocytes,{total},10^9/L,\n001,{day},neutrophil_percent,{share},%,\n"
        for day, (total, share) in shares.items()
    )
    folder = write_counts(tmp_path / "differential", rows)
    assert counts_of(folder) == (
        "4",
        5,
        ("4 counts of neutrophils were derived as leukocytes x percentage",),
    )
    assert counts_of(folder, "engraftment")[1] == 12


def test_days_without_a_day_zero_are_asked_about(tmp_path):
    who = tuple(f"00{number}" for number in range(1, 5))
    days = (-2, -1, 1, 2, 9)
    rows = "".join(f"{one},{day},neutrophils,3,10^9/L,\n" for one in who for day in days)
    (issue,) = read_study(write_counts(tmp_path / "days", rows, who)).issues
    assert issue.message == "4 subjects have a day -1 and a day 1, and nobody a day 0"
    assert issue.hint is not None
    assert "subtract 1 from every day of 1 or later" in issue.hint


def test_identifiers_without_their_zeros_are_no_other_patients(tmp_path):
    with pytest.raises(InvalidInput) as caught:
        read_study(write_counts(tmp_path / "zeros", "1,7,neutrophils,0.4,10^9/L,\n"))
    (issue,) = caught.value.issues
    assert issue.message == "subject `1` is not in subjects"
    assert issue.hint is not None
    assert issue.hint.startswith("`001` is")
