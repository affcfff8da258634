"""The score before CAR-T cells: points at their cuts, what is missing, units, the window."""

from __future__ import annotations

import polars as pl
import pytest
from tests.unit.endpoints.counted import lab, table

from stromal.endpoints.rules.cart.car_hematotox import (
    CarHematotoxParameters,
    derive_car_hematotox,
)
from stromal.tables.patients import Patients

GOOD = {"platelets": 220, "neutrophils": 3.4, "haemoglobin": 124, "crp": 0.8, "ferritin": 180}
UNITS = {"haemoglobin": "g/L", "crp": "mg/dL", "ferritin": "ng/mL"}


def scored(values, *, units=UNITS, day=-5.0, **parameters):
    rows = [
        lab(name, value, units.get(name, "10^9/L"), day=day)
        for name, value in values.items()
        if value != "absent"
    ]
    patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), labs=table(*rows))
    return derive_car_hematotox(patients, CarHematotoxParameters(**parameters)).row(0, named=True)


@pytest.mark.parametrize(
    ("name", "value", "points"),
    [
        ("platelets", 176, 0),
        ("platelets", 175, 1),
        ("platelets", 75, 1),
        ("platelets", 74.9, 2),
        ("neutrophils", 1.2, 0),
        ("neutrophils", 1.19, 1),
        ("haemoglobin", 90, 0),
        ("haemoglobin", 89.9, 1),
        ("crp", 2.9, 0),
        ("crp", 3.0, 1),
        ("ferritin", 649, 0),
        ("ferritin", 650, 1),
        ("ferritin", 2000, 1),
        ("ferritin", 2001, 2),
    ],
)
def test_each_value_has_its_points(name, value, points):
    row = scored(GOOD | {name: value})
    assert (row["value"], row["lowest"], row["highest"]) == (points, points, points)
    assert row["label"] == ("high" if points >= 2 else "low")


def test_c_reactive_protein_in_mg_per_litre_is_converted():
    assert scored(GOOD | {"crp": 29}, units=UNITS | {"crp": "mg/L"})["value"] == 0
    assert scored(GOOD | {"crp": 30}, units=UNITS | {"crp": "mg/L"})["value"] == 1


def test_a_missing_value_leaves_the_score_open_and_the_risk_where_it_matters():
    row = scored(GOOD | {"ferritin": "absent"})
    assert (row["value"], row["label"], row["lowest"], row["highest"]) == (None, None, 0, 2)
    assert row["reason"].endswith("ferritin not measured: a score of 0 to 2 is possible")
    sure = scored(GOOD | {"platelets": 60, "ferritin": "absent"})
    assert (sure["value"], sure["label"]) == (None, "high")
    assert (sure["lowest"], sure["highest"]) == (2, 4)
    low = scored(GOOD | {"crp": "absent"})
    assert (low["value"], low["label"], low["highest"]) == (None, "low", 1)


def test_a_bound_counts_where_it_decides():
    assert scored(GOOD | {"crp": "<0.5"})["value"] == 0
    assert scored(GOOD | {"ferritin": ">2000"})["value"] == 2
    assert scored(GOOD | {"ferritin": ">1000"})["lowest"] == 1
    assert scored(GOOD | {"neutrophils": "<1.2"})["value"] == 1


def test_only_values_of_the_window_count():
    assert scored(GOOD, day=-14.0)["value"] == 0
    row = scored(GOOD, day=-15.0)
    assert (row["value"], row["label"], row["lowest"], row["highest"]) == (None, None, 0, 7)
    assert row["reason"].endswith("from day -14 to day -5")
    assert scored(GOOD, day=-15.0, window={"day": -15})["label"] == "low"


def test_the_reason_lists_every_item():
    assert scored(GOOD | {"platelets": 60})["reason"] == (
        "platelets 60 x 10^9/L (2), neutrophils 3.4 x 10^9/L (0), haemoglobin 124 g/L (0), "
        "C-reactive protein 0.8 mg/dL (0), ferritin 180 ng/mL (0): score 2"
    )


@pytest.mark.parametrize(
    ("name", "pair", "points"),
    [("crp", (2.9, 3.1), 1), ("ferritin", (100, 2001), 2), ("haemoglobin", (89, 91), 1)],
)
def test_the_worst_of_several_values_on_one_day_is_kept(name, pair, points):
    values = [(key, value) for key, value in GOOD.items() if key != name]
    values += [(name, value) for value in pair]
    rows = [lab(key, value, UNITS.get(key, "10^9/L"), day=-5) for key, value in values]
    for ordered in (rows, rows[::-1]):
        patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), labs=table(*ordered))
        row = derive_car_hematotox(patients, CarHematotoxParameters()).row(0, named=True)
        assert row["value"] == points
