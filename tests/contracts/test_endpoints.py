"""Every endpoint of the library passes the same test of manners."""

from __future__ import annotations

from typing import get_args

import polars as pl
import pytest

from stromal.endpoints.endpoint import OutcomeKind
from stromal.endpoints.registry import ENDPOINTS
from stromal.endpoints.rules.adverse_events import ADVERSE_EVENTS
from stromal.endpoints.rules.assessments import ASSESSMENTS
from stromal.endpoints.rules.bleeding import BLEEDING
from stromal.endpoints.rules.cart import CART
from stromal.endpoints.rules.cytopenia import CYTOPENIA
from stromal.endpoints.rules.engraftment import ENGRAFTMENT
from stromal.endpoints.rules.events import EVENTS
from stromal.endpoints.rules.gvhd import GVHD
from stromal.endpoints.rules.itp import ITP
from stromal.endpoints.rules.labs import LABS
from stromal.endpoints.rules.lymphoma import LYMPHOMA
from stromal.endpoints.rules.survival import SURVIVAL
from stromal.endpoints.rules.tumour import TUMOUR
from stromal.sources import find_source
from stromal.tables.outcomes import OUTCOMES
from stromal.tables.patients import Patients

# The parameters that a rule cannot do without; all others have defaults.
REQUIRED = {
    "acute_gvhd_grade": {"system": "magic", "window": {"day": 0}},
    "chronic_gvhd_organ_score": {"organ": "skin", "window": {"day": 0}},
    "chronic_gvhd_severity": {"window": {"day": 0}},
    "assessment_label": {"scale": "tumour", "item": "response", "statistic": "best"},
    "assessment_value": {"scale": "tumour", "item": "deauville", "statistic": "maximum"},
    "cytopenia_grade": {"lineage": "neutropenia"},
    "cytopenia_pattern": {"pattern": "prolonged"},
    "donor_chimerism": {"window": {"day": 30}},
    "dose_limiting_toxicity": {"to_day": 28},
    "event_count": {"events": ("g_csf",)},
    "event_response": {"event": "infection"},
    "recorded_event": {"events": ("infection",)},
    "event_days": {"events": ("g_csf",)},
    "lab_value": {"analyte": "platelets", "statistic": "minimum"},
    "primary_graft_failure": {"limit_day": 30.0},
    "time_to_event": {"events": ("relapse",), "competing": ("death",)},
}
NAMES = sorted(ENDPOINTS)
TIMES = [name for name in NAMES if ENDPOINTS[name].kind == "time"]


def _parameters(name: str):
    return ENDPOINTS[name].read_parameters(REQUIRED.get(name, {}))


def _patients(order: tuple[int, ...] = (0, 1, 2)) -> Patients:
    """Three patients: one with records of every kind, one who died, one with none at all."""
    names = [("full", "dead", "bare")[i] for i in order]
    days = [-1.0, 0.0, 3.0, 7.0, 10.0, 11.0, 12.0, 20.0, 28.0, 35.0, 60.0]
    counts = [3.0, 2.0, 0.3, 0.1, 0.2, 0.6, 0.7, 0.9, 2.0, 2.5, 3.0]
    rows = [
        {"subject": who, "day": day, "analyte": analyte, "value": value * factor, "unit": "10^9/L"}
        for who in ("full", "dead")
        for analyte, factor in (("neutrophils", 1.0), ("platelets", 30.0), ("lymphocytes", 0.5))
        for day, value in zip(days, counts, strict=True)
        if who == "full" or day < 20
    ]
    labs = pl.DataFrame(rows).with_columns(
        pl.lit(1.5).alias("lower_limit"), pl.lit("10^9/L").alias("reported_unit")
    )
    stages = pl.DataFrame(
        [
            {"subject": "full", "day": day, "scale": "acute_gvhd_stage", "item": item, "value": v}
            for day, v in ((0.0, "2"), (28.0, "0"))
            for item in ("skin", "liver", "lower_gi")
        ]
        + [
            {
                "subject": "full",
                "day": day,
                "scale": "acute_gvhd_stage",
                "item": "upper_gi",
                "value": "0",
            }
            for day in (0.0, 28.0)
        ]
    )
    return Patients.of(
        subjects=pl.DataFrame(
            {
                "subject": names,
                "arm": ["msc"] * 3,
                "last_day": [{"full": 90.0, "dead": 15.0}.get(name) for name in names],
            },
            schema_overrides={"last_day": pl.Float64},
        ),
        labs=labs,
        assessments=stages,
        events=pl.DataFrame({"subject": ["dead"], "day": [15.0], "event": ["death"]}),
    )


@pytest.mark.parametrize("name", NAMES)
def test_one_row_per_patient_in_their_order_each_with_a_reason(name):
    endpoint, patients = ENDPOINTS[name], _patients()
    rows = endpoint.derive(patients, _parameters(name))
    assert rows["subject"].to_list() == patients.subjects["subject"].to_list()
    assert set(rows.columns) <= set(OUTCOMES.names)
    assert all(rows["reason"].to_list())
    assert endpoint.kind in get_args(OutcomeKind)


@pytest.mark.parametrize("name", NAMES)
def test_a_patient_without_records_is_not_judged(name):
    endpoint = ENDPOINTS[name]
    row = endpoint.derive(_patients(), _parameters(name)).row(2, named=True)
    no_response = row.get("label") == "NR"  # the trial convention for an absent assessment
    assert row["value"] is None or no_response
    assert row.get("label") is None or no_response


@pytest.mark.parametrize("name", NAMES)
def test_labels_are_those_that_the_rule_declares(name):
    endpoint, parameters = ENDPOINTS[name], _parameters(name)
    rows = endpoint.derive(_patients(), parameters)
    labels = endpoint.labels_under(parameters)
    if labels:
        assert set(rows["label"].drop_nulls()) <= {label.name for label in labels}
    assert bool(labels) == (endpoint.kind != "value")


@pytest.mark.parametrize("name", NAMES)
def test_labels_say_how_they_are_spoken_and_which_is_better(name):
    endpoint = ENDPOINTS[name]
    labels = endpoint.labels_under(_parameters(name))
    assert len({label.name for label in labels}) == len(labels)
    assert len({label.rank for label in labels}) == len(labels)
    assert all(label.words and label.verb for label in labels)
    assert (endpoint.statuses is not None) == (endpoint.kind == "time")


@pytest.mark.parametrize("name", NAMES)
def test_without_reasons_all_else_is_the_same(name):
    endpoint, parameters = ENDPOINTS[name], _parameters(name)
    plain = OUTCOMES.conform(endpoint.derive(_patients(), parameters))
    silent = OUTCOMES.conform(endpoint.derive(_patients(), parameters, reasons=False))
    assert silent["reason"].null_count() == silent.height
    assert silent.drop("reason").equals(plain.drop("reason"))


@pytest.mark.parametrize("name", NAMES)
def test_the_least_and_the_most_hold_the_value(name):
    rows = OUTCOMES.conform(ENDPOINTS[name].derive(_patients(), _parameters(name)))
    assert (rows["lowest"].is_null() == rows["highest"].is_null()).all()
    bounded = rows.drop_nulls(["lowest", "highest"])
    assert (bounded["lowest"] <= bounded["highest"]).all()
    judged = bounded.drop_nulls("value")
    assert judged["value"].is_between(judged["lowest"], judged["highest"]).all()


def test_every_rule_belongs_to_one_family():
    families = (
        ADVERSE_EVENTS,
        ASSESSMENTS,
        TUMOUR,
        BLEEDING,
        CART,
        CYTOPENIA,
        EVENTS,
        ENGRAFTMENT,
        GVHD,
        ITP,
        LABS,
        LYMPHOMA,
        SURVIVAL,
    )
    listed = [endpoint.name for family in families for endpoint in family]
    assert sorted(listed) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_order_of_patients_and_of_rows_changes_nothing(name):
    endpoint, parameters = ENDPOINTS[name], _parameters(name)
    plain = endpoint.derive(_patients(), parameters)
    turned = _patients((2, 0, 1))
    shuffled = Patients.of(
        subjects=turned.subjects,
        labs=turned.labs.reverse(),
        assessments=turned.assessments.reverse(),
        events=turned.events,
    )
    other = endpoint.derive(shuffled, parameters)
    assert other.sort("subject").equals(plain.sort("subject"))


@pytest.mark.parametrize("name", NAMES)
def test_no_patients_give_no_rows(name):
    nobody = Patients.of()
    assert ENDPOINTS[name].derive(nobody, _parameters(name)).height == 0


@pytest.mark.parametrize("name", TIMES)
def test_time_rules_have_a_day_wherever_they_have_a_status(name):
    endpoint = ENDPOINTS[name]
    rows = endpoint.derive(_patients(), _parameters(name))
    assert rows["status"].is_null().to_list() == rows["day"].is_null().to_list()
    assert set(rows["status"].drop_nulls()) <= {0, 1, 2}


@pytest.mark.parametrize("name", NAMES)
def test_criteria_cite_known_sources_and_outcomes_name_them(name):
    endpoint, parameters = ENDPOINTS[name], _parameters(name)
    criteria = endpoint.criteria_under(parameters)
    assert all(find_source(key) for key in criteria.sources)
    assert endpoint.derive(_patients(), parameters)["criteria"].null_count() == 0
    assert endpoint.needs(parameters)
