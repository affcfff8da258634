"""The table `[evidence]`: which published numbers answer which endpoint, and of whom.

Words of the record (indications, outcomes) are checked in `evidence.question.check`, which knows
them; what several keys say together is checked in `check_evidence`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from stromal.tables.windows import Day
from stromal.toml.part import Name, Part

Text = Annotated[str, Field(min_length=1)]

PooledScale = Literal[
    "proportion",
    "risk_ratio",
    "odds_ratio",
    "risk_difference",
    "survival",
    "cumulative_incidence",
    "median",
]
"""What a question asks for."""

TWO_GROUPS = ("risk_ratio", "odds_ratio", "risk_difference")
"""Scales that compare cells with a control arm."""

Moderator = Literal["dose", "source", "donor", "age_group", "grade", "year", "design"]
GroupedBy = Literal["source", "donor", "age_group", "design"]
"""Columns of the record by which studies are pooled apart."""


class EvidencePopulation(Part):
    """Whose numbers count: indications, ages, and parts of arms that are such patients.

    An arm counts as a whole; a part of an arm counts only where `parts` names it.
    """

    indications: Annotated[tuple[Text, ...], Field(min_length=1)]
    age_groups: tuple[Text, ...] = ()
    parts: tuple[Text, ...] = ()


class EvidenceIntervention(Part):
    """What was given: stromal cells, their vesicles, or neither; from which tissue and donor."""

    cells: Literal["msc", "vesicles", "none"] = "msc"
    sources: tuple[Text, ...] = ()
    donors: tuple[Text, ...] = ()


class EvidenceQuestion(Part):
    """One question to the record: the outcomes that answer it, on which day, on which scale.

    `outcomes` are words of the record, the best first; `a + b` is the sum of two that exclude each
    other. Without `day` and `days` only numbers that bear no day answer.
    """

    name: Name
    label: str = ""
    endpoint: Name | None = None
    analysis: Name | None = None
    category: str = ""
    outcomes: Annotated[tuple[Text, ...], Field(min_length=1)]
    scale: PooledScale = "proportion"
    comparison: Literal["none", "control"] | None = None
    printed_as: tuple[Text, ...] = ()
    day: Day | None = None
    days: Annotated[tuple[Day, ...], Field(min_length=2, max_length=2)] | None = None
    statuses: Annotated[tuple[Literal["use", "note"], ...], Field(min_length=1)] = ("use", "note")
    parts: tuple[Text, ...] = ()
    groups: tuple[GroupedBy, ...] = ()

    @property
    def window(self) -> tuple[float, float] | None:
        """First and last day that answer; None where only numbers without a day do."""
        if self.days is not None:
            return self.days[0], self.days[1]
        return None if self.day is None else (self.day, self.day)

    @property
    def has_two_groups(self) -> bool:
        """Whether the cells are compared with a control arm."""
        return self.scale in TWO_GROUPS

    @property
    def printed(self) -> tuple[str, ...]:
        """Kinds of printed number that answer."""
        if self.printed_as:
            return self.printed_as
        counted = self.scale == "proportion" or self.has_two_groups
        return ("proportion",) if counted else (self.scale,)


class EvidenceExclusion(Part):
    """A study that is left out by the protocol, and why."""

    study: Text
    reason: Text


class Evidence(Part):
    """The published evidence that a study is read beside.

    Examples
    --------
    >>> table = {"population": {"indications": ("itp",)},
    ...          "questions": ({"name": "response", "outcomes": ("overall_response",)},)}
    >>> Evidence.model_validate(table).questions[0].printed
    ('proportion',)
    """

    population: EvidencePopulation
    intervention: EvidenceIntervention = EvidenceIntervention()
    comparison: Literal["none", "control"] = "none"
    questions: Annotated[tuple[EvidenceQuestion, ...], Field(min_length=1)]
    exclude: tuple[EvidenceExclusion, ...] = ()
    moderators: tuple[Moderator, ...] = ()

    def comparison_of(self, question: EvidenceQuestion) -> str:
        """Return what a question compares with: its own word, else that of the table."""
        return question.comparison or self.comparison
