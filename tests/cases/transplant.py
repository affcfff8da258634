"""Adapters from acceptance cases to the transplant and time-to-event endpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from stromal.endpoints.bind import bind_endpoint
from stromal.endpoints.derive import derive_outcomes
from stromal.protocol.protocol import EndpointUse
from stromal.tables.patients import Patients
from stromal.units import convert

_GRAFTS = {"PBSC": "peripheral blood", "BM": "bone marrow", "UCB": "cord blood"}
_TIMES = {
    "OS": "overall_survival",
    "PFS": "progression_free_survival",
    "relapse": "relapse",
    "NRM": "non_relapse_mortality",
    "GRFS": "gvhd_free_relapse_free_survival",
}


def _event(key: str) -> str:
    """The event a case means: cases spell `agvhd34`, `agvhd_3_4`, `cgvhd_systemic`, `relapse`."""
    text = "".join(filter(str.isalnum, key.lower()))
    if "gvhd" in text and (text.startswith("c") or "ist" in text):
        limited = any(word in text for word in ("mild", "limited", "local", "nosyst"))
        return "chronic_gvhd" if limited else "chronic_gvhd_systemic_treatment"
    if "gvhd" in text:
        severe = any(word in text for word in ("34", "iiiiv", "severe"))
        return "acute_gvhd_grade_3_4" if severe else "acute_gvhd"
    for start, event in (("d", "death"), ("rel", "relapse"), ("prog", "progression")):
        if text.startswith(start):
            return event
    return {"pd": "progression"}.get(text, key)


def _outcome(patients: Patients, rule: str, **parameters: Any) -> dict[str, Any]:
    use = EndpointUse(name="asked", rule=rule, parameters=parameters)
    return derive_outcomes(patients, [bind_endpoint(use)]).row(0, named=True)


def _patient(
    last_day: float | None,
    events: list[tuple[str, float | None]],
    labs: list[tuple[float, float]] | None = None,
    analyte: str = "",
) -> Patients:
    return Patients.of(
        subjects=pl.DataFrame(
            {"subject": ["1"], "arm": ["a"], "last_day": [last_day]},
            schema_overrides={"last_day": pl.Float64},
        ),
        events=pl.DataFrame(
            [("1", day, event) for event, day in events],
            schema={"subject": pl.String, "day": pl.Float64, "event": pl.String},
            orient="row",
        ),
        labs=pl.DataFrame(
            [("1", day, analyte, value) for day, value in labs or []],
            schema={
                "subject": pl.String,
                "day": pl.Float64,
                "analyte": pl.String,
                "value": pl.Float64,
            },
            orient="row",
        ).with_columns(unit=pl.lit("10^9/L")),
    )


def _anc_engraft(given: dict[str, Any]) -> float | None:
    counts = [
        (float(day), convert(value, "/uL", "10^9/L"))
        for day, value in given["obs"]
        if value is not None
    ]
    patient = _patient(None, [], counts, "neutrophils")
    row = _outcome(patient, "neutrophil_engraftment")
    return row["day"] if row["status"] == 1 else None


def _plt_engraft(given: dict[str, Any]) -> float | None:
    counts = [(float(day), float(value)) for day, value in given["obs"] if value is not None]
    transfusions = [
        ("transfusion_platelets", float(day)) for day in given.get("transfusion_days") or []
    ]
    patient = _patient(None, transfusions, counts, "platelets")
    row = _outcome(patient, "platelet_engraftment", cut=given.get("cut", 20))
    return row["day"] if row["status"] == 1 else None


def _primary_gf(given: dict[str, Any]) -> str | None:
    named = {
        "neutrophil_recovery": given.get("anc_day"),
        "death": given.get("dead_day"),
        "relapse": given.get("relapse_day"),
        "second_transplant": next((day for key, day in given.items() if "second" in key), None),
    }
    events = [(event, float(day)) for event, day in named.items() if day is not None]
    patient = _patient(given.get("followup_day"), events)
    row = _outcome(
        patient, "primary_graft_failure", source="reported", graft=_GRAFTS[given["source"]]
    )
    verdict = row["label"] or row["reason"].split(":")[0]
    return (
        str(verdict)
        .replace("primary graft", "primary_graft")
        .replace("graft failure", "graft_failure")
        .replace("not evaluable", "not_evaluable")
    )


def _tte(given: dict[str, Any]) -> dict[str, list[float] | None]:
    events = [(_event(name), day) for name, day in given["events"].items()]
    patient = _patient(given.get("last_fu"), events)
    times = {}
    for short, rule in _TIMES.items():
        # The cases are followed as long as they say, not for one year.
        row = _outcome(patient, rule, until_day=None)
        times[short] = None if row["status"] is None else [row["value"], row["status"]]
    return times


def _chimerism(given: dict[str, Any]) -> str | None:
    (percent,) = given.values()
    rows = pl.DataFrame(
        {"subject": "1", "day": 30.0, "scale": "chimerism", "item": ["myeloid", "lymphoid"]}
    ).with_columns(value=pl.lit(str(percent)))
    patient = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=rows)
    label: str | None = _outcome(patient, "donor_chimerism", window={"day": 30})["label"]
    return label


def _secondary_gf(given: dict[str, Any]) -> str | None:
    """Recovery by day 20, neutrophils that fall or do not from day 60 to 62, growth factor."""
    events: list[tuple[str, float | None]] = [
        (event, 45.0) for event in ("relapse", "death") if given.get(event)
    ]
    if given["prior_anc_and_plt_recovery"]:
        events += [("neutrophil_recovery", 15.0), ("platelet_recovery", 20.0)]
    if given["needs_blood_or_growth_factor"]:
        events.append(("g_csf", 62.0))
    count = 0.2 if given["decline"] else 2.0
    counts = [(day, count) for day in (60.0, 61.0, 62.0)]
    patient = _patient(100.0, events, counts, "neutrophils")
    label = _outcome(patient, "secondary_graft_failure", source="reported")["label"]
    return {"secondary graft failure": "secondary_graft_failure"}.get(label, label and "no")


def _poor_graft_function(given: dict[str, Any]) -> bool | None:
    """Growth factor on three days from day 40 on, or none; relapse before it."""
    events: list[tuple[str, float | None]] = []
    if given["engrafted"]:
        events.append(("neutrophil_recovery", 15.0))
    if given["frequent_support"]:
        events += [("g_csf", day) for day in (40.0, 44.0, 48.0)]
    if given.get("relapse"):
        events.append(("relapse", 35.0))
    patient = _patient(100.0, events)
    value = _outcome(patient, "poor_graft_function", source="reported")["value"]
    return None if value is None else bool(value)


ADAPTERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "anc_engraft": _anc_engraft,
    "plt_engraft": _plt_engraft,
    "primary_gf": _primary_gf,
    "chimerism": _chimerism,
    "secondary_gf": _secondary_gf,
    "poor_graft_function": _poor_graft_function,
    "tte": _tte,
}
