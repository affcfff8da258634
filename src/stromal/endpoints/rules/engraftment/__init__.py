"""Rules on engraftment and graft failure."""

from __future__ import annotations

from typing import Any

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.engraftment.neutrophil_engraftment import NEUTROPHIL_ENGRAFTMENT
from stromal.endpoints.rules.engraftment.platelet_engraftment import PLATELET_ENGRAFTMENT
from stromal.endpoints.rules.engraftment.primary_graft_failure import PRIMARY_GRAFT_FAILURE

ENGRAFTMENT: tuple[Endpoint[Any], ...] = (
    NEUTROPHIL_ENGRAFTMENT,
    PLATELET_ENGRAFTMENT,
    PRIMARY_GRAFT_FAILURE,
)
