"""What an endpoint is: a name, parameters, and a rule from patients to outcome rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import polars as pl
from pydantic import BaseModel, ConfigDict

from stromal.endpoints.criteria import Criteria
from stromal.tables.patients import Patients

OutcomeKind = Literal["grade", "flag", "count", "time", "response", "value"]


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


P = TypeVar("P", bound=Parameters)


@dataclass(frozen=True, slots=True)
class Endpoint(Generic[P]):
    """A rule of the library: how it is called, what it takes, and how it is derived.

    `derive` gives one row per subject, in the order of `subjects`, with the columns of the
    `outcomes` table except `endpoint` and `kind`, which the engine adds. A subject that cannot be
    judged has null `value`, `label` and `status` and a `reason` that says what is missing; a
    missing input is never taken as grade 0.

    `labels` are all labels that the rule can give, in order; `labels_with` says which of them it
    can give under certain parameters, where that depends on them.
    """

    name: str
    title: str
    kind: OutcomeKind
    parameters: type[P]
    derive: Callable[[Patients, P], pl.DataFrame]
    needs: Callable[[P], tuple[Need, ...]]
    criteria: Callable[[P], Criteria]
    labels: tuple[str, ...] = ()
    labels_with: Callable[[P], tuple[str, ...]] | None = None

    def labels_under(self, parameters: P) -> tuple[str, ...]:
        """Labels that the rule can give under these parameters, in order."""
        return self.labels if self.labels_with is None else self.labels_with(parameters)

    def read_parameters(self, given: dict[str, Any]) -> P:
        """Parameters from plain values; pydantic's ValidationError where they do not fit."""
        return self.parameters.model_validate(given)
