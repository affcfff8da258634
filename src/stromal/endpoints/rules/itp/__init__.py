"""Rules on immune thrombocytopenia."""

from __future__ import annotations

from typing import Any

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.itp.itp_loss_of_response import ITP_LOSS_OF_RESPONSE
from stromal.endpoints.rules.itp.itp_response import ITP_RESPONSE
from stromal.endpoints.rules.itp.itp_response_duration import ITP_RESPONSE_DURATION

ITP: tuple[Endpoint[Any], ...] = (ITP_RESPONSE, ITP_RESPONSE_DURATION, ITP_LOSS_OF_RESPONSE)
