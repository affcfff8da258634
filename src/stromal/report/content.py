"""What the page is made of: everything a run found, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from stromal.endpoints.bind import Bound
from stromal.errors import Issue
from stromal.protocol.protocol import Protocol
from stromal.report.evidence.shown import ShownEvidence
from stromal.report.finding import Finding
from stromal.report.simulation import ShownSimulation
from stromal.tables.cohort import OBSERVED
from stromal.tables.estimates import ESTIMATES
from stromal.tables.outcomes import OUTCOMES
from stromal.tables.patients import Patients
from stromal.tables.published import PUBLISHED


@dataclass(frozen=True, slots=True)
class Facts:
    """What is needed to run the study again: versions, seed, and a hash of every input."""

    versions: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    command: str = ""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Patients of one origin and replicate, and everything that was found about them."""

    patients: Patients
    origin: str = OBSERVED
    replicate: int | None = None
    outcomes: pl.DataFrame = field(default_factory=OUTCOMES.empty)
    estimates: pl.DataFrame = field(default_factory=ESTIMATES.empty)
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """Everything on the page; `comparison` is what `compare_published` gave.

    `hidden` counts replicates that were analysed and are not on the page.
    """

    protocol: Protocol
    cohorts: tuple[Cohort, ...]
    issues: tuple[Issue, ...] = ()
    published: pl.DataFrame = field(default_factory=PUBLISHED.empty)
    comparison: pl.DataFrame = field(default_factory=pl.DataFrame)
    endpoints: tuple[Bound, ...] = ()
    facts: Facts = field(default_factory=Facts)
    hidden: int = 0
    evidence: ShownEvidence = field(default_factory=ShownEvidence)
    simulation: ShownSimulation = field(default_factory=ShownSimulation)

    def endpoint(self, name: str) -> Bound | None:
        """Return an endpoint of the protocol as it was bound; None where that is not known."""
        return next((item for item in self.endpoints if item.name == name), None)
