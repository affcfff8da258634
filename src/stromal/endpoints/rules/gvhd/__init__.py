"""Rules on graft-versus-host disease."""

from __future__ import annotations

from typing import Any

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.gvhd.acute_gvhd_grade import ACUTE_GVHD_GRADE
from stromal.endpoints.rules.gvhd.acute_gvhd_response import ACUTE_GVHD_RESPONSE
from stromal.endpoints.rules.gvhd.minnesota_risk import MINNESOTA_RISK

GVHD: tuple[Endpoint[Any], ...] = (
    ACUTE_GVHD_GRADE,
    ACUTE_GVHD_RESPONSE,
    MINNESOTA_RISK,
)
