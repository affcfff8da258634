"""Rules on times to events and on vital status."""

from __future__ import annotations

from typing import Any

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.survival.time_to_event import TIME_TO_EVENT
from stromal.endpoints.rules.survival.times import read_times
from stromal.endpoints.rules.survival.vital_status import VITAL_STATUS

SURVIVAL: tuple[Endpoint[Any], ...] = (*read_times(), TIME_TO_EVENT, VITAL_STATUS)
