"""Adapters from acceptance cases to endpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from stromal.endpoints.gvhd_stage import derive_sign_stages
from stromal.endpoints.registry import derive_outcomes
from stromal.protocol.protocol import EndpointUse
from stromal.tables.patients import Patients

_ORGANS = ("skin", "liver", "upper_gi", "lower_gi")


def assessed(scale: str, values: Mapping[str, Any], day: float | None = 0.0) -> pl.DataFrame:
    """Assessments of patient 1 on a day; an item that is None was not assessed."""
    given = {item: value for item, value in values.items() if value is not None}
    items = pl.DataFrame(
        {"item": list(given), "value": [str(value) for value in given.values()]},
        schema={"item": pl.String, "value": pl.String},
    )
    return items.select(
        pl.lit("1").alias("subject"),
        pl.lit(day, pl.Float64).alias("day"),
        pl.lit(scale).alias("scale"),
        "item",
        "value",
    )


def patient(**tables: pl.DataFrame) -> Patients:
    """Patient 1 with these tables."""
    subjects = tables.pop("subjects", pl.DataFrame({"subject": ["1"], "arm": ["msc"]}))
    return Patients.of(subjects=subjects, **tables)


def _outcome(patients: Patients, rule: str, **parameters: Any) -> dict[str, Any]:
    use = EndpointUse.model_validate({"name": "case", "rule": rule, "parameters": parameters})
    return derive_outcomes(patients, [use]).row(0, named=True)


def _stages(case: dict[str, Any]) -> list[int]:
    """A patient with the signs of the case, an adult of 70 kg and otherwise without signs."""
    signs = {
        "skin_bsa": case.pop("skin_bsa", 0),
        "erythroderma_with_bullae": _yes(case.pop("bullae", False)),
        "upper_gi": _yes(case.pop("upper_gi", False)),
        "severe_pain_or_ileus": _yes(
            any(case.pop(name, False) for name in ("pain", "severe_pain", "ileus"))
        ),
        "grossly_bloody_stool": _yes(
            any(case.pop(name, False) for name in ("blood", "bloody", "bloody_stool"))
        ),
        "stool_episodes_per_day": case.pop("episodes", None),
    }
    volume = case.pop("ml", None)
    weight = case.pop("weight_kg", case.pop("kg", 70.0))
    signs["stool_ml_per_day"] = volume
    if volume is None and signs["stool_episodes_per_day"] is None:
        signs["stool_ml_per_day"] = 0
    value, unit = case.pop("bili", 0.5), "mg/dL"
    labs = pl.DataFrame({"subject": ["1"], "day": [0.0], "analyte": ["bilirubin"]})
    patients = patient(
        subjects=pl.DataFrame({"subject": ["1"], "arm": ["msc"], "weight_kg": [float(weight)]}),
        assessments=assessed("acute_gvhd_signs", signs),
        labs=labs.with_columns(value=pl.lit(float(value)), unit=pl.lit(unit)),
    )
    if case:
        raise KeyError(f"the adapter does not know {', '.join(case)}")
    found = dict(derive_sign_stages(patients).select("item", "stage").iter_rows())
    return [found[item] for item in _ORGANS]


def _yes(value: Any) -> str:
    return "yes" if value else "no"


def _graded(case: dict[str, Any], system: str) -> dict[str, Any]:
    names = {"s": "skin", "l": "liver", "u": "upper_gi", "g": "lower_gi"}
    if "u" not in case:
        names["g"] = "gut"
    tables = [
        assessed("acute_gvhd_stage", {names[key]: case.get(key) for key in names if key in case})
    ]
    if any(case.get(key) for key in ("ps", "performance", "extreme_ps")):
        tables.append(assessed("performance", {"extreme_decrease": "yes"}))
    patients = patient(assessments=pl.concat(tables))
    return _outcome(patients, "acute_gvhd_grade", system=system, day=0)


def _response(case: dict[str, Any]) -> str | None:
    rows = [
        assessed("acute_gvhd_stage", dict(zip(_ORGANS, case[key], strict=True)), day)
        for key, day in (("base", 0.0), ("now", 28.0))
    ]
    label: str | None = _outcome(patient(assessments=pl.concat(rows)), "acute_gvhd_response")[
        "label"
    ]
    return label


ADAPTERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "stages": lambda case: _stages(dict(case)),
    "magic": lambda case: _graded(case, "magic")["value"],
    "glucksberg94": lambda case: _graded(case, "glucksberg_1994")["value"],
    "ibmtr": lambda case: _graded(case, "ibmtr")["label"],
    "gvhd_response": _response,
}
