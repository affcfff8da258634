"""Checks of several keys at once: each finds what it is for, and passes what is right."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from tests.shared import ROOT

from stromal.errors import Severity
from stromal.protocol import check
from stromal.protocol.check import CHECKS, check_protocol
from stromal.protocol.protocol import Protocol
from stromal.protocol.read import read_protocol

GOOD: dict[str, Any] = tomllib.loads(
    """
format = 2
[study]
name = "good"
title = "A study without fault"
day_zero = "first_msc_dose"
sources = ["erbey2016"]
[population]
description = "children"
age_min_years = 1
age_max_years = 18
planned_n = 20
[covariates.risk]
label = "risk"
type = "category"
levels = ["low", "high"]
[covariates.wait]
label = "waiting time"
type = "number"
unit = "day"
[events.boost]
label = "boost of stem cells"
[products.msc]
kind = "msc"
label = "MSC"
source = "bone marrow"
donor = "third party"
[products.busulfan]
kind = "drug"
label = "busulfan"
[arms.msc]
label = "MSC"
planned_n = 20
[[arms.msc.regimen]]
product = "msc"
dose_min = 1
dose_max = 2
unit = "10^6 cell/kg"
days = [0, 7]
doses_min = 1
doses_max = 2
[arms.msc.regimen.repeat]
every_days = 7
count = 4
from_day = 28
rule = { endpoint = "response", labels = ["PR"] }
[[arms.msc.regimen]]
product = "busulfan"
dose = 4
unit = "mg/kg"
days = [-2]
[[visits]]
name = "start"
day = 0
[[visits]]
name = "day_28"
day = 28
before = 3
after = 3
[[endpoints]]
name = "response"
rule = "acute_gvhd_response"
visit = "day_28"
baseline = "start"
primary = true
[[endpoints]]
name = "survival"
rule = "overall_survival"
[[analyses]]
name = "response"
estimate = "proportion"
endpoint = "response"
by = "risk"
[[analyses]]
name = "survival"
estimate = "survival"
endpoint = "survival"
by = "arm"
days = [100, 365]
[[analyses]]
name = "agreement"
estimate = "agreement"
endpoint = "response"
scale = "investigator"
item = "acute_gvhd_response"
[[analyses]]
name = "platelets"
estimate = "trajectory"
analyte = "platelets"
thresholds = [30, 50]
[[analyses]]
name = "stages"
estimate = "stage_map"
scale = "acute_gvhd_stage"
visit = "start"
endpoints = ["response"]
"""
)

Change = Callable[[dict[str, Any]], Any]


def found(change: Change) -> list[tuple[str | None, str, str]]:
    """Column, severity and message of every issue of the good protocol after a change."""
    data = deepcopy(GOOD)
    change(data)
    issues = check_protocol(Protocol.model_validate(data))
    assert all(issue.table == "protocol.toml" and issue.hint for issue in issues)
    return [(issue.column, str(issue.severity), issue.message) for issue in issues]


def regimen(data: dict[str, Any], index: int = 0) -> dict[str, Any]:
    part: dict[str, Any] = data["arms"]["msc"]["regimen"][index]
    return part


def test_a_protocol_without_fault_has_no_issues() -> None:
    assert found(lambda data: None) == []  # noqa: ARG005


CASES: list[tuple[str, Change, str, str, str]] = [
    (
        "unknown product",
        lambda d: d["arms"]["msc"]["regimen"].append({**regimen(d, 1), "product": "busulphan"}),
        "arms.msc.regimen[2].product",
        "error",
        "product `busulphan` is not among the products",
    ),
    (
        "unused product",
        lambda d: d["products"].update(extra={"kind": "drug", "label": "extra"}),
        "products.extra",
        "warning",
        "product `extra` is in no regimen",
    ),
    (
        "unknown unit",
        lambda d: regimen(d).update(unit="handful/kg"),
        "arms.msc.regimen[0].unit",
        "error",
        "unit `handful/kg` is not known",
    ),
    (
        "unit of another product",
        lambda d: regimen(d).update(unit="mg/kg"),
        "arms.msc.regimen[0].unit",
        "error",
        "unit `mg/kg` does not measure a product of kind msc",
    ),
    (
        "drug in cells",
        lambda d: regimen(d, 1).update(unit="cell/kg"),
        "arms.msc.regimen[1].unit",
        "error",
        "unit `cell/kg` does not measure a product of kind drug",
    ),
    (
        "dose and range",
        lambda d: regimen(d).update(dose=1),
        "arms.msc.regimen[0].dose",
        "error",
        "both a dose and a range of doses are given",
    ),
    (
        "half a range",
        lambda d: regimen(d).pop("dose_max"),
        "arms.msc.regimen[0]",
        "error",
        "the range of doses has no `dose_max`",
    ),
    (
        "range upside down",
        lambda d: regimen(d).update(dose_min=3),
        "arms.msc.regimen[0].dose_min",
        "error",
        "dose_min 3 is above dose_max 2",
    ),
    (
        "no dose",
        lambda d: regimen(d, 1).pop("dose"),
        "arms.msc.regimen[1]",
        "error",
        "the dose of `busulfan` is missing",
    ),
    (
        "doses upside down",
        lambda d: regimen(d).update(doses_min=3),
        "arms.msc.regimen[0].doses_min",
        "error",
        "doses_min 3 is above doses_max 2",
    ),
    (
        "days out of order",
        lambda d: regimen(d).update(days=[7, 0]),
        "arms.msc.regimen[0].days[1]",
        "error",
        "0 follows 7",
    ),
    (
        "day twice",
        lambda d: regimen(d).update(days=[7, 7]),
        "arms.msc.regimen[0].days[1]",
        "error",
        "7 follows 7",
    ),
    (
        "no days",
        lambda d: regimen(d, 1).pop("days"),
        "arms.msc.regimen[1]",
        "error",
        "the days of `busulfan` are missing",
    ),
    (
        "early repeat",
        lambda d: regimen(d)["repeat"].update(from_day=7),
        "arms.msc.regimen[0].repeat.from_day",
        "error",
        "repeats from day 7 begin before the planned doses end",
    ),
    (
        "repeat on unknown endpoint",
        lambda d: regimen(d)["repeat"]["rule"].update(endpoint="respons"),
        "arms.msc.regimen[0].repeat.rule.endpoint",
        "error",
        "endpoint `respons` is not known here",
    ),
    (
        "visit twice",
        lambda d: d["visits"].append({"name": "day_28", "day": 50}),
        "visits[2].name",
        "error",
        "name `day_28` is taken by an earlier entry of visits",
    ),
    (
        "endpoint twice",
        lambda d: d["endpoints"].append({"name": "survival", "rule": "overall_survival"}),
        "endpoints[2].name",
        "error",
        "name `survival` is taken by an earlier entry of endpoints",
    ),
    (
        "analysis twice",
        lambda d: d["analyses"][1].update(name="response"),
        "analyses[1].name",
        "error",
        "name `response` is taken by an earlier entry of analyses",
    ),
    (
        "windows that meet",
        lambda d: d["visits"].append({"name": "day_30", "day": 30}),
        "visits[2]",
        "warning",
        "the windows of visits `day_28` and `day_30` share days",
    ),
    (
        "unknown visit",
        lambda d: d["endpoints"][0].update(visit="day_29"),
        "endpoints[0].visit",
        "error",
        "visit `day_29` is not known here",
    ),
    (
        "baseline against itself",
        lambda d: d["endpoints"][0].update(baseline="day_28"),
        "endpoints[0].baseline",
        "error",
        "endpoint `response` compares visit `day_28` with a baseline that is not before it",
    ),
    (
        "no primary endpoint",
        lambda d: d["endpoints"][0].pop("primary"),
        "endpoints",
        "note",
        "no endpoint is primary",
    ),
    (
        "two primary endpoints",
        lambda d: d["endpoints"][1].update(primary=True),
        "endpoints",
        "warning",
        "2 endpoints are primary: response, survival",
    ),
    (
        "ages upside down",
        lambda d: d["population"].update(age_min_years=19),
        "population.age_min_years",
        "error",
        "age_min_years 19 is above age_max_years 18",
    ),
    (
        "arms that do not add up",
        lambda d: d["population"].update(planned_n=21),
        "population.planned_n",
        "warning",
        "the arms plan 20 patients, the population 21",
    ),
    (
        "category without levels",
        lambda d: d["covariates"]["risk"].pop("levels"),
        "covariates.risk",
        "error",
        "category `risk` has no levels",
    ),
    (
        "number with levels",
        lambda d: d["covariates"]["wait"].update(levels=["short"]),
        "covariates.wait.levels",
        "error",
        "`wait` is a number and has levels",
    ),
    (
        "level twice",
        lambda d: d["covariates"]["risk"].update(levels=["low", "low"]),
        "covariates.risk.levels",
        "error",
        "levels of `risk` are not names of their own",
    ),
    (
        "levels alike but for capitals",
        lambda d: d["covariates"]["risk"].update(levels=["all", "ALL"]),
        "covariates.risk.levels",
        "error",
        "levels of `risk` differ by capitals or spaces alone",
    ),
    (
        "covariate with the name of a column",
        lambda d: d["covariates"].update(sex={"label": "sex", "type": "flag"}),
        "covariates.sex",
        "error",
        "`sex` is a column that every study has",
    ),
    (
        "covariate in an unknown unit",
        lambda d: d["covariates"]["wait"].update(unit="fortnight"),
        "covariates.wait.unit",
        "error",
        "unit `fortnight` is not known",
    ),
    (
        "two arms with one label",
        lambda d: d["arms"].update(control={"label": "MSC"}),
        "arms.control.label",
        "error",
        "arms `msc` and `control` have the same label",
    ),
    (
        "event of every study",
        lambda d: d["events"].update(death={"label": "death"}),
        "events.death",
        "error",
        "event `death` is known to every study: death from any cause",
    ),
    (
        "unknown source",
        lambda d: d["study"].update(sources=["erbey2015"]),
        "study.sources[0]",
        "error",
        "source `erbey2015` is not in the list of references",
    ),
]


@pytest.mark.parametrize(
    ("change", "issue"), [(case[1], case[2:]) for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_fault_is_found_and_nothing_else(change: Change, issue: tuple[str, str, str]) -> None:
    assert found(change) == [issue]


def test_a_note_says_why_a_dose_or_its_days_are_missing() -> None:
    def unknown(data: dict[str, Any]) -> None:
        part = regimen(data, 1)
        del part["dose"], part["days"]
        part["note"] = "not printed"

    assert found(unknown) == []


def test_all_faults_are_found_at_once() -> None:
    def everything(data: dict[str, Any]) -> None:
        for _, change, *_ in CASES[:3]:
            change(data)

    assert len(found(everything)) >= 3


def test_every_check_is_in_the_list() -> None:
    checks = {
        function
        for name, function in vars(check).items()
        if name.startswith("check_") and name not in ("check_protocol", "check_order")
    }
    assert checks == set(CHECKS)


@pytest.mark.parametrize(
    "file", sorted((ROOT / "studies").glob("*/protocol.toml")), ids=lambda file: file.parent.name
)
def test_the_shipped_studies_have_no_issues(file: Any) -> None:
    issues = check_protocol(read_protocol(file))
    assert [issue for issue in issues if issue.severity is not Severity.NOTE] == []
