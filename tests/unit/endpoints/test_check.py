"""Checks of endpoints in use: rules, parameters, labels, needs."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.shared import ROOT

from stromal.endpoints.check import check_endpoints, check_needs
from stromal.protocol.protocol import Protocol
from stromal.protocol.read import read_protocol
from stromal.tables.patients import Patients

GOOD: dict[str, Any] = tomllib.loads(
    """
format = 2
[study]
name = "good"
title = "A study without fault"
day_zero = "first_msc_dose"
[population]
description = "children"
[products.msc]
kind = "msc"
label = "MSC"
source = "bone marrow"
donor = "third party"
[arms.msc]
label = "MSC"
[[arms.msc.regimen]]
product = "msc"
dose = 1
unit = "10^6 cell/kg"
days = [0]
[arms.msc.regimen.repeat]
every_days = 7
count = 4
from_day = 28
rule = { endpoint = "response", labels = ["PR"] }
[[visits]]
name = "start"
day = 0
[[visits]]
name = "day_28"
day = 28
[[endpoints]]
name = "response"
rule = "acute_gvhd_response"
visit = "day_28"
baseline = "start"
[[endpoints]]
name = "platelets"
rule = "lab_value"
visit = "day_28"
parameters = { analyte = "platelets" }
[[endpoints]]
name = "survival"
rule = "overall_survival"
[[endpoints]]
name = "relapse"
rule = "relapse"
[[analyses]]
name = "response"
estimate = "proportion"
endpoint = "response"
combine = { overall_response = ["CR", "PR"] }
[[analyses]]
name = "survival"
estimate = "survival"
endpoint = "survival"
[[analyses]]
name = "relapse"
estimate = "cumulative_incidence"
endpoint = "relapse"
[[analyses]]
name = "platelets"
estimate = "median"
endpoint = "platelets"
"""
)

Change = Callable[[dict[str, Any]], Any]


def changed(change: Change) -> Protocol:
    data = deepcopy(GOOD)
    change(data)
    return Protocol.model_validate(data)


def found(change: Change) -> list[tuple[str | None, str]]:
    issues = check_endpoints(changed(change))
    assert all(issue.table == "protocol.toml" and issue.hint for issue in issues)
    return [(issue.column, issue.message) for issue in issues]


def nothing(_data: dict[str, Any]) -> None:
    """No change."""


def test_endpoints_without_fault_have_no_issues() -> None:
    assert found(nothing) == []


CASES: dict[str, tuple[Change, str, str]] = {
    "unknown rule": (
        lambda d: d["endpoints"][3].update(rule="relaps"),
        "endpoints[3].rule",
        "rule `relaps` is not in the library",
    ),
    "unknown parameter": (
        lambda d: d["endpoints"][1]["parameters"].update(statistc="minimum"),
        "endpoints[1].parameters.statistc",
        "key `statistc` is not known here",
    ),
    "missing parameter": (
        lambda d: d["endpoints"][1]["parameters"].clear(),
        "endpoints[1].parameters.analyte",
        "key `analyte` is missing",
    ),
    "value that is not allowed": (
        lambda d: d["endpoints"][1]["parameters"].update(statistic="mean"),
        "endpoints[1].parameters.statistic",
        "`mean` is not one of the values of this key",
    ),
    "visit for a rule without days": (
        lambda d: d["endpoints"][2].update(visit="day_28"),
        "endpoints[2].visit",
        "rule `overall_survival` takes no visit",
    ),
    "baseline for a rule without one": (
        lambda d: d["endpoints"][1].update(baseline="start"),
        "endpoints[1].baseline",
        "rule `lab_value` takes no baseline",
    ),
    "repeat on an unknown label": (
        lambda d: d["arms"]["msc"]["regimen"][0]["repeat"]["rule"].update(labels=["CR", "good"]),
        "arms.msc.regimen[0].repeat.rule.labels[1]",
        "`good` is not a label of rule `acute_gvhd_response`",
    ),
    "survival curve of a competing risk": (
        lambda d: d["analyses"][1].update(endpoint="relapse"),
        "analyses[1].estimate",
        "endpoint `relapse` has a competing event, which a survival curve takes as censoring",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_found_and_nothing_else(name: str) -> None:
    change, column, message = CASES[name]
    assert found(change) == [(column, message)]


def test_the_nearest_rule_is_suggested() -> None:
    (issue,) = check_endpoints(changed(CASES["unknown rule"][0]))
    assert issue.hint == "did you mean `relapse`?"


def test_an_unknown_visit_is_left_to_the_checks_of_the_protocol() -> None:
    assert found(lambda data: data["endpoints"][0].update(visit="day_29")) == []


def patients(**tables: pl.DataFrame) -> Patients:
    return Patients.of(subjects=pl.DataFrame({"subject": ["1"], "arm": ["msc"]}), **tables)


def test_what_no_patient_has_is_a_warning_that_names_the_endpoint() -> None:
    issues = check_needs(changed(nothing), patients())
    assert {issue.column for issue in issues} >= {"endpoints[0]", "endpoints[1]"}
    (platelets,) = [issue for issue in issues if issue.column == "endpoints[1]"]
    assert str(platelets.severity) == "warning"
    assert (
        platelets.message == "endpoint `platelets` reads `platelets`, and no patient has it in labs"
    )


def test_what_one_patient_has_is_enough() -> None:
    labs = pl.DataFrame({"subject": ["1"], "day": [28], "analyte": ["platelets"], "value": [20]})
    issues = check_needs(changed(nothing), patients(labs=labs))
    assert "endpoints[1]" not in {issue.column for issue in issues}


def test_an_event_that_nobody_had_is_a_note_at_most() -> None:
    issues = check_needs(changed(nothing), patients())
    assert {str(issue.severity) for issue in issues if "in events" in issue.message} <= {"note"}


def test_a_study_without_patients_needs_nothing() -> None:
    assert check_needs(changed(nothing), Patients.of()) == ()


@pytest.mark.parametrize(
    "file", sorted((ROOT / "studies").glob("*/protocol.toml")), ids=lambda file: file.parent.name
)
def test_the_shipped_studies_have_no_issues(file: Path) -> None:
    assert check_endpoints(read_protocol(file)) == ()
