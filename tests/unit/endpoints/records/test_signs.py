"""Organ stages from signs: at the cuts, in both units, for children and adults, what stays open."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.records.signs import derive_sign_stages, find_unsettled
from stromal.tables.patients import Patients

NO_SIGNS = {
    "erythroderma_with_bullae": "no",
    "severe_pain_or_ileus": "no",
    "grossly_bloody_stool": "no",
}


def patient(
    signs: dict[str, Any] | None = None,
    bilirubin: float | None = None,
    reported_unit: str = "mg/dL",
    **body: float,
) -> Patients:
    items = {name: str(value) for name, value in (signs or {}).items()}
    rows = pl.DataFrame({"item": list(items), "value": list(items.values())})
    labs = pl.DataFrame({"subject": ["1"], "day": [0.0], "analyte": ["bilirubin"]}).with_columns(
        value=pl.lit(bilirubin), unit=pl.lit("mg/dL"), reported_unit=pl.lit(reported_unit)
    )
    return Patients.of(
        subjects=pl.DataFrame(
            {"subject": ["1"], "arm": ["a"], **{k: [v] for k, v in body.items()}}
        ),
        assessments=rows.with_columns(
            subject=pl.lit("1"), day=0.0, scale=pl.lit("acute_gvhd_signs")
        ),
        labs=labs,
    )


def stages(patients: Patients, *, unrecorded_absent: bool = False) -> dict[str, int]:
    found = derive_sign_stages(patients, unrecorded_absent=unrecorded_absent)
    return dict(found.select("item", "stage").iter_rows())


@pytest.mark.parametrize("unit", ["mg/dL", "umol/L"])
def test_liver_is_staged_on_the_cut_of_its_own_unit(unit: str) -> None:
    factor = 1.0 if unit == "mg/dL" else 17.1
    for cut in read_criteria("magic_2016").rules["stages"]["liver"][unit]:
        value = cut.get("from", cut.get("above"))
        at = stages(patient(bilirubin=value / factor, reported_unit=unit))["liver"]
        assert at == cut["stage"] - ("above" in cut)
        over = stages(patient(bilirubin=(value + 0.01) / factor, reported_unit=unit))["liver"]
        assert over == cut["stage"]


def test_the_two_units_disagree_where_their_printed_cuts_do() -> None:
    # 34 umol/L is 1.99 mg/dL: stage 1 as reported in umol/L, stage 0 in mg/dL.
    assert stages(patient(bilirubin=34 / 17.1, reported_unit="µmol/L"))["liver"] == 1
    assert stages(patient(bilirubin=34 / 17.1, reported_unit="mg/dL"))["liver"] == 0


def test_bilirubin_without_a_value_is_no_stage() -> None:
    assert "liver" not in stages(patient(bilirubin=None))


@pytest.mark.parametrize(
    ("signs", "stage"),
    [
        ({"skin_bsa": 0}, 0),
        ({"skin_bsa": 24.9}, 1),
        ({"skin_bsa": 25}, 2),
        ({"skin_bsa": 50}, 2),
        ({"skin_bsa": 51}, None),
        ({"skin_bsa": 51, "erythroderma_with_bullae": "no"}, 3),
        ({"erythroderma_with_bullae": "yes"}, 4),
        ({"erythroderma_with_bullae": "no"}, None),
    ],
)
def test_skin(signs: dict[str, Any], stage: int | None) -> None:
    assert stages(patient(signs)).get("skin") == stage


def test_unrecorded_signs_can_be_taken_as_absent() -> None:
    bare = patient({"skin_bsa": 51, "stool_ml_per_day": 1600}, weight_kg=60.0)
    assert "lower_gi" not in stages(bare)
    assert stages(bare, unrecorded_absent=True) == {"skin": 3, "lower_gi": 3}


def test_upper_gi_is_never_guessed() -> None:
    assert stages(patient({"upper_gi": "yes"})) == {"upper_gi": 1}
    assert stages(patient({"upper_gi": "no"})) == {"upper_gi": 0}
    assert "upper_gi" not in stages(patient({"skin_bsa": 0}))


@pytest.mark.parametrize(
    ("signs", "body", "stage"),
    [
        ({"stool_ml_per_day": 600}, {"weight_kg": 70.0}, 1),
        ({"stool_ml_per_day": 1500}, {"weight_kg": 50.1}, 2),
        ({"stool_ml_per_day": 600}, {"weight_kg": 20.0}, 2),
        ({"stool_ml_per_day": 601}, {"weight_kg": 20.0}, 3),
        ({"stool_ml_per_day": 600}, {"age_years": 40.0}, 1),
        ({"stool_ml_per_day": 600}, {"age_years": 6.0}, None),
        ({"stool_ml_per_day": 600}, {}, None),
        ({"stool_ml_per_day": 0}, {}, 0),
        ({"stool_ml_per_day": 1501}, {}, 3),
        ({"stool_episodes_per_day": 3}, {"weight_kg": 70.0}, 1),
        ({"stool_episodes_per_day": 3}, {"weight_kg": 20.0}, 0),
        ({"stool_episodes_per_day": 3}, {}, None),
        ({"stool_episodes_per_day": 4}, {}, 1),
        ({"stool_episodes_per_day": 9, "stool_ml_per_day": 400}, {"weight_kg": 70.0}, 0),
    ],
)
def test_lower_gi(signs: dict[str, Any], body: dict[str, float], stage: int | None) -> None:
    assert stages(patient(NO_SIGNS | signs, **body)).get("lower_gi") == stage


@pytest.mark.parametrize("sign", ["severe_pain_or_ileus", "grossly_bloody_stool"])
def test_pain_and_blood_are_stage_4_at_any_volume(sign: str) -> None:
    assert stages(patient({sign: "yes"}))["lower_gi"] == 4
    assert stages(patient({sign: "yes", "stool_ml_per_day": 100}, weight_kg=70.0))["lower_gi"] == 4


@given(
    low=st.floats(0, 3000, allow_nan=False),
    more=st.floats(0, 3000, allow_nan=False),
    weight=st.none() | st.floats(3, 120, allow_nan=False),
)
def test_more_stool_is_never_a_lower_stage(low: float, more: float, weight: float | None) -> None:
    body = {} if weight is None else {"weight_kg": weight}
    found = [
        stages(patient(NO_SIGNS | {"stool_ml_per_day": volume}, **body)).get("lower_gi")
        for volume in (low, low + more)
    ]
    assert None in found or found[0] <= found[1]


@pytest.mark.parametrize(
    ("value", "bound", "unit", "stage"),
    [
        (2.0, "below", "mg/dL", 0),
        (0.2, "below", "mg/dL", 0),
        (2.1, "below", "mg/dL", None),
        (15.0, "above", "mg/dL", 4),
        (14.9, "above", "mg/dL", None),
        (2.0, None, "mg/dL", 1),
        (34 / 17.1, None, "umol/L", 1),
    ],
)
def test_a_bound_on_bilirubin_gives_a_stage_where_it_decides(value, bound, unit, stage) -> None:
    given = patient(bilirubin=value, reported_unit=unit)
    labs = given.labs.with_columns(pl.lit(bound, pl.String).alias("bound"))
    found = stages(Patients.of(subjects=given.subjects, labs=labs))
    assert found.get("liver") == stage


@pytest.mark.parametrize(("surface", "stage"), [(80, 4), (50.1, 4), (50, 2), (20, 1), (None, 4)])
def test_skin_stage_4_needs_more_than_half_of_the_body_surface(surface, stage) -> None:
    signs = {"erythroderma_with_bullae": "yes"}
    if surface is not None:
        signs["skin_bsa"] = str(surface)
    assert stages(patient(signs))["skin"] == stage


def unsettled(patients: Patients) -> dict[str, int]:
    return dict(find_unsettled(patients).select("item", "most").iter_rows())


def test_what_was_measured_and_settles_no_stage_is_told_with_the_most_that_it_can_be() -> None:
    assert unsettled(patient({"skin_bsa": 60})) == {"skin": 4}
    assert unsettled(patient({"stool_ml_per_day": 800})) == {"lower_gi": 4}
    assert unsettled(patient({"skin_bsa": 10, "erythroderma_with_bullae": "no"})) == {}


def test_a_sign_of_stage_4_alone_is_no_measurement() -> None:
    assert unsettled(patient(NO_SIGNS)) == {}
