"""Relapse, death without it competing."""

from __future__ import annotations

import csv

from tests.shared import shared_file
from tests.unit.endpoints.followed import followed, times

from stromal.endpoints.rules.survival.non_relapse_mortality import (
    derive_non_relapse_mortality,
)
from stromal.endpoints.rules.survival.relapse import RELAPSE, derive_relapse
from stromal.endpoints.rules.survival.time_to_event import RelapseParameters


def test_relapse_is_the_event_and_death_competes():
    patients = followed(
        {"1": 50, "2": 80, "3": 365, "4": 80},
        [
            ("1", 50, "death"),
            ("2", 60, "relapse"),
            ("2", 80, "death"),
            ("4", 80, "death"),
            ("4", 80, "relapse"),
        ],
    )
    rows = derive_relapse(patients, RelapseParameters())
    assert times(rows) == [(50, 2), (60, 1), (365, 0), (80, 1)]
    assert tuple(rows["label"].to_list()[1::-1]) == RELAPSE.labels[:2]


def test_the_transplants_of_klein_and_moeschberger():
    with shared_file("data", "transplant", "KMsurv_bmt.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    relapses = [
        (str(i), float(row["t2"]), "relapse") for i, row in enumerate(rows) if row["d2"] == "1"
    ]
    deaths = [(str(i), float(row["t1"]), "death") for i, row in enumerate(rows) if row["d1"] == "1"]
    last = {str(i): float(row["t1"]) for i, row in enumerate(rows)}
    patients = followed(last, relapses + deaths)
    relapse = derive_relapse(patients, RelapseParameters())
    mortality = derive_non_relapse_mortality(patients, RelapseParameters())
    assert relapse.height == 137
    assert relapse["status"].to_list().count(1) == 42
    assert mortality["status"].to_list().count(1) == 41
    free = [(float(row["t2"]), row["d3"] == "1") for row in rows]
    found = [(day, status != 0) for day, status in times(relapse)]
    # One patient (row 38) died on day 350 but is disease-free only until day 332 in the source.
    assert [
        i + 1 for i, pair in enumerate(zip(free, found, strict=True)) if len(set(pair)) > 1
    ] == [38]
