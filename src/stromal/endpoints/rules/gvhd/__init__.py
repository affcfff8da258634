"""Rules on graft-versus-host disease."""

from __future__ import annotations

from typing import Any

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.gvhd.acute_gvhd_grade import ACUTE_GVHD_GRADE
from stromal.endpoints.rules.gvhd.acute_gvhd_response import ACUTE_GVHD_RESPONSE
from stromal.endpoints.rules.gvhd.chronic_gvhd_organ_score import CHRONIC_GVHD_ORGAN_SCORE
from stromal.endpoints.rules.gvhd.chronic_gvhd_severity import CHRONIC_GVHD_SEVERITY
from stromal.endpoints.rules.gvhd.durable_complete_response import DURABLE_COMPLETE_RESPONSE
from stromal.endpoints.rules.gvhd.minnesota_risk import MINNESOTA_RISK
from stromal.endpoints.rules.gvhd.response_duration import RESPONSE_DURATION
from stromal.endpoints.rules.gvhd.steroid_refractory import STEROID_REFRACTORY
from stromal.endpoints.rules.gvhd.time_to_chronic_gvhd import TIME_TO_CHRONIC_GVHD
from stromal.endpoints.rules.gvhd.time_to_response import TIME_TO_RESPONSE
from stromal.endpoints.rules.gvhd.very_good_partial_response import VERY_GOOD_PARTIAL_RESPONSE

GVHD: tuple[Endpoint[Any], ...] = (
    ACUTE_GVHD_GRADE,
    ACUTE_GVHD_RESPONSE,
    VERY_GOOD_PARTIAL_RESPONSE,
    DURABLE_COMPLETE_RESPONSE,
    TIME_TO_RESPONSE,
    RESPONSE_DURATION,
    MINNESOTA_RISK,
    STEROID_REFRACTORY,
    CHRONIC_GVHD_ORGAN_SCORE,
    CHRONIC_GVHD_SEVERITY,
    TIME_TO_CHRONIC_GVHD,
)
