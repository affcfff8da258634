"""Rules on recorded events."""

from __future__ import annotations

from typing import Any

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.events.event_days import EVENT_DAYS

EVENTS: tuple[Endpoint[Any], ...] = (EVENT_DAYS,)
