"""Rules on lymphoma before treatment."""

from __future__ import annotations

from typing import Any

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.lymphoma.international_prognostic_index import (
    INTERNATIONAL_PROGNOSTIC_INDEX,
)
from stromal.endpoints.rules.lymphoma.lugano_stage import LUGANO_STAGE
from stromal.endpoints.rules.lymphoma.performance_status import PERFORMANCE_STATUS

LYMPHOMA: tuple[Endpoint[Any], ...] = (
    LUGANO_STAGE,
    INTERNATIONAL_PROGNOSTIC_INDEX,
    PERFORMANCE_STATUS,
)
