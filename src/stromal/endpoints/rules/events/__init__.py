"""Rules on recorded events."""

from __future__ import annotations

from typing import Any

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.events.event_count import EVENT_COUNT
from stromal.endpoints.rules.events.event_days import EVENT_DAYS
from stromal.endpoints.rules.events.event_response import EVENT_RESPONSE
from stromal.endpoints.rules.events.recorded_event import RECORDED_EVENT

EVENTS: tuple[Endpoint[Any], ...] = (EVENT_DAYS, EVENT_COUNT, RECORDED_EVENT, EVENT_RESPONSE)
