"""Checks of endpoints in use: labels, curves, needs."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.shared import ROOT
from tests.unit.endpoints.good import Change, changed, nothing

from stromal.endpoints.bind import bind_endpoints, try_bind
from stromal.endpoints.check import check_endpoints, check_needs
from stromal.errors import Issue
from stromal.protocol.protocol import Protocol
from stromal.protocol.read import read_protocol
from stromal.tables.patients import Patients


def found(change: Change) -> list[tuple[str | None, str]]:
    protocol = changed(change)
    issues = check_endpoints(protocol, try_bind(protocol)[0])
    assert all(issue.table == "protocol.toml" and issue.hint for issue in issues)
    return [(issue.column, issue.message) for issue in issues]


def test_endpoints_without_fault_have_no_issues() -> None:
    assert found(nothing) == []


CASES: dict[str, tuple[Change, str, str]] = {
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
    "survival curve of a recovery that death ends": (
        lambda d: (
            d["endpoints"][3].update(rule="neutrophil_engraftment"),
            d["analyses"][1].update(endpoint="relapse"),
        ),
        "analyses[1].estimate",
        "endpoint `relapse` has a competing event, which a survival curve takes as censoring",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_found_and_nothing_else(name: str) -> None:
    change, column, message = CASES[name]
    assert found(change) == [(column, message)]


def test_endpoints_that_could_not_be_bound_are_passed_over() -> None:
    def broken(data: dict[str, object]) -> None:
        CASES["survival curve of a competing risk"][0](data)
        data["endpoints"][3].update(rule="relaps")  # type: ignore[index]

    assert found(broken) == []


def patients(**tables: pl.DataFrame) -> Patients:
    return Patients.of(subjects=pl.DataFrame({"subject": ["1"], "arm": ["msc"]}), **tables)


def needs(protocol: Protocol, given: Patients) -> tuple[Issue, ...]:
    return check_needs(protocol, bind_endpoints(protocol), given)


def test_what_no_patient_has_is_a_warning_that_names_the_endpoint() -> None:
    issues = needs(changed(nothing), patients())
    assert {issue.column for issue in issues} >= {"endpoints[0]", "endpoints[1]"}
    (platelets,) = [issue for issue in issues if issue.column == "endpoints[1]"]
    assert str(platelets.severity) == "warning"
    assert (
        platelets.message == "endpoint `platelets` reads `platelets`, and no patient has it in labs"
    )


def test_what_virtual_patients_may_be_asked_is_a_note() -> None:
    protocol = read_protocol(ROOT / "studies" / "hsct-engraftment")
    issues = needs(protocol, patients())
    assert any("neutrophil_engraftment" in issue.message for issue in issues)
    assert {str(issue.severity) for issue in issues} == {"note"}


def test_what_virtual_patients_lack_too_is_a_warning() -> None:
    protocol = read_protocol(ROOT / "studies" / "hsct-engraftment")
    assert protocol.simulation is not None
    seen = [entry.model_copy(update={"analytes": ()}) for entry in protocol.simulation.observations]
    blind = protocol.simulation.model_copy(update={"observations": tuple(seen)})
    issues = needs(protocol.model_copy(update={"simulation": blind}), patients())
    told = {str(one.severity) for one in issues if one.message.endswith("has it in labs")}
    assert told == {"warning"}


def test_what_one_patient_has_is_enough() -> None:
    labs = pl.DataFrame({"subject": ["1"], "day": [28], "analyte": ["platelets"], "value": [20]})
    issues = needs(changed(nothing), patients(labs=labs))
    assert "endpoints[1]" not in {issue.column for issue in issues}


def test_an_event_that_nobody_had_is_a_note_at_most() -> None:
    issues = needs(changed(nothing), patients())
    assert {str(issue.severity) for issue in issues if "in events" in issue.message} <= {"note"}


def test_a_study_without_patients_needs_nothing() -> None:
    assert needs(changed(nothing), Patients.of()) == ()


@pytest.mark.parametrize(
    "file", sorted((ROOT / "studies").glob("*/protocol.toml")), ids=lambda file: file.parent.name
)
def test_the_shipped_studies_have_no_issues(file: Path) -> None:
    protocol = read_protocol(file)
    assert check_endpoints(protocol, bind_endpoints(protocol)) == ()
