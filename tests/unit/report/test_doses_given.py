"""The table of doses given: who, how many, how much, when, and what is not on record."""

from __future__ import annotations

import polars as pl
import pytest

from stromal.protocol.protocol import Protocol
from stromal.report.doses_given import NOT_RECORDED, render_doses_given
from stromal.tables.patients import Patients

MSC = {"kind": "msc", "label": "MSC", "source": "adipose", "donor": "related"}
PROTOCOL = Protocol.model_validate(
    {
        "format": 2,
        "study": {"name": "doses", "title": "Doses", "day_zero": "first_msc_dose"},
        "population": {"description": "adults"},
        "products": {"cells": MSC, "drug": {"kind": "drug", "label": "fludarabine"}},
        "arms": {
            "high": {
                "label": "High dose",
                "regimen": [
                    {"product": "cells", "dose": 2, "unit": "10^6 cell/kg", "days": [0, 7]},
                    {"product": "drug", "dose": 30, "unit": "mg/m2", "days": [-5]},
                ],
            },
            "none": {"label": "Control"},
        },
    }
)
PEOPLE = {"subject": ["1", "2", "3", "4"], "arm": ["high", "high", "high", "none"]}


def view_of(doses: dict[str, list[object]], people: dict[str, list[object]] | None = None):
    tables = {"subjects": pl.DataFrame(people or PEOPLE), "doses": pl.DataFrame(doses)}
    return render_doses_given(PROTOCOL, Patients.of(**tables))


def texts(view):
    return [[cell.text for cell in row] for row in view.rows]


DOSES = {
    "subject": ["1", "1", "2"],
    "day": [0.0, 7.0, 0.0],
    "product": ["cells"] * 3,
    "amount": [2e6, 1e6, 2e6],
    "unit": ["cell/kg"] * 3,
}


def test_doses_of_an_arm_and_who_has_none():
    view = view_of(DOSES)
    assert [heading.text for heading in view.headings] == [
        "Arm", "Product", "Patients dosed", "No dose recorded", "Doses per patient",
        "Single dose", "Cumulative dose", "Days",
    ]  # fmt: skip
    unit = "\u00a0×\u00a010⁶\u00a0cells/kg"
    assert texts(view) == [
        ["High dose", "MSC", "2/3 (67 %)", "1", "1.5 (1–2)", f"2 (1–2){unit}", f"2.5 (2–3){unit}",
         "0, 7"],
        ["", "fludarabine", "0/3 (0 %)", "3", "–", "–", "–", "–"],
        ["Control", "none planned, none recorded", "", "", "", "", "", ""],
    ]  # fmt: skip
    assert view.note == "Median (range) over the patients who were dosed."


def test_without_a_table_of_doses_that_is_said():
    view = render_doses_given(PROTOCOL, Patients.of(subjects=pl.DataFrame(PEOPLE)))
    assert view.note == NOT_RECORDED == "Doses given are not recorded."
    assert texts(view) == [
        ["High dose", "MSC", "not recorded"],
        ["High dose", "fludarabine", "not recorded"],
    ]


def test_lots_have_a_column_where_there_are_any():
    view = view_of({**DOSES, "lot": ["B", "A", None]})
    assert view.headings[-1].text == "Lots"
    assert [row[-1] for row in texts(view)] == ["A and B", "–", ""]
    many = {name: values * 2 for name, values in DOSES.items()}
    assert texts(view_of({**many, "lot": list("ABCDEF")}))[0][-1] == "6 lots"


def test_an_unknown_amount_has_no_cumulative_dose():
    view = view_of({**DOSES, "amount": [2e6, None, 2e6]})
    assert texts(view)[0][4:7] == ["1.5 (1–2)", *["2\u00a0×\u00a010⁶\u00a0cells/kg"] * 2]
    assert view.note.endswith("1 patient with an amount that is not known has no cumulative dose.")


def test_a_product_that_was_not_planned_is_marked():
    view = view_of({**DOSES, "subject": ["4"] * 3})
    assert texts(view)[2][:5] == ["Control", "MSC (not planned)", "1/1 (100 %)", "–", "3"]


def test_many_days_are_first_and_last():
    days = [float(day) for day in range(9)]
    view = view_of(
        {"subject": ["1"] * 8 + ["2"], "day": days, "product": ["cells"] * 9,
         "amount": [1e6] * 9, "unit": ["cell/kg"] * 9}
    )  # fmt: skip
    assert texts(view)[0][7] == "first 4 (0–8), last 7.5 (7–8)"


@pytest.mark.parametrize(
    ("units", "dose"),
    [
        (["g/m2", "mg/m2", "mg/m2"], "500 (1–2000)\u00a0mg/m2"),
        (["mg", "mg", "mg"], "1 (1–2)\u00a0mg"),
        (["mg", "mg/m2", "mg/m2"], "in mg and mg/m2"),
    ],
)
def test_doses_are_shown_in_one_unit_or_not_at_all(units, dose):
    amount = [2.0, 500.0, 1.0] if units[0] == "g/m2" else [2.0, 1.0, 1.0]
    view = view_of({**DOSES, "product": ["drug"] * 3, "amount": amount, "unit": units})
    assert texts(view)[1][5] == dose


def test_origins_have_a_part_each():
    people = {**PEOPLE, "origin": ["observed", "simulated", "observed", "observed"]}
    view = view_of(DOSES, people)
    rows = texts(view)
    assert [row[0] for row in rows if row[1] == ""] == ["Observed", "Simulated"]
    assert [row[2] for row in rows if row[1] == "MSC"] == ["1/2 (50 %)", "1/1 (100 %)"]


def test_replicates_are_patients_of_their_own():
    people = {"subject": ["1", "1"], "replicate": [1, 2], "arm": ["high", "high"]}
    doses = {name: values[:2] for name, values in DOSES.items()} | {"replicate": [1, 2]}
    assert texts(view_of(doses, people))[0][2:5] == ["2/2 (100 %)", "0", "1"]


def test_nothing_planned_and_nothing_given_is_no_table():
    bare = PROTOCOL.model_copy(update={"arms": {"none": PROTOCOL.arms["none"]}})
    assert not render_doses_given(bare, Patients.of(subjects=pl.DataFrame(PEOPLE)))
