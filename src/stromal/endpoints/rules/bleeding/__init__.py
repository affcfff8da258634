"""Rules on bleeding and haemorrhagic cystitis."""

from __future__ import annotations

from typing import Any

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.bleeding.bleeding_relief import BLEEDING_RELIEF
from stromal.endpoints.rules.bleeding.cystitis_response import CYSTITIS_RESPONSE
from stromal.endpoints.rules.bleeding.gross_haematuria_end import GROSS_HAEMATURIA_END
from stromal.endpoints.rules.bleeding.haemorrhagic_cystitis import HAEMORRHAGIC_CYSTITIS
from stromal.endpoints.rules.bleeding.who_bleeding import WHO_BLEEDING

BLEEDING: tuple[Endpoint[Any], ...] = (
    WHO_BLEEDING,
    BLEEDING_RELIEF,
    HAEMORRHAGIC_CYSTITIS,
    CYSTITIS_RESPONSE,
    GROSS_HAEMATURIA_END,
)
