"""A small model with ports, and a study that simulates it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stromal.endpoints.bind import bind_endpoints
from stromal.protocol.read import read_protocol
from stromal.simulate.prepare import prepare_trial

MODEL = """
model small()
  MB = 0; EFF = 0; PLT = PLT0*(1 - block); HAZ = 0; SKIN = 0.4; drug = 0
  MB' = -2*MB
  EFF' = 2*MB - loss*EFF
  PLT' = turnover*PLT0*(1 - block*(1 - EFF/(EFF + half))) - turnover*PLT - 0.01*drug*PLT
  HAZ' = hazard
  SKIN' = -0.02*SKIN*EFF
  drug' = -drug
  PLT0 = 250; block = 0.9; turnover = 0.1; loss = 0.1; half = 1; hazard = 0.001; age = 50
end
"""

PARAMETERS = """
name,value,unit,meaning,source,locator,distribution,sd,level,level_sd,confidence
PLT0,250,10^9/L,platelets at rest,assumed,test,lognormal,0.2,,,high
block,0.9,1,part of the production that is lost,assumed,test,logitnormal,0.4,study,0.3,medium
turnover,0.1,1/day,turnover,assumed,test,fixed,,,,
loss,0.1,1/day,loss of the effect,assumed,test,lognormal,0.2,,,low
half,1,1,effect with half of the benefit,assumed,test,lognormal,0.2,lot,0.4,low
hazard,0.001,1/day,hazard of death,assumed,test,fixed,,,,
age,50,1,age,assumed,test,fixed,,,,
""".lstrip()

PORTS = """
[products.msc]
state = "MB"
unit = "10^6 cell/kg"
amount = { human = 1 }

[products.drug]
state = "drug"
unit = "mg/m2"

[covariates.age_years]
parameter = "age"

[outputs.platelets]
output = "PLT"
unit = "10^9/L"

[events.death]
hazard = "HAZ"
cumulative = true

[stages.acute_gvhd_stage.skin]
output = "SKIN"
cuts = [0.1, 0.2, 0.3, 0.5]
"""

PROTOCOL = """
format = 2

[study]
name = "small-study"
title = "MSC in two arms"
day_zero = "first_msc_dose"
seed = 11

[population]
description = "adults"

[products.msc]
kind = "msc"
label = "MSC"
source = "bone marrow"
donor = "third party"
preparation = "thawed"

[arms.control]
label = "no MSC"
planned_n = 5

[arms.msc]
label = "MSC"
planned_n = 7

[[arms.msc.regimen]]
product = "msc"
dose = 2
unit = "10^6 cell/kg"
days = [0, 7]
{regimen}

[[visits]]
name = "before"
day = 0

[[endpoints]]
name = "response"
rule = "itp_response"
baseline = "before"
primary = true
parameters = {{ from_day = 1, to_day = 56, confirmation_days = 0 }}

[[endpoints]]
name = "survival"
rule = "overall_survival"

[[endpoints]]
name = "highest"
rule = "lab_value"
parameters = {{ analyte = "platelets", statistic = "maximum", from_day = 1, to_day = 56 }}

[[analyses]]
name = "response"
estimate = "proportion"
endpoint = "response"
by = "arm"
combine = {{ overall_response = ["CR", "R"] }}

[[analyses]]
name = "survival"
estimate = "survival"
endpoint = "survival"
by = "arm"
days = [56]
{more}

[simulation]
model = "small"
replicates = 8
start_day = -1
end_day = 56
{simulation}

[simulation.covariates.age_years]
value = 45
distribution = "normal"
sd = 12
low = 18
high = 80

[simulation.covariates.weight_kg]
value = 70
distribution = "lognormal"
sd = 0.15

[[simulation.observations]]
analytes = ["platelets"]
from_day = 0
to_day = 56
every_days = 7
missing = 0.1
{after}
"""


def write_study(folder: Path, **parts: str) -> Path:
    """Write a study with its model; `regimen`, `more`, `simulation` and `after` are put in."""
    model = folder / "small"
    model.mkdir(parents=True, exist_ok=True)
    (model / "model.ant").write_text(parts.pop("model", MODEL))
    (model / "parameters.csv").write_text(parts.pop("parameters", PARAMETERS))
    (model / "ports.toml").write_text(parts.pop("ports", PORTS))
    blank = dict.fromkeys(("regimen", "more", "simulation", "after"), "")
    protocol = parts.pop("protocol", PROTOCOL)
    (folder / "protocol.toml").write_text(protocol.format(**(blank | parts)))
    return folder


def make_trial(folder: Path, asked: dict[str, Any] | None = None, **parts: str) -> Any:
    """Write a study and make its simulation ready."""
    study = write_study(folder, **parts)
    protocol = read_protocol(study)
    return prepare_trial(protocol, bind_endpoints(protocol), study, **(asked or {}))


@pytest.fixture
def trial_of(tmp_path: Path) -> Any:
    """Make a trial of a small study; parts of its files are put in by name."""
    return lambda asked=None, **parts: make_trial(tmp_path, asked, **parts)


@pytest.fixture
def study_of(tmp_path: Path) -> Any:
    """Write a small study and give its folder."""
    return lambda **parts: write_study(tmp_path / "study", **parts)
