"""Adapters from acceptance cases to endpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from stromal.endpoints.bind import bind_endpoint
from stromal.endpoints.derive import derive_outcomes
from stromal.endpoints.records.signs import derive_sign_stages
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
    return derive_outcomes(patients, [bind_endpoint(use)]).row(0, named=True)


_SIGNS = {
    "skin": "skin_bsa",
    "bull": "erythroderma_with_bullae",
    "desq": "erythroderma_with_bullae",
    "eryth": "erythroderma_with_bullae",
    "upper": "upper_gi",
    "pain": "severe_pain_or_ileus",
    "ileus": "severe_pain_or_ileus",
    "blood": "grossly_bloody_stool",
    "episode": "stool_episodes_per_day",
    "ml": "stool_ml_per_day",
}
_WITHOUT_SIGNS = {
    "skin_bsa": 0,
    "erythroderma_with_bullae": False,
    "upper_gi": False,
    "severe_pain_or_ileus": False,
    "grossly_bloody_stool": False,
}


def _sign(key: str) -> str:
    """The sign that a key of a case is about."""
    for part, sign in _SIGNS.items():
        if part in key:
            return sign
    raise KeyError(f"no sign for `{key}`")


def _stages(case: dict[str, Any]) -> list[int]:
    """A patient with the signs of the case, an adult of 70 kg and otherwise without signs."""
    weight, bilirubin = 70.0, 0.5
    signs: dict[str, Any] = dict(_WITHOUT_SIGNS)
    for key, value in case.items():
        if key in ("kg", "weight", "weight_kg"):
            weight = float(value)
        elif key.startswith("bili"):
            bilirubin = float(value)
        else:
            signs[_sign(key)] = value
    if not {"stool_ml_per_day", "stool_episodes_per_day"} & set(signs):
        signs["stool_ml_per_day"] = 0
    flags = {True: "yes", False: "no"}
    labs = pl.DataFrame({"subject": ["1"], "day": [0.0], "analyte": ["bilirubin"]})
    patients = patient(
        subjects=pl.DataFrame({"subject": ["1"], "arm": ["msc"], "weight_kg": [weight]}),
        assessments=assessed(
            "acute_gvhd_signs",
            {k: flags[v] if isinstance(v, bool) else v for k, v in signs.items()},
        ),
        labs=labs.with_columns(value=pl.lit(bilirubin), unit=pl.lit("mg/dL")),
    )
    found = dict(derive_sign_stages(patients).select("item", "stage").iter_rows())
    return [found[item] for item in _ORGANS]


def _graded(case: dict[str, Any], system: str) -> dict[str, Any]:
    """Stages s, l, u, g of a case (g is the whole gut where there is no u), and whether there was
    an extreme decrease of performance."""
    names = {"s": "skin", "l": "liver", "u": "upper_gi", "g": "lower_gi" if "u" in case else "gut"}
    stages = {item: case[key] for key, item in names.items() if key in case}
    tables = [assessed("acute_gvhd_stage", stages)]
    others = {key: value for key, value in case.items() if key not in names}
    for key in others:
        if not any(part in key for part in ("perform", "extreme", "decrease")):
            raise KeyError(f"no sign for `{key}`")
    if any(others.values()):
        tables.append(assessed("performance", {"extreme_decrease": "yes"}))
    patients = patient(assessments=pl.concat(tables))
    return _outcome(patients, "acute_gvhd_grade", system=system, window={"day": 0})


def _event(key: str) -> str:
    """The event that a key of a case is about."""
    if key.startswith(("dea", "died")):
        return "death"
    if any(part in key for part in ("treat", "therap")):
        return "systemic_gvhd_treatment"
    raise KeyError(f"no event for `{key}`")


def _response(case: dict[str, Any]) -> str | None:
    """Stages on day 0 and day 28; death or additional treatment between them where it is true, or
    on the day that is given."""
    rows = [
        assessed("acute_gvhd_stage", dict(zip(_ORGANS, case[key], strict=True)), day)
        for key, day in (("base", 0.0), ("now", 28.0))
        if case.get(key) is not None
    ]
    told = {_event(key): value for key, value in case.items() if key not in ("base", "now")}
    happened = [
        (event, 14.0 if value is True else float(value))
        for event, value in told.items()
        if value is not None and value is not False
    ]
    schema = {"event": pl.String, "day": pl.Float64}
    events = pl.DataFrame(happened, schema=schema, orient="row")
    patients = patient(assessments=pl.concat(rows), events=events.with_columns(subject=pl.lit("1")))
    label: str | None = _outcome(patients, "acute_gvhd_response")["label"]
    return label


def _minnesota(case: dict[str, Any]) -> str | None:
    """Stages s, l and gi at the start of steroids."""
    names = {"s": "skin", "l": "liver", "gi": "gut"}
    stages = {names[key]: value for key, value in case.items()}
    patients = patient(assessments=assessed("acute_gvhd_stage", stages))
    label: str | None = _outcome(patients, "minnesota_risk")["label"]
    return label


_VGPR_SIGNS = (
    "bullae",
    "eating_or_enteral",
    "mostly_formed_stools",
    "more_than_occasional_nausea",
)


def _vgpr(case: dict[str, Any]) -> bool | None:
    """Signs on day 28, bilirubin then and on day 0."""
    given = dict(case)
    bilirubin = {28.0: given.pop("bili_mgdl"), 0.0: given.pop("bili_baseline", None)}
    rash = assessed("acute_gvhd_signs", {"skin_bsa": given.pop("erythema_bsa")}, 28.0)
    signs = {"overt_bleeding_or_cramps": given.pop("overt_gi_bleed_or_cramps")}
    signs |= {sign: given.pop(sign) for sign in _VGPR_SIGNS}
    assert not given, "keys of the case that nobody reads"
    said = {sign: "yes" if value else "no" for sign, value in signs.items() if value is not None}
    labs = pl.DataFrame(
        [("1", day, "bilirubin", value, "mg/dL") for day, value in bilirubin.items()],
        schema={
            "subject": pl.String,
            "day": pl.Float64,
            "analyte": pl.String,
            "value": pl.Float64,
            "unit": pl.String,
        },
        orient="row",
    )
    patients = patient(
        assessments=pl.concat([rash, assessed("vgpr_signs", said, 28.0)]), labs=labs.drop_nulls()
    )
    value = _outcome(patients, "very_good_partial_response")["value"]
    return None if value is None else bool(value)


def _durable_cr(case: dict[str, Any]) -> bool | None:
    """Skin stage 2 on day 0 and on days without complete response; the keys as named."""
    parameters = {key: float(case[key]) for key in set(case) - {"cr_by_day"}}
    staged = [(0.0, False), *((float(day), bool(shown)) for day, shown in case["cr_by_day"])]
    rows = [
        assessed("acute_gvhd_stage", dict.fromkeys(_ORGANS, 0) | {"skin": 0 if shown else 2}, day)
        for day, shown in staged
    ]
    row = _outcome(patient(assessments=pl.concat(rows)), "durable_complete_response", **parameters)
    return None if row["value"] is None else bool(row["value"])


_CHANGES = {
    "worse": {"skin": 4, "liver": 2},
    "same": {"skin": 3, "liver": 2},
    **{word: {"skin": 1, "liver": 2} for word in ("partial", "better", "improved")},
    "complete": {"skin": 0, "liver": 0},
}


def _sr_agvhd(case: dict[str, Any]) -> bool | None:
    """Skin stage 3 and liver stage 2 when steroids begin on day 0, and one later assessment."""
    given = dict(case)
    trial = given.pop("rule", None)
    drug = "prednisone" if trial is None else "methylprednisolone"
    now = _CHANGES[given.pop("stage_change")]
    rows = [
        assessed("steroids", {drug: given.pop("dose_mgkg")}),
        assessed("acute_gvhd_stage", dict.fromkeys(_ORGANS, 0) | _CHANGES["same"]),
        assessed(
            "acute_gvhd_stage",
            dict.fromkeys(_ORGANS, 0) | now,
            float(given.pop("day_on_steroid")),
        ),
    ]
    assert not given, "keys of the case that nobody reads"
    named = {} if trial is None else {"definition": trial.lower()}
    row = _outcome(patient(assessments=pl.concat(rows)), "steroid_refractory_acute_gvhd", **named)
    return None if row["value"] is None else bool(row["value"])


_CHRONIC = {
    **{organ: organ for organ in ("skin", "mouth", "eyes", "liver", "genital")},
    **dict.fromkeys(("lung", "lungs"), "lungs"),
    **dict.fromkeys(("joint", "joints", "joints_fascia", "joint_fascia", "fascia"), "joints"),
    **dict.fromkeys(("gi", "gut", "gi_tract"), "gi"),
}
_EIGHT = ("skin", "mouth", "eyes", "gi", "liver", "lungs", "joints", "genital")


def _nih(case: dict[str, Any]) -> str | None:
    """Scores of organs; one that is not named was not involved. Organs with another cause named."""
    given = dict(case)
    scores = {_CHRONIC[organ]: score for organ, score in given.pop("scores").items()}
    other = {_CHRONIC[organ]: "yes" for organ in given.pop("excluded", [])}
    assert not given, "keys of the case that nobody reads"
    rows = [
        assessed("chronic_gvhd_score", dict.fromkeys(_EIGHT, 0) | scores),
        assessed("chronic_gvhd_other_cause", other),
    ]
    row = _outcome(patient(assessments=pl.concat(rows)), "chronic_gvhd_severity", window={"day": 0})
    label: str | None = row["label"]
    return label


def _nih_skin(case: dict[str, Any]) -> float | None:
    """Surface, and sclerosis where the case names it: none unless it says so."""
    given = dict(case)
    signs = {"skin_bsa": given.pop("bsa"), "skin_sclerosis": "none"}
    for key, value in given.items():
        deep = any(word in key.lower() for word in ("deep", "mobil", "ulcer"))
        kind = "deep" if deep else "superficial"
        assert deep or "superficial" in key.lower() or key == "sclerosis", key
        if isinstance(value, str):
            signs["skin_sclerosis"] = value
        elif value and signs["skin_sclerosis"] != "deep":
            signs["skin_sclerosis"] = kind
    patients = patient(assessments=assessed("chronic_gvhd_signs", signs))
    row = _outcome(
        patients, "chronic_gvhd_organ_score", organ="skin", derived=["skin"], window={"day": 0}
    )
    value: float | None = row["value"]
    return value


def _nih_lung(case: dict[str, Any]) -> float | None:
    """Forced expiratory volume in percent."""
    given = dict(case)
    labs = pl.DataFrame({"subject": ["1"], "day": [0.0], "analyte": ["fev1_percent"], "unit": "%"})
    patients = patient(labs=labs.with_columns(value=pl.lit(float(given.pop("fev1")))))
    assert not given, "keys of the case that nobody reads"
    row = _outcome(
        patients, "chronic_gvhd_organ_score", organ="lungs", derived=["lungs"], window={"day": 0}
    )
    value: float | None = row["value"]
    return value


ADAPTERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "stages": _stages,
    "magic": lambda case: _graded(case, "magic")["value"],
    "glucksberg94": lambda case: _graded(case, "glucksberg_1994")["value"],
    "ibmtr": lambda case: _graded(case, "ibmtr")["label"],
    "gvhd_response": _response,
    "minnesota": _minnesota,
    "vgpr": _vgpr,
    "durable_cr": _durable_cr,
    "sr_agvhd": _sr_agvhd,
    "nih": _nih,
    "nih_skin": _nih_skin,
    "nih_lung": _nih_lung,
}
