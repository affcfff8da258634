"""From the sources' tables to the patients tables of the studies, as text cell by cell.

Each function reads one published table and gives the rows of the study's files, so that a test can
compare them with what lies in `studies/`. Words for the same conversion: `studies/README.md`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

Rows = list[dict[str, str]]


def read_rows(path: Path) -> Rows:
    """The rows of a CSV file as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def convert_agvhd_children(source: Path) -> dict[str, Rows]:
    """Erbey 2016: organ stages, reported grade, best response and status of 32 children."""
    children = read_rows(source)
    assessments = [
        {"subject": child["pt"], "day": day, "scale": scale, "item": item, "value": child[column]}
        for child in children
        for column, day, scale, item in (
            ("skin_stage", "0", "acute_gvhd_stage", "skin"),
            ("liver_stage", "0", "acute_gvhd_stage", "liver"),
            ("gi_stage", "0", "acute_gvhd_stage", "gut"),
            ("agvhd_grade_reported", "0", "investigator", "acute_gvhd_grade"),
            ("response", "", "investigator", "acute_gvhd_response"),
        )
    ]
    end = {"alive": "last_follow_up", "dead": "death"}
    return {
        "subjects": [{"subject": child["pt"], "arm": "msc"} for child in children],
        "assessments": assessments,
        "events": [
            {"subject": child["pt"], "day": "", "event": end[child["status_followup"]]}
            for child in children
        ],
    }


_ITP_ARMS = {
    ("adipose", "2"): ("adipose_2", "adipose_msc"),
    ("umbilical cord", "1"): ("cord_1", "cord_msc"),
    ("umbilical cord", "0.4"): ("cord_0_4", "cord_msc"),
}
_SERIES = {
    "review ref 43": "Fang 2012",
    "review ref 44": "Wang 2017",
    "review ref 36": "reference 36",
}


def convert_itp_dose(source: Path) -> dict[str, Rows]:
    """Wu 2023, Table 1: platelets before and after MSC, dose, and reported response."""
    patients = read_rows(source)
    tables: dict[str, Rows] = {
        name: [] for name in ("subjects", "doses", "labs", "assessments", "events")
    }
    for patient in patients:
        subject = patient["pt"]
        arm, product = _ITP_ARMS[patient["msc"], patient["dose_e6_per_kg"]]
        tables["subjects"].append(
            {
                "subject": subject,
                "arm": arm,
                "sex": {"M": "male", "F": "female"}[patient["sex"]],
                "age_years": patient["age"],
                "tissue": patient["msc"],
                "itp_months": patient["itp_months"],
                "n_infusions": patient["n_infusions"],
                "series": _SERIES[patient["series"]],
            }
        )
        tables["doses"].append(
            {
                "subject": subject,
                "day": "0",
                "product": product,
                "amount": patient["dose_e6_per_kg"],
                "unit": "10^6 cell/kg",
            }
        )
        tables["events"].append(
            {
                "subject": subject,
                "day": patient["days_to_response"],
                "event": "platelet_response",
            }
        )
        for day, column in (("0", "plt_before"), (patient["days_to_response"], "plt_after")):
            tables["labs"].append(
                {
                    "subject": subject,
                    "day": day,
                    "analyte": "platelets",
                    "value": patient[column],
                    "unit": "10^9/L",
                }
            )
        tables["assessments"] += [
            {
                "subject": subject,
                "day": patient["days_to_response"],
                "scale": "investigator",
                "item": "itp_response",
                "value": {"Yes": "responded", "No": "NR"}[patient["response_reported"]],
            },
            {
                "subject": subject,
                "day": "",
                "scale": "investigator",
                "item": "response_duration_months",
                "value": patient["response_months"],
            },
        ]
    return tables


_DISEASE = {"1": "ALL", "2": "AML low risk", "3": "AML high risk"}
_SEX = {"0": "female", "1": "male"}
_CMV = {"0": "negative", "1": "positive"}
_FLAG = {"0": "no", "1": "yes"}
_HOSPITAL = {"1": "Ohio State", "2": "Alfred", "3": "St Vincent", "4": "Hahnemann"}


def convert_hsct_engraftment(source: Path) -> dict[str, Rows]:
    """KMsurv bmt: 137 allogeneic transplants; a patient's number is its row in the data set."""
    tables: dict[str, Rows] = {"subjects": [], "events": []}
    for number, row in enumerate(read_rows(source), start=1):
        subject = str(number)
        tables["subjects"].append(
            {
                "subject": subject,
                "arm": "bucy2",
                "sex": _SEX[row["z3"]],
                "age_years": row["z1"],
                "disease_group": _DISEASE[row["group"]],
                "fab_4_or_5": _FLAG[row["z8"]],
                "donor_age_years": row["z2"],
                "donor_sex": _SEX[row["z4"]],
                "patient_cmv": _CMV[row["z5"]],
                "donor_cmv": _CMV[row["z6"]],
                "waiting_days": row["z7"],
                "hospital": _HOSPITAL[row["z9"]],
                "methotrexate": _FLAG[row["z10"]],
            }
        )
        tables["events"] += [
            {"subject": subject, "day": day, "event": event, "detail": detail}
            for event, day, detail in _transplant_events(row)
        ]
    return tables


def _transplant_events(row: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Events of a transplant in the order of their days; impossible days are left empty."""
    happened = [
        (event, int(row[day]))
        for event, flag, day in (
            ("platelet_recovery", "dp", "tp"),
            ("acute_gvhd", "da", "ta"),
            ("chronic_gvhd", "dc", "tc"),
            ("relapse", "d2", "t2"),
            ("death", "d1", "t1"),
        )
        if row[flag] == "1"
    ]
    if row["d1"] == "0":
        happened.append(("last_follow_up", int(row["t1"])))
    end = int(row["t1"])
    for event, day in sorted(happened, key=lambda item: item[1]):
        if day > end:
            yield event, "", f"the source prints day {day}; after the end of follow-up on day {end}"
        elif event == "death" and row["d2"] == "0" and row["t2"] != row["t1"]:
            yield event, str(day), f"the source ends disease-free survival on day {row['t2']}"
        else:
            yield event, str(day), ""


SOURCES: dict[str, tuple[str, Callable[[Path], dict[str, Rows]]]] = {
    "agvhd-children": ("evidence/patient_level_erbey2016.csv", convert_agvhd_children),
    "itp-dose": ("evidence/patient_level_itp_msc.csv", convert_itp_dose),
    "hsct-engraftment": ("data/transplant/KMsurv_bmt.csv", convert_hsct_engraftment),
}
