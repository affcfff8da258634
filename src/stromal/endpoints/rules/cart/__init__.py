"""Rules on CAR-T therapy."""

from __future__ import annotations

from typing import Any

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.cart.car_hematotox import CAR_HEMATOTOX
from stromal.endpoints.rules.cart.crs_grade import CRS_GRADE
from stromal.endpoints.rules.cart.icaht_early import ICAHT_EARLY
from stromal.endpoints.rules.cart.icaht_late import ICAHT_LATE
from stromal.endpoints.rules.cart.icans_grade import ICANS_GRADE
from stromal.endpoints.rules.cart.neutrophil_phenotype import NEUTROPHIL_PHENOTYPE

CART: tuple[Endpoint[Any], ...] = (
    CAR_HEMATOTOX,
    ICAHT_EARLY,
    ICAHT_LATE,
    NEUTROPHIL_PHENOTYPE,
    CRS_GRADE,
    ICANS_GRADE,
)
