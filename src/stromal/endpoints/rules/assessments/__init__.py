"""Rules on assessments as they were recorded."""

from __future__ import annotations

from typing import Any

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.assessments.assessment_label import ASSESSMENT_LABEL
from stromal.endpoints.rules.assessments.assessment_value import ASSESSMENT_VALUE

ASSESSMENTS: tuple[Endpoint[Any], ...] = (ASSESSMENT_LABEL, ASSESSMENT_VALUE)
