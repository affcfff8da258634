"""No acceptance case is left out: each has an adapter, or its rule is known to be missing."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from stromal.endpoints.registry import ENDPOINTS
from tests.cases import gvhd, haematology, transplant
from tests.cases.test_cases import ADAPTERS, KEYS, SHARED

CASES = SHARED / "acceptance_cases.json"

# The rule that each function of the cases asks about. `stages` are read by every rule of GVHD.
RULES = {
    "anc_engraft": {"neutrophil_engraftment"},
    "car_hematotox": {"car_hematotox"},
    "chimerism": {"donor_chimerism"},
    "crs": {"crs_grade"},
    "ctcae_low": {"cytopenia_grade"},
    "durable_cr": {"durable_complete_response"},
    "febrile_neutropenia": {"febrile_neutropenia"},
    "glucksberg94": {"acute_gvhd_grade"},
    "gvhd_response": {"acute_gvhd_response"},
    "hc": {"haemorrhagic_cystitis"},
    "ibmtr": {"acute_gvhd_grade"},
    "icaht_early": {"icaht_early"},
    "icaht_late": {"icaht_late"},
    "icans": {"icans_grade"},
    "ipi": {"international_prognostic_index"},
    "itp": {"itp_response"},
    "lugano": {"lugano_stage"},
    "magic": {"acute_gvhd_grade"},
    "minnesota": {"minnesota_risk"},
    "nih": {"chronic_gvhd_severity"},
    "nih_lung": {"chronic_gvhd_organ_score"},
    "nih_skin": {"chronic_gvhd_organ_score"},
    "patterns": {"cytopenia_pattern"},
    "plt_engraft": {"platelet_engraftment"},
    "poor_graft_function": {"poor_graft_function"},
    "primary_gf": {"primary_graft_failure"},
    "secondary_gf": {"secondary_graft_failure"},
    "sr_agvhd": {"steroid_refractory_acute_gvhd"},
    "stages": {"acute_gvhd_grade", "acute_gvhd_response"},
    "tte": {
        "gvhd_free_relapse_free_survival",
        "non_relapse_mortality",
        "overall_survival",
        "progression_free_survival",
        "relapse",
    },
    "vgpr": {"very_good_partial_response"},
    "who_bleeding": {"who_bleeding"},
}

# Functions whose rule the library does not have yet; a new rule takes its line away.
WITHOUT_RULE: dict[str, str] = {}


def _cases() -> list[dict[str, Any]]:
    if not CASES.exists():
        pytest.skip(f"{CASES.name} is not here")
    cases: list[dict[str, Any]] = json.loads(CASES.read_text("utf-8"))
    return cases


def test_every_function_of_the_cases_is_read_or_known_to_have_no_rule() -> None:
    functions = {case["function"] for case in _cases()}
    assert functions == set(ADAPTERS) | set(WITHOUT_RULE)


@pytest.mark.parametrize("function", KEYS)
def test_no_key_of_a_case_is_passed_over(function: str) -> None:
    asked = [set(case["input"]) for case in _cases() if case["function"] == function]
    assert set().union(*asked) <= KEYS[function]


@pytest.mark.parametrize("function", sorted(set(ADAPTERS) - set(KEYS)))
def test_an_adapter_refuses_a_key_that_it_does_not_read(function: str) -> None:
    case = next(each for each in _cases() if each["function"] == function)
    with pytest.raises((AssertionError, KeyError, TypeError, ValueError)):
        ADAPTERS[function](case["input"] | {"unheard_of": 1})


def test_an_adapter_is_written_once_and_asks_about_rules_that_exist() -> None:
    written = Counter(
        name for module in (gvhd, haematology, transplant) for name in module.ADAPTERS
    )
    assert max(written.values()) == 1
    assert not set(ADAPTERS) & set(WITHOUT_RULE)
    assert set(RULES) == set(ADAPTERS)
    assert set().union(*RULES.values()) <= set(ENDPOINTS)


def test_rules_without_a_case_are_those_of_free_choice() -> None:
    asked = set().union(*RULES.values())
    assert set(ENDPOINTS) - asked == {
        "adverse_event",
        "adverse_event_grade",
        "acute_gvhd_grade_2_4",
        "acute_gvhd_grade_3_4",
        "acute_gvhd_response_duration",
        "affected_lineages",
        "assessment_label",
        "assessment_value",
        "best_overall_response",
        "bleeding_relief",
        "cystitis_response",
        "dose_limiting_toxicity",
        "event_count",
        "event_days",
        "event_response",
        "gross_haematuria_end",
        "itp_loss_of_response",
        "itp_response_duration",
        "lab_value",
        "low_count_days",
        "neutrophil_phenotype",
        "performance_status",
        "time_to_acute_gvhd_response",
        "time_to_chronic_gvhd",
        "recorded_event",
        "time_to_event",
        "tumour_response",
        "tumour_response_duration",
        "vital_status",
    }
