"""Rules on CAR-T therapy."""

from __future__ import annotations

from typing import Any

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.cart.icaht_early import ICAHT_EARLY
from stromal.endpoints.rules.cart.icaht_late import ICAHT_LATE

CART: tuple[Endpoint[Any], ...] = (
    ICAHT_EARLY,
    ICAHT_LATE,
)
