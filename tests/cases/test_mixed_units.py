"""The same patients in other units: no outcome of any rule on laboratory values changes."""

from __future__ import annotations

import csv
import random
from fractions import Fraction
from pathlib import Path

import pytest

from stromal.endpoints.derive import derive_outcomes
from stromal.errors import Severity
from stromal.study.read import read_study

UNITS = {
    "neutrophils": {"10^9/L": 1, "/uL": 1000, "K/uL": 1, "cells/uL": 1000},
    "lymphocytes": {"10^9/L": 1, "/uL": 1000, "G/L": 1},
    "leukocytes": {"10^9/L": 1, "/uL": 1000, "10^3/uL": 1},
    "platelets": {"10^9/L": 1, "/uL": 1000, "G/L": 1, "10^4/uL": "1/10"},
    "haemoglobin": {"g/L": 1, "g/dL": "1/10"},
    "bilirubin": {"mg/dL": 1, "umol/L": "171/10"},
    "crp": {"mg/dL": 1, "mg/L": 10},
    "ferritin": {"ng/mL": 1, "ug/L": 1},
    "ldh": {"U/L": 1, "ukat/L": "1/60"},
    "alt": {"U/L": 1, "ukat/L": "1/60"},
    "alp": {"U/L": 1, "ukat/L": "1/60"},
}
"""Units that laboratories print, and how many of each make one of the first."""

VALUES = {
    "neutrophils": [0.05, 0.1, 0.45, 0.5, 0.6, 1.0, 1.2, 1.5, 2.0],
    "lymphocytes": [0.1, 0.2, 0.5, 0.8, 1.0, 2.0],
    "leukocytes": [0.9, 1.0, 2.0, 3.0, 5.0],
    "platelets": [9, 10, 19, 20, 25, 30, 50, 75, 100, 175, 200],
    "haemoglobin": [60, 70, 80, 90, 100, 130],
    # at 2, 3, 6 and 15 mg/dL the two printed cuts of acute GVHD differ by rounding
    "bilirubin": [0.5, 1.2, 2.5, 5, 8, 20],
    "crp": [0.3, 3.0, 5.0],
    "ferritin": [300, 650, 1000, 2000, 3000],
    "ldh": [200, 250, 300],
    "alt": [30, 40, 120, 130, 250],
    "alp": [100, 120, 360, 400],
}
"""Values at the cuts of rules and beside them, in the first unit."""

LOWER = {"neutrophils": 1.5, "lymphocytes": 1, "leukocytes": 4, "platelets": 150}
LOWER["haemoglobin"] = 120
UPPER = {"bilirubin": 1.2, "ldh": 250, "alt": 40, "alp": 120}
LINEAGES = {
    "anaemia": "ctcae_v5",
    "thrombocytopenia": "ctcae_v6",
    "neutropenia": "ctcae_v6",
    "lymphopenia": "ctcae_v5",
    "leukopenia": "ctcae_v5",
}
HEADER = ["subject", "day", "analyte", "value", "unit", "lower_limit", "upper_limit"]
RULES = {
    "neutrophil_engraftment": "",
    "platelet_engraftment": "",
    "primary_graft_failure": 'graft = "bone marrow"',
    "secondary_graft_failure": "",
    "poor_graft_function": 'shown_by = "counts", cuts = "looser"',
    "itp_response": "",
    "itp_response_duration": "",
    "icaht_early": "",
    "icaht_late": "",
    "car_hematotox": "",
    "neutrophil_phenotype": "",
    "international_prognostic_index": "",
    "affected_lineages": "",
    "chronic_gvhd_organ_score": (
        'organ = "liver", derived = ["liver"], window = { day = 20, before = 9, after = 9 }'
    ),
    "acute_gvhd_grade": 'stages = "derived", when = "maximum"',
    "very_good_partial_response": "",
}
HEAD = """
format = 2
[study]
name = "units"
title = "Units"
day_zero = "graft"
[population]
description = "made-up patients"
[arms.a]
label = "arm A"
[[analyses]]
name = "engraftment"
estimate = "cumulative_incidence"
endpoint = "neutrophil_engraftment_0"
"""


def write_protocol() -> str:
    asked = list(RULES.items())
    asked += [
        ("cytopenia_grade", f'lineage = "{lineage}", criteria = "{criteria}"')
        for lineage, criteria in LINEAGES.items()
    ]
    asked += [
        ("cytopenia_pattern", f'pattern = "prolonged", lineages = ["{lineage}"]')
        for lineage in LINEAGES
    ]
    asked += [("lab_value", f'analyte = "{name}", statistic = "maximum"') for name in UNITS]
    tables = [
        f'[[endpoints]]\nname = "{rule}_{place}"\nrule = "{rule}"\n'
        f"primary = {str(not place).lower()}\nparameters = {{ {parameters} }}\n"
        for place, (rule, parameters) in enumerate(asked)
    ]
    return HEAD + "".join(tables)


def written(analyte: str, unit: str, value: float | None) -> str:
    if value is None:
        return ""
    return repr(float(Fraction(str(value)) * Fraction(UNITS[analyte][unit])))


def write_patients(folder: Path, people: int, dice: random.Random) -> None:
    """Every patient three times: in the first units, in others, and with a unit for each row."""
    rows: list[tuple[object, ...]] = []
    for person in range(people):
        own = {analyte: dice.choice(list(units)[1:]) for analyte, units in UNITS.items()}
        for analyte, units in UNITS.items():
            for day in sorted(dice.sample(range(-5, 60), dice.randint(4, 12))):
                value, sign = dice.choice(VALUES[analyte]), dice.choice(["", "", "", "", "<"])
                for twin, unit in enumerate(
                    (next(iter(units)), own[analyte], dice.choice([*units]))
                ):
                    value_, *limits = (
                        written(analyte, unit, each)
                        for each in (value, LOWER.get(analyte), UPPER.get(analyte))
                    )
                    rows.append((f"{person}-{twin}", day, analyte, sign + value_, unit, *limits))
    with (folder / "labs.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(rows)
    names = [f"{person}-{twin},a,61,90,70" for person in range(people) for twin in range(3)]
    text = "\n".join(["subject,arm,age_years,last_day,weight_kg", *names])
    (folder / "subjects.csv").write_text(text + "\n", "utf-8")


def test_no_outcome_depends_on_the_unit_of_a_row(tmp_path):
    (tmp_path / "patients").mkdir()
    (tmp_path / "protocol.toml").write_text(write_protocol(), "utf-8")
    write_patients(tmp_path / "patients", 6, random.Random(5))
    study = read_study(tmp_path)
    assert not [issue for issue in study.issues if issue.severity is Severity.ERROR]
    outcomes = derive_outcomes(study.cohorts["observed"], study.endpoints)
    told = outcomes.select(
        "endpoint", "subject", "label", "day", "status", "value", "lowest", "highest"
    )
    judged = 0
    by_name: dict[tuple[str, str], list[tuple[object, ...]]] = {}
    for endpoint, subject, *found in told.iter_rows():
        by_name.setdefault((endpoint, subject.split("-")[0]), []).append(found)
        judged += found[3] is not None
    for name, (first, *others) in by_name.items():
        for other in others:
            for mine, theirs in zip(first, other, strict=True):
                assert theirs == (pytest.approx(mine) if isinstance(mine, float) else mine), name
    assert judged > outcomes.height / 2
