"""Rules on low blood counts."""

from __future__ import annotations

from typing import Any

from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.rules.cytopenia.affected_lineages import AFFECTED_LINEAGES
from stromal.endpoints.rules.cytopenia.cytopenia_grade import CYTOPENIA_GRADE
from stromal.endpoints.rules.cytopenia.cytopenia_pattern import CYTOPENIA_PATTERN
from stromal.endpoints.rules.cytopenia.febrile_neutropenia import FEBRILE_NEUTROPENIA

CYTOPENIA: tuple[Endpoint[Any], ...] = (
    CYTOPENIA_GRADE,
    CYTOPENIA_PATTERN,
    AFFECTED_LINEAGES,
    FEBRILE_NEUTROPENIA,
)
