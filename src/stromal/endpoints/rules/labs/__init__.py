"""Rules on single laboratory values."""

from __future__ import annotations

from typing import Any

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.labs.lab_value import LAB_VALUE
from stromal.endpoints.rules.labs.low_count_days import LOW_COUNT_DAYS

LABS: tuple[Endpoint[Any], ...] = (LAB_VALUE, LOW_COUNT_DAYS)
