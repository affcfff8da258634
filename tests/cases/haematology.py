"""Adapters from acceptance cases to endpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from stromal.endpoints.registry import find_endpoint
from stromal.endpoints.rules.cytopenia.lineages import read_lineage_rules
from stromal.errors import UnknownUnit
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.analytes import ANALYTES

SUBJECTS = pl.DataFrame({"subject": ["1"], "arm": ["msc"]})


def _lab(
    analyte: str, day: float, value: float | None, unit: str | None, limit: float | None
) -> dict[str, Any]:
    """A row of `labs` as a reader makes it; a value in an unknown unit stays as it was written."""
    internal: str | None = unit
    if unit is not None:
        try:
            value, limit = (
                None if number is None else ANALYTES[analyte].convert(number, unit)
                for number in (value, limit)
            )
            internal = ANALYTES[analyte].unit
        except UnknownUnit:
            pass
    return {
        "subject": "1",
        "day": day,
        "analyte": analyte,
        "value": value,
        "unit": internal,
        "lower_limit": limit,
        "reported_unit": unit,
    }


def _outcome(rule: str, patients: Patients, **parameters: Any) -> dict[str, Any]:
    endpoint = find_endpoint(rule)
    return endpoint.derive(patients, endpoint.read_parameters(parameters)).row(0, named=True)


def ctcae_low(case: dict[str, Any]) -> int | None:
    criteria = f"ctcae_{case.get('version', 'v5')}"
    by_term = {rule.term: name for name, rule in read_lineage_rules(criteria).items()}
    if case["term"] not in by_term:
        return None
    lineage = by_term[case["term"]]
    analyte = read_lineage_rules(criteria)[lineage].analyte
    labs = [_lab(analyte, 1, case["value"], case["unit"], case["lln"])]
    patients = Patients.of(subjects=SUBJECTS, labs=pl.DataFrame(labs, infer_schema_length=None))
    return _outcome("cytopenia_grade", patients, lineage=lineage, criteria=criteria)["value"]


def patterns(case: dict[str, Any]) -> dict[str, bool]:
    # an assessment with cytopenia is a platelet count far below every cut, one without is normal
    labs = [
        _lab("platelets", day, 10 if affected else 200, "10^9/L", 150)
        for day, affected in case["obs"]
    ]
    patients = Patients.of(subjects=SUBJECTS, labs=pl.DataFrame(labs))
    found = {}
    for pattern in ("prolonged", "late_onset", "biphasic"):
        row = _outcome(
            "cytopenia_pattern",
            patients,
            pattern=pattern,
            lineages=["thrombocytopenia"],
            threshold_grade=3,
        )
        found[pattern] = row["label"] == "yes"
    return found


def itp(case: dict[str, Any]) -> str | None:
    unread = set(case) - {"base", "counts", "rescue", "bleeding"}
    assert not unread, f"the adapter does not read {unread}"
    series = [(0, case["base"]), *case["counts"]]
    labs = [_lab("platelets", day, count, "10^9/L", None) for day, count in series]
    days = [day for day, _ in case["counts"]]
    happened = [("rescue_therapy", days[:1] if case.get("rescue") else [])]
    happened.append(("bleeding", days if case.get("bleeding") else []))
    events = [{"subject": "1", "day": day, "event": event} for event, on in happened for day in on]
    patients = Patients.of(
        subjects=SUBJECTS,
        labs=pl.DataFrame(labs, infer_schema_length=None),
        events=pl.DataFrame(events, schema=["subject", "day", "event"]),
    )
    return _outcome("itp_response", patients)["label"]


def _neutrophils(counts: Mapping[Any, float], last_day: float | None = None) -> Patients:
    """Neutrophil counts per microlitre by day."""
    labs = [_lab("neutrophils", float(day), count, "/uL", None) for day, count in counts.items()]
    subjects = SUBJECTS.with_columns(pl.lit(last_day, pl.Float64).alias("last_day"))
    return Patients.of(subjects=subjects, labs=pl.DataFrame(labs, infer_schema_length=None))


def icaht_early(case: dict[str, Any]) -> float | None:
    assert not set(case) - {"anc_by_day", "last_day"}
    patients = _neutrophils(case["anc_by_day"], case.get("last_day"))
    return _outcome("icaht_early", patients)["value"]


def icaht_late(case: dict[str, Any]) -> float | None:
    assert not set(case) - {"anc_values_d31_100"}
    counts = {31 + 7 * place: count for place, count in enumerate(case["anc_values_d31_100"])}
    return _outcome("icaht_late", _neutrophils(counts))["value"]


def febrile_neutropenia(case: dict[str, Any]) -> float | None:
    unread = set(case) - {"anc_e9", "t_max_single_c"}
    assert not unread, f"the adapter does not read {unread}"
    labs = [
        _lab("neutrophils", 1, case["anc_e9"], "10^9/L", None),
        _lab("temperature", 1, case["t_max_single_c"], "degC", None),
    ]
    patients = Patients.of(subjects=SUBJECTS, labs=pl.DataFrame(labs, infer_schema_length=None))
    return _outcome("febrile_neutropenia", patients)["value"]


_HEMATOTOX = {
    "plt_e9": ("platelets", "10^9/L"),
    "anc_ul": ("neutrophils", "/uL"),
    "hb_gdl": ("haemoglobin", "g/dL"),
    "crp_mgdl": ("crp", "mg/dL"),
    "ferritin_ngml": ("ferritin", "ng/mL"),
}


def car_hematotox(case: dict[str, Any]) -> dict[str, Any]:
    labs = [
        _lab(_HEMATOTOX[key][0], -5, value, _HEMATOTOX[key][1], None)
        for key, value in case.items()
        if value is not None
    ]
    patients = Patients.of(subjects=SUBJECTS, labs=pl.DataFrame(labs, infer_schema_length=None))
    row = _outcome("car_hematotox", patients)
    return {"score": row["value"], "risk": row["label"]}


_SAID = {True: "yes", False: "no"}


def _signs(scale: str, signs: Mapping[str, Any]) -> pl.DataFrame:
    """Signs of patient 1 on day 1."""
    # 1 == True, and a score of 1 is not yes
    values = [_SAID[v] if isinstance(v, bool) else str(v) for v in signs.values()]
    schema = {"item": pl.String, "value": pl.String}
    rows = pl.DataFrame({"item": list(signs), "value": values}, schema)
    return rows.with_columns(subject=pl.lit("1"), day=pl.lit(1.0), scale=pl.lit(scale))


def crs(case: dict[str, Any]) -> float | None:
    asked = {"fever": False, "fever_masked": False, "hypotension": "none", "hypoxia": "none"}
    unread = set(case) - set(asked) - {"fatal"}
    assert not unread, f"the adapter does not read {unread}"
    patients = Patients.of(subjects=SUBJECTS, assessments=_signs("crs_signs", asked | case))
    return _outcome("crs_grade", patients)["value"]


def icans(case: dict[str, Any]) -> float | None:
    asked = {
        "consciousness": "awake",
        "seizure": "none",
        "motor_weakness": False,
        "oedema": "none",
    }
    names = {"edema": "oedema"}
    given = {names.get(key, key): value for key, value in case.items() if key != "ice"}
    if given.pop("unarousable", False):
        given["consciousness"] = "unarousable"
    unread = set(given) - set(asked) - {"fatal"}
    assert not unread, f"the adapter does not read {unread}"
    tables = [_signs("icans_signs", asked | given)]
    if case.get("ice") is not None:
        tables.append(_signs("ice", {"score": case["ice"]}))
    patients = Patients.of(subjects=SUBJECTS, assessments=pl.concat(tables))
    return _outcome("icans_grade", patients)["value"]


def _lymphoma_part(key: str, value: Any) -> tuple[str, str]:
    """The site that a key of a case is about, and its value as it is recorded."""
    if key == "extranodal" and value in {"single", "contiguous_limited", "noncontiguous"}:
        return key, value
    for item in ("nodal_groups", "both_sides", "spleen", "bulky", "b_symptoms"):
        if key == item:
            return item, _SAID[value] if isinstance(value, bool) else str(value)
    raise KeyError(f"no site of lymphoma for `{key}` {value!r}")


def lugano(case: dict[str, Any]) -> str | None:
    sites = dict(_lymphoma_part(key, value) for key, value in case.items())
    patients = Patients.of(subjects=SUBJECTS, assessments=_signs("lymphoma", sites))
    parameters = {"stage": "derived", "unrecorded_sites": "absent", "window": {"day": 1}}
    return _outcome("lugano_stage", patients, **parameters)["label"]


_ROMAN = {1: "I", 2: "II", 3: "III", 4: "IV"}


def ipi(case: dict[str, Any]) -> dict[str, Any]:
    unread = set(case) - {"age", "ldh_ratio", "ecog", "stage", "extranodal"}
    assert not unread, f"the adapter does not read {unread}"
    given = {key: value for key, value in case.items() if value is not None}
    ratio = given.get("ldh_ratio")
    ldh = _lab("ldh", 1, None if ratio is None else 250 * ratio, "U/L", None)
    stage = _ROMAN.get(given.get("stage"))
    items = [
        _signs("lymphoma", {} if stage is None else {"stage": stage}),
        _signs("performance", {key: given[key] for key in ("ecog",) if key in given}),
    ]
    if "extranodal" in given:
        items.append(_signs("lymphoma", {"extranodal_sites": given["extranodal"]}))
    patients = Patients.of(
        subjects=SUBJECTS.with_columns(pl.lit(given.get("age"), pl.Float64).alias("age_years")),
        labs=pl.DataFrame([ldh | {"upper_limit": 250.0}], infer_schema_length=None),
        assessments=pl.concat(items),
    )
    row = _outcome("international_prognostic_index", patients, window={"day": 1})
    return {"score": row["value"], "group": row["label"]}


_HAEMATURIA = {
    "rbc_micro": "microscopic",
    "gross": "macroscopic",
    "clots": "clots",
    "obstruction_or_renal": "renal_failure",
}


def hc(case: dict[str, Any]) -> float | None:
    signs = {_HAEMATURIA[key]: value for key, value in case.items()}
    patients = Patients.of(subjects=SUBJECTS, assessments=_signs("haematuria", signs))
    return _outcome("haemorrhagic_cystitis", patients)["value"]


_BLEEDING = {
    "petechiae": "minor",
    "clinically_significant": "clinically_significant",
    "transfusion": "red_cells_needed",
    "cns_or_retinal": "debilitating",
}


def who_bleeding(case: dict[str, Any]) -> float | None:
    # a case without a sign is of a patient who was looked at and did not bleed
    signs: dict[str, Any] = dict.fromkeys(_BLEEDING.values(), False)
    for key, value in case.items():
        (item,) = (item for part, item in _BLEEDING.items() if part in key)
        signs[item] = value
    patients = Patients.of(subjects=SUBJECTS, assessments=_signs("bleeding", signs))
    return _outcome("who_bleeding", patients)["value"]


ADAPTERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "ctcae_low": ctcae_low,
    "patterns": patterns,
    "itp": itp,
    "car_hematotox": car_hematotox,
    "febrile_neutropenia": febrile_neutropenia,
    "crs": crs,
    "icans": icans,
    "hc": hc,
    "icaht_early": icaht_early,
    "icaht_late": icaht_late,
    "ipi": ipi,
    "lugano": lugano,
    "who_bleeding": who_bleeding,
}
