"""All endpoints of the library by name, family by family."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.adverse_events import ADVERSE_EVENTS
from stromal.endpoints.rules.assessments import ASSESSMENTS
from stromal.endpoints.rules.bleeding import BLEEDING
from stromal.endpoints.rules.cart import CART
from stromal.endpoints.rules.cytopenia import CYTOPENIA
from stromal.endpoints.rules.engraftment import ENGRAFTMENT
from stromal.endpoints.rules.events import EVENTS
from stromal.endpoints.rules.gvhd import GVHD
from stromal.endpoints.rules.itp import ITP
from stromal.endpoints.rules.labs import LABS
from stromal.endpoints.rules.lymphoma import LYMPHOMA
from stromal.endpoints.rules.survival import SURVIVAL
from stromal.endpoints.rules.tumour import TUMOUR
from stromal.errors import UnknownEndpoint

_ALL: tuple[Endpoint[Any], ...] = (
    *GVHD,
    *CYTOPENIA,
    *CART,
    *LYMPHOMA,
    *TUMOUR,
    *ITP,
    *BLEEDING,
    *LABS,
    *ENGRAFTMENT,
    *SURVIVAL,
    *EVENTS,
    *ADVERSE_EVENTS,
    *ASSESSMENTS,
)

ENDPOINTS: Mapping[str, Endpoint[Any]] = MappingProxyType({item.name: item for item in _ALL})


def find_endpoint(name: str) -> Endpoint[Any]:
    """Find the endpoint of that name; UnknownEndpoint where there is none."""
    try:
        return ENDPOINTS[name]
    except KeyError:
        raise UnknownEndpoint(name) from None
