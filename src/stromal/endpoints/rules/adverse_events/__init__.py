"""Rules on adverse events."""

from __future__ import annotations

from typing import Any

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.adverse_events.adverse_event import ADVERSE_EVENT
from stromal.endpoints.rules.adverse_events.adverse_event_grade import ADVERSE_EVENT_GRADE
from stromal.endpoints.rules.adverse_events.dose_limiting_toxicity import DOSE_LIMITING_TOXICITY

ADVERSE_EVENTS: tuple[Endpoint[Any], ...] = (
    ADVERSE_EVENT_GRADE,
    ADVERSE_EVENT,
    DOSE_LIMITING_TOXICITY,
)
