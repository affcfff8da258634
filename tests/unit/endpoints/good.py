"""A protocol without fault, and ways to spoil it, for the tests of binding and checking."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from stromal.protocol.protocol import Protocol

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
    """The protocol with one thing changed."""
    data = deepcopy(GOOD)
    change(data)
    return Protocol.model_validate(data)


def nothing(_data: dict[str, Any]) -> None:
    """No change."""
