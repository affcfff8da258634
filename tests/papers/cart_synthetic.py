"""Twenty-six invented patients whose counts are those that Xia 2024 prints.

Nobody was observed to be like this: the paper prints margins alone, and these patients are one of
many cohorts that have them. They drive the tests that tables reproduce printed counts, carry
`origin = synthetic`, and are in no study that is shipped. Lineages, survival and covariates of one
patient have nothing to do with each other but where a printed count asks for it.
"""

from __future__ import annotations

import polars as pl

N = 26
PATIENTS = range(1, N + 1)

COUNTS = {
    # analyte, unit, lower limit, value of each grade
    "anaemia": ("haemoglobin", "g/L", 120.0, (140.0, 105.0, 90.0, 70.0)),
    "thrombocytopenia": ("platelets", "10^9/L", 150.0, (200.0, 100.0, 60.0, 40.0)),
    "neutropenia": ("neutrophils", "10^9/L", 2.0, (4.0, 1.7, 1.2, 0.7)),
    "lymphopenia": ("lymphocytes", "10^9/L", 1.0, (1.5, 0.9, 0.6, 0.3)),
}
DAYS = (-5, 0, 3, 7, 10, 14, 20, 30, 40, 50, 60, 70, 80)


def _wave(first: float, last: float, grade: int) -> dict[float, int]:
    """Grades of an episode from the first day to the last, recovered on the day after."""
    return {day: grade for day in DAYS if first <= day <= last}


def _neutropenia(patient: int) -> dict[float, int]:
    early = 3 if patient <= 9 else 2
    late = 3 if patient <= 6 or patient in (10, 11) else 2
    if patient <= 11:  # a second wave after recovery; six last 30 days
        return _wave(3, 7, early) | _wave(30, 50 if patient <= 6 else 30, late)
    if patient <= 19:
        return _wave(30, 50 if patient <= 16 else 30, 3 if patient <= 16 else 2)
    return _wave(3, 7, 3) if patient == 20 else {}


def _thrombocytopenia(patient: int) -> dict[float, int]:
    if patient == 20:  # the one second wave of grade 3 outside of neutrophils
        return _wave(3, 7, 3) | _wave(30, 30, 3)
    if patient <= 13 or 21 <= patient <= 24:
        return _wave(3, 10, 3 if patient <= 8 else 2)
    return {}


def _anaemia(patient: int) -> dict[float, int]:
    if patient in (20, 26):
        return {}
    return _wave(3, 7, 3) | _wave(10, 40, 1) if patient <= 7 else _wave(3, 40, 1)


def _lymphopenia(patient: int) -> dict[float, int]:
    deep = patient <= 12 or patient in (17, 18, 19, 21, 22, 23)
    return _wave(3, 14, 3 if deep else 2)


GRADES = {
    "anaemia": _anaemia,
    "thrombocytopenia": _thrombocytopenia,
    "neutropenia": _neutropenia,
    "lymphopenia": _lymphopenia,
}


def build_tables() -> dict[str, pl.DataFrame]:
    """Return the tables of the invented patients, each row marked as synthetic."""
    return {"subjects": _subjects(), "labs": _labs(), "events": _events()}


def _subjects() -> pl.DataFrame:
    ages = [22, 71, *(40 + i for i in range(12)), *(54 + i % 12 for i in range(12))]
    ages[13], ages[14] = 52, 53
    return _marked(
        {
            "arm": ["car_t"] * N,
            "sex": ["male" if i < 17 else "female" for i in range(N)],
            "age_years": ages,
            "last_day": [float(1200 + i) for i in range(N)],
            "stage": ["IV" if i < 17 else "III" if i < 22 else "II" for i in range(N)],
            "b_symptoms": ["yes" if i % 4 == 1 and i < 24 else "no" for i in range(N)],
            "bridging": ["yes" if i % 2 and i < 24 else "no" for i in range(N)],
            "conditioning": ["BEAM" if i % 5 == 4 else "FC" for i in range(N)],
            "target": ["CD20" if i % 3 == 2 else "CD19" for i in range(N)],
            "ipi": [0, 5, *([1, 3] * 6), *([2] * 12)],
            "ecog": [4, *([0] * 15), *([1] * 10)],
            "marrow": ["yes" if i % 3 == 0 and i < 24 else "no" for i in range(N)],
            "prior_transplant": ["yes" if i % 4 == 2 and i < 26 else "no" for i in range(N)],
            "prior_lines": [1, 8, *([2] * 8), *([3] * 8), *([4] * 8)],
            "months_from_diagnosis": [3, 104, *([8] * 11), *([13] * 1), *([12] * 1), *([30] * 11)],
            "ki67": [30.0, 90.0, *([65.0, 80.0] * 10), 70.0, 70.0, 75.0, 75.0],
        }
    )


def _labs() -> pl.DataFrame:
    rows = [
        {"subject": f"S{patient}", "origin": "synthetic", "day": float(day), "analyte": analyte,
         "value": values[GRADES[lineage](patient).get(day, 0)], "unit": unit, "lower_limit": limit}
        for lineage, (analyte, unit, limit, values) in COUNTS.items()
        for patient in PATIENTS
        for day in DAYS
    ]  # fmt: skip
    return pl.DataFrame(rows)


def _events() -> pl.DataFrame:
    """Medians of 3.5 and 13.5 months: the thirteenth and fourteenth of 26 patients."""
    order = [patient * 7 % N for patient in PATIENTS]
    rows = []
    for patient, place in zip(PATIENTS, order, strict=True):
        progression = 107.0 if place in (12, 13) else 84.0 + place if place < 12 else 150.0 + place
        death = 411.0 if place in (12, 13) else 200.0 + place if place < 12 else 600.0 + place
        found = [("progression", progression)] if place < 20 else []
        found += [("death", death)] if place < 18 else []
        rows += [
            {"subject": f"S{patient}", "origin": "synthetic", "day": day, "event": event}
            for event, day in found
        ]
    return pl.DataFrame(rows)


def _marked(columns: dict[str, list[object]]) -> pl.DataFrame:
    names = {"subject": [f"S{patient}" for patient in PATIENTS], "origin": ["synthetic"] * N}
    frame = pl.DataFrame({**names, **columns}, strict=False)
    dead = {row["subject"]: row["day"] for row in _events().to_dicts() if row["event"] == "death"}
    ends = pl.col("subject").replace_strict(dead, default=None, return_dtype=pl.Float64)
    return frame.with_columns(pl.coalesce(ends, "last_day").alias("last_day"))
