"""Parameters of the patterns of cytopenia."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Parameters
from stromal.endpoints.rules.cytopenia.lineages import CytopeniaCriteria, Lineage, check_lineage
from stromal.tables.windows import Day

CRITERIA = "cytopenia_pattern_xia_2024"
CENSORING_EVENTS = ("relapse", "progression", "next_therapy", "death")


def _default(name: str) -> float:
    return float(read_criteria(CRITERIA).rules[name])


class CytopeniaPatternParameters(Parameters):
    """Pattern, lineages, grade, and what makes an episode and its duration.

    Parameters
    ----------
    pattern
        Which pattern.
    lineages
        Which low counts; with several, the pattern in any of them is enough.
    threshold_grade
        The grade from which a count belongs to an episode; 1 is any grade.
    criteria
        Version of CTCAE.
    min_duration
        Days [d] that a prolonged episode lasts at least.
    late_day
        Day [d] on or after which an episode is of late onset, and before which it is early.
    late_means
        Whether an episode of late onset has `begun` on that day or later, or is `present` then,
        whenever it began.
    counted_from
        What `min_duration` is counted from: the onset of the episode, or day 0, when the episode
        must have begun before that day and still be there on it.
    recovery_assessments
        Assessments below the grade that make a recovery; none: one is enough.
    recovery_days
        Days [d] below the grade that make a recovery; where both are given either is enough.
    support_days
        Days [d] after support of a lineage, a transfusion or G-CSF, on which an assessment below
        the grade says nothing and ends no episode; none: it counts as any other.
    censor_events
        Assessments after the first of these events are left out.
    """

    pattern: Literal["prolonged", "late_onset", "biphasic"]
    lineages: tuple[Lineage, ...] = Field(
        ("anaemia", "thrombocytopenia", "neutropenia", "lymphopenia"), min_length=1
    )
    threshold_grade: int = Field(1, ge=1, le=4)
    criteria: CytopeniaCriteria = "ctcae_v5"
    min_duration: float = Field(default_factory=lambda: _default("min_duration"), gt=0)
    late_day: Day = Field(default_factory=lambda: _default("late_day"), gt=0)
    late_means: Literal["begun", "present"] = "begun"
    counted_from: Literal["onset", "day_zero"] = "onset"
    recovery_assessments: int | None = Field(None, ge=1)
    recovery_days: float | None = Field(None, gt=0)
    support_days: float | None = Field(None, ge=0)
    censor_events: tuple[str, ...] = CENSORING_EVENTS

    @property
    def late_is_there(self) -> bool:
        """Tell whether what is there on the late day or after it is asked, and not what begins."""
        return self.pattern == "late_onset" and self.late_means == "present"

    @model_validator(mode="after")
    def _covered(self) -> CytopeniaPatternParameters:
        for lineage in self.lineages:
            highest = check_lineage(self.criteria, lineage).highest_grade
            if self.threshold_grade > highest:
                title = read_criteria(self.criteria).title
                raise ValueError(
                    f"{title} gives a laboratory value for {lineage} grade {highest} at most; "
                    f"lower `threshold_grade`"
                )
        return self
