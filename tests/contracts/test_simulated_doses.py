"""Doses that follow a protocol are doses like any other: they read back and pass every check."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from stromal.patients.check.check import check_patients
from stromal.patients.observed.read import read_patients
from stromal.protocol.protocol import Protocol, Regimen
from stromal.protocol.read import read_protocol
from stromal.simulate.schedule import derive_doses
from tests.shared import ROOT

STUDIES = sorted(file.parent for file in (ROOT / "studies").glob("*/protocol.toml"))
WEIGHTS = {"human": (48.7, 70.0, 93.1), "mouse": (0.0187, 0.02, 0.0231)}


def cohort_of(protocol: Protocol, arm: str) -> pl.DataFrame:
    weights = WEIGHTS[protocol.study.species]
    return pl.DataFrame(
        {
            "subject": [f"{arm}-{number}" for number in range(len(weights))],
            "origin": "simulated",
            "arm": arm,
            "species": protocol.study.species,
            "weight_kg": weights,
        }
    )


def completed(protocol: Protocol, *, flat: bool) -> Protocol:
    """The protocol with one dose and a day for everything; without covariates of its own."""

    def complete(index: int, regimen: Regimen) -> Regimen:
        dose = regimen.dose or regimen.dose_min or 1.0
        unit, _, body = regimen.unit.partition("/")
        if flat and body == "kg":
            dose, regimen = dose * 70, regimen.model_copy(update={"unit": unit})
        days = regimen.days or (-20.0 + index,)
        ends = {"dose": dose, "dose_min": None, "dose_max": None}
        return regimen.model_copy(update={**ends, "days": days})

    arms = {
        name: arm.model_copy(
            update={"regimen": tuple(complete(*item) for item in enumerate(arm.regimen))}
        )
        for name, arm in protocol.arms.items()
    }
    return protocol.model_copy(update={"arms": arms, "covariates": {}})


@pytest.mark.parametrize("flat", [False, True], ids=["as planned", "for the whole body"])
@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_doses_of_every_arm_are_doses_of_patients(
    study: Path, tmp_path: Path, *, flat: bool
) -> None:
    protocol = completed(read_protocol(study), flat=flat)
    for number, arm in enumerate(protocol.arms):
        subjects = cohort_of(protocol, arm)
        doses, _ = derive_doses(protocol, subjects)
        assert doses.is_empty() == (not protocol.arms[arm].regimen)
        folder = tmp_path / str(number) / "patients"
        folder.mkdir(parents=True)
        subjects.write_csv(folder / "subjects.csv")
        if doses.height:
            doses.write_csv(folder / "doses.csv")
        patients, issues = read_patients(folder, protocol)
        assert issues == ()
        assert patients.doses.equals(doses)
        found = [issue for issue in check_patients(patients, protocol) if issue.row is not None]
        assert found == []
