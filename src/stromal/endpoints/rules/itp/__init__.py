"""Rules on immune thrombocytopenia."""

from __future__ import annotations

from typing import Any

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.itp.itp_response import ITP_RESPONSE

ITP: tuple[Endpoint[Any], ...] = (ITP_RESPONSE,)
