"""An endpoint: a name, parameters, labels, and a rule from patients to outcome rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeVar

import polars as pl
from pydantic import BaseModel, ConfigDict

from stromal.endpoints.criteria import Criteria, read_criteria
from stromal.tables.patients import Patients

OutcomeKind = Literal["grade", "flag", "count", "time", "response", "value"]
Tone = Literal[
    "best",
    "better",
    "good",
    "mixed",
    "neutral",
    "poor",
    "worst",
    "dead",
    "severity 0",
    "severity 1",
    "severity 2",
    "severity 3",
    "severity 4",
    "",
]
"""Colours by meaning: benefit from best to worst, death, severity of a grade; empty: no meaning."""


class Parameters(BaseModel):
    """Parameters of an endpoint: frozen, typed, and refusing names they do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Need:
    """Something an endpoint reads: an analyte, an item of a scale, or an event.

    `table` is labs, assessments or events; `names` are alternatives of which one is enough
    (analytes, `scale.item`, event names).
    """

    table: Literal["labs", "assessments", "events"]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """An outcome in words: as the table holds it, as a sentence says it, and how good it is.

    `name` stands in `outcomes`. A sentence says that patients `verb` `words`: "3 patients had a
    complete response". `rank` orders the labels of one endpoint from the best (0) to the worst.
    `tone` is the colour by meaning.

    Examples
    --------
    >>> label = Label("CR", "a complete response", rank=0, tone="best")
    >>> f"3 patients {label.verb} {label.words}"
    '3 patients had a complete response'
    """

    name: str
    words: str
    rank: int
    tone: Tone = ""
    verb: str = "had"


@dataclass(frozen=True, slots=True)
class Statuses:
    """Labels of the three statuses of a time: event, competing event, censored.

    `competing` is empty where nothing competes with the event.

    Examples
    --------
    >>> Statuses("relapse", "death without relapse").neither
    'relapse or death without relapse'
    """

    event: str
    competing: str = ""
    censored: str = "censored"

    @property
    def neither(self) -> str:
        """Say what a censored patient did not have."""
        return " or ".join(filter(None, (self.event, self.competing)))

    @property
    def labels(self) -> tuple[Label, ...]:
        """Return the labels in the order event, competing event, censored."""
        names = filter(None, (self.event, self.competing, self.censored))
        return tuple(Label(name, name, rank) for rank, name in enumerate(names))


P = TypeVar("P", bound=Parameters)
Given_contra = TypeVar("Given_contra", bound=Parameters, contravariant=True)


class Derive(Protocol[Given_contra]):
    """A rule: one outcome row per patient; without `reasons`, no words are written."""

    def __call__(
        self, patients: Patients, parameters: Given_contra, /, *, reasons: bool = True
    ) -> pl.DataFrame:
        """Derive the outcome of every patient, in the order of `subjects`."""
        ...


@dataclass(frozen=True, slots=True)
class Endpoint(Generic[P]):
    """A rule of the library: how it is called, what it takes, and how it is derived.

    `derive` gives one row per subject, in the order of `subjects`, with the columns of the
    `outcomes` table except `endpoint` and `kind`, which the engine adds. A subject that cannot be
    judged has null `value`, `label` and `status` and a `reason` that says what is missing; a
    missing input is never taken as grade 0.

    `criteria` names a file of `criteria/`, or gives the criteria under certain parameters. `labels`
    are all labels that the rule can give, in the order in which they are listed; `labels_with` says
    which of them it can give under certain parameters, where that depends on them. A time has
    `statuses` in place of labels.
    """

    name: str
    title: str
    kind: OutcomeKind
    parameters: type[P]
    derive: Derive[P]
    needs: Callable[[P], tuple[Need, ...]]
    criteria: str | Callable[[P], Criteria]
    labels: tuple[Label, ...] = ()
    labels_with: Callable[[P], tuple[Label, ...]] | None = None
    statuses: Callable[[P], Statuses] | None = None

    def labels_under(self, parameters: P) -> tuple[Label, ...]:
        """Return the labels that the rule can give under these parameters, in order."""
        if self.statuses is not None:
            return self.statuses(parameters).labels
        return self.labels if self.labels_with is None else self.labels_with(parameters)

    def criteria_under(self, parameters: P) -> Criteria:
        """Read the criteria that the rule applies under these parameters."""
        if isinstance(self.criteria, str):
            return read_criteria(self.criteria)
        return self.criteria(parameters)

    def read_parameters(self, given: dict[str, Any]) -> P:
        """Read parameters from plain values; pydantic's ValidationError where they do not fit."""
        return self.parameters.model_validate(given)
