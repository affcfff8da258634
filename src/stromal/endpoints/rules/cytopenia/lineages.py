"""Terms of CTCAE for low blood counts: which analyte, and the grade below each cut."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from stromal.endpoints.criteria import read_criteria

Lineage = Literal["anaemia", "thrombocytopenia", "neutropenia", "lymphopenia", "leukopenia"]
CytopeniaCriteria = Literal["ctcae_v5", "ctcae_v6"]


class Transfusion(BaseModel):
    """The event that stands for `transfusion indicated`, and the grade it gives."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event: str
    grade: int


class LineageRule(BaseModel):
    """One term of the criteria: which analyte, and the grade below each cut of each printed unit.

    `below_lower_limit` is the grade of a value below the lower limit of normal; None where the
    term needs no such limit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    term: str
    analyte: str
    below: dict[str, dict[int, float]] = Field(min_length=1)
    below_lower_limit: int | None = None
    transfusion: Transfusion | None = None

    @property
    def highest_grade(self) -> int:
        """The highest grade that a laboratory value can have."""
        return max(max(cuts) for cuts in self.below.values())


@cache
def read_lineage_rules(criteria: str) -> Mapping[str, LineageRule]:
    """The terms for low blood counts of one version, by lineage.

    Examples
    --------
    >>> read_lineage_rules("ctcae_v6")["thrombocytopenia"].term
    'Thrombocytopenia'
    """
    lineages = read_criteria(criteria).rules["lineages"]
    return MappingProxyType({name: LineageRule(**rule) for name, rule in lineages.items()})


def check_lineage(criteria: str, lineage: str) -> LineageRule:
    """The rule of a lineage; ValueError, with what to do, where the version has no such term.

    Examples
    --------
    >>> check_lineage("ctcae_v6", "lymphopenia")
    Traceback (most recent call last):
    ValueError: CTCAE 6.0 has no term for lymphopenia; grade it with `ctcae_v5`
    """
    rule = read_lineage_rules(criteria).get(lineage)
    if rule is None:
        title = read_criteria(criteria).title
        raise ValueError(f"{title} has no term for {lineage}; grade it with `ctcae_v5`")
    return rule
