"""Rules on response of the malignancy."""

from __future__ import annotations

from typing import Any

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.tumour.best_overall_response import BEST_OVERALL_RESPONSE
from stromal.endpoints.rules.tumour.tumour_response import TUMOUR_RESPONSE
from stromal.endpoints.rules.tumour.tumour_response_duration import TUMOUR_RESPONSE_DURATION

TUMOUR: tuple[Endpoint[Any], ...] = (
    TUMOUR_RESPONSE,
    BEST_OVERALL_RESPONSE,
    TUMOUR_RESPONSE_DURATION,
)
