"""Rules on engraftment and graft failure."""

from __future__ import annotations

from typing import Any

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.engraftment.donor_chimerism import DONOR_CHIMERISM
from stromal.endpoints.rules.engraftment.neutrophil_engraftment import NEUTROPHIL_ENGRAFTMENT
from stromal.endpoints.rules.engraftment.platelet_engraftment import PLATELET_ENGRAFTMENT
from stromal.endpoints.rules.engraftment.poor_graft_function import POOR_GRAFT_FUNCTION
from stromal.endpoints.rules.engraftment.primary_graft_failure import PRIMARY_GRAFT_FAILURE
from stromal.endpoints.rules.engraftment.secondary_graft_failure import SECONDARY_GRAFT_FAILURE

ENGRAFTMENT: tuple[Endpoint[Any], ...] = (
    NEUTROPHIL_ENGRAFTMENT,
    PLATELET_ENGRAFTMENT,
    PRIMARY_GRAFT_FAILURE,
    SECONDARY_GRAFT_FAILURE,
    POOR_GRAFT_FUNCTION,
    DONOR_CHIMERISM,
)
