"""The frozen values of a protocol, and that their description names every key."""

from __future__ import annotations

import re
import tomllib
from typing import Literal, get_args, get_origin

import pytest
from pydantic import BaseModel, ValidationError
from tests.shared import ROOT

from stromal.protocol import declared, evidence, products, protocol, simulation
from stromal.protocol.dose import Quantity
from stromal.protocol.protocol import EndpointUse, Protocol, Regimen, Visit
from stromal.protocol.read import parse_protocol, read_protocol
from stromal.tables.windows import Window

STUDIES = sorted(file.parent.name for file in ROOT.glob("studies/*/protocol.toml"))
TEXT = (ROOT / "docs" / "protocol.md").read_text("utf-8")
MODULES = (protocol, declared, products, simulation, evidence)
SECTIONS = {
    "The file": "Protocol",
    "Study": "Study",
    "Population": "Population",
    "Covariates": "Covariate",
    "Events": "DeclaredEvent",
    "Analytes": "DeclaredAnalyte",
    "Scales": "DeclaredScale",
    "Scale items": "DeclaredItem",
    "MSC": "MscProduct",
    "Extracellular vesicles": "ExtracellularVesicleProduct",
    "CAR-T cells": "CarTProduct",
    "Graft": "GraftProduct",
    "Drug": "DrugProduct",
    "Irradiation": "IrradiationProduct",
    "Cells": "CellProduct",
    "Arms": "Arm",
    "Regimens": "Regimen",
    "Repeats": "Repeat",
    "Rules": "Rule",
    "Visits": "Visit",
    "Endpoints": "EndpointUse",
    "Groupings": "Grouping",
    "Analyses": "AnalysisUse",
    "Simulation": "Simulation",
    "Drawn numbers": "Varying",
    "Correlations": "Correlated",
    "Assumed doses": "Assumed",
    "Eligibility": "Eligible",
    "Own ports": "OwnPort",
    "Observations": "Observation",
    "Actions": "Action",
    "Figures": "SimulatedFigure",
    "Evidence": "Evidence",
    "Evidence population": "EvidencePopulation",
    "Evidence intervention": "EvidenceIntervention",
    "Evidence questions": "EvidenceQuestion",
    "Evidence exclusions": "EvidenceExclusion",
}


def model(name: str) -> type[BaseModel]:
    (found,) = {getattr(each, name) for each in MODULES if hasattr(each, name)}
    return found


def described(section: str) -> dict[str, list[str]]:
    """Cells of the first table of keys under a heading, by key."""
    body = re.split(rf"^#+ {re.escape(section)}$", TEXT, flags=re.MULTILINE)[1]
    table = re.split(r"^#", body, flags=re.MULTILINE)[0].partition("| key |")[2]
    table = table.partition("\n\n")[0]
    rows = [row.strip("|").split("|") for row in table.splitlines()[2:]]
    return {row[0].strip(" `"): [cell.strip() for cell in row[1:]] for row in rows}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_is_described_and_no_other(section: str) -> None:
    assert set(described(section)) == set(model(SECTIONS[section]).model_fields)


@pytest.mark.parametrize("section", SECTIONS)
def test_values_and_defaults_are_those_of_the_reader(section: str) -> None:
    cells = described(section)
    for key, field in model(SECTIONS[section]).model_fields.items():
        _, _, allowed, default = cells[key]
        if get_origin(field.annotation) is Literal:
            assert re.findall(r"`([^`]+)`", allowed) == [str(v) for v in get_args(field.annotation)]
        assert (default == "") == field.is_required(), key
        if isinstance(field.default, str | int | float) and field.default != "":
            written = str(field.default).lower() if isinstance(field.default, bool) else None
            number = f"{field.default:g}" if isinstance(field.default, int | float) else None
            assert default.strip("`") in (written, number, field.default)


def test_every_part_of_a_protocol_is_described() -> None:
    parts = {
        name
        for module in MODULES
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, protocol.Part)
        and value is not protocol.Part
        and not name.startswith("_")
    }
    # Further keys of an analysis are those of its kind, which describes them itself.
    assert parts - {"AnalysisPart"} == set(SECTIONS.values())


def test_examples_of_the_description_are_toml() -> None:
    examples = re.findall(r"^```toml\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)
    assert len(examples) >= 8
    assert all(tomllib.loads(example) for example in examples)
    assert parse_protocol(examples[0]).study.name == "small-trial"


@pytest.mark.parametrize(
    "study", sorted(p.parent.name for p in ROOT.glob("studies/*/protocol.toml"))
)
def test_every_study_is_an_example(study: str) -> None:
    assert f"{{literalinclude}} ../studies/{study}/protocol.toml" in TEXT


def test_values_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Visit(name="start", day=0).day = 1


def test_a_visit_has_a_window() -> None:
    assert Visit(name="day_28", day=28, before=3, after=4).window == Window(
        day=28, before=3, after=4
    )


def test_a_visit_and_an_endpoint_are_found_by_name() -> None:
    read = read_protocol(ROOT / "studies" / "agvhd-children")
    assert read.visit("first_dose").day == 0
    assert read.endpoint("response").primary
    with pytest.raises(KeyError):
        read.visit("last_dose")
    with pytest.raises(KeyError):
        read.endpoint("relapse")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0, -1])
def test_a_dose_is_a_number_above_zero(value: float) -> None:
    with pytest.raises(ValidationError):
        Regimen(product="msc", dose=value, unit="cell/kg", days=(0,))


@pytest.mark.parametrize(
    ("dose", "amount"),
    [
        ({"dose": 2}, (2.0, 2.0)),
        ({"dose_min": 1, "dose_max": 2}, (1.0, 2.0)),
        ({"dose_min": 1}, None),
        ({}, None),
    ],
)
def test_a_dose_is_one_quantity(dose: dict[str, float], amount: tuple[float, float] | None) -> None:
    regimen = Regimen.model_validate({"product": "msc", "unit": "cell/kg", **dose})
    assert regimen.amount == (None if amount is None else Quantity(*amount, "cell/kg"))


def test_a_key_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValidationError, match="extra"):
        EndpointUse.model_validate({"name": "a", "rule": "b", "window": 3})


def test_a_protocol_needs_an_arm() -> None:
    with pytest.raises(ValidationError, match="arms"):
        Protocol.model_validate(
            {
                "format": 2,
                "study": {"name": "a", "title": "a", "day_zero": "graft"},
                "population": {"description": "a"},
                "arms": {},
            }
        )
