"""The protocol as frozen values; every key of `protocol.toml` has its field here.

The format is described for its writers in `docs/protocol.md`. Reading is in `read.py`, the checks
that look at several keys at once in `check.py`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from stromal.protocol.declared import (
    DeclaredAnalyte,
    DeclaredEvent,
    DeclaredScale,
    build_vocabulary,
)
from stromal.protocol.dose import Quantity
from stromal.protocol.evidence import Evidence
from stromal.protocol.products import Product
from stromal.protocol.simulation import Simulation
from stromal.tables.vocabulary.vocabulary import Vocabulary
from stromal.tables.windows import Day, Days, Window
from stromal.toml.part import Name, Part, Positive


class Study(Part):
    """What is studied, when day 0 is, and the seed of everything random."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
    title: Annotated[str, Field(min_length=1)]
    question: str = ""
    design: str = ""
    day_zero: Literal["car_t_infusion", "graft", "first_msc_dose", "randomisation", "enrolment"]
    species: Literal["human", "mouse"] = "human"
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    not_missing: tuple[float, ...] = ()
    registry: str = ""
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Population(Part):
    """Who is eligible, in words and in limits."""

    description: Annotated[str, Field(min_length=1)]
    diagnoses: tuple[str, ...] = ()
    inclusion: tuple[str, ...] = ()
    exclusion: tuple[str, ...] = ()
    age_min_years: Annotated[float, Field(ge=0)] | None = None
    age_max_years: Annotated[float, Field(ge=0)] | None = None
    strain: str = ""
    planned_n: Annotated[int, Field(gt=0)] | None = None


class Covariate(Part):
    """A declared column of `subjects`: its type, unit, levels and label."""

    label: Annotated[str, Field(min_length=1)]
    type: Literal["category", "number", "flag"]
    unit: str = "1"
    levels: tuple[str, ...] = ()
    baseline: bool = True


class Rule(Part):
    """When a regimen goes on: an endpoint at a visit gave one of these labels."""

    endpoint: Name
    labels: Annotated[tuple[str, ...], Field(min_length=1)]


class Repeat(Part):
    """More doses after the planned ones, given while `rule` holds."""

    every_days: Positive
    count: Annotated[int, Field(gt=0)]
    from_day: Day
    rule: Rule


class Regimen(Part):
    """Product, dose, unit, days, and the rule for going on.

    The dose is one number, or a range where patients got different amounts. A dose or the days may
    be left out only where `note` says why.
    """

    product: Name
    dose: Positive | None = None
    dose_min: Positive | None = None
    dose_max: Positive | None = None
    unit: Annotated[str, Field(min_length=1)]
    days: tuple[Day, ...] = ()
    route: str = ""
    doses_min: Annotated[int, Field(gt=0)] | None = None
    doses_max: Annotated[int, Field(gt=0)] | None = None
    repeat: Repeat | None = None
    note: str = ""

    @property
    def amount(self) -> Quantity | None:
        """The dose as one quantity; None where it is not stated."""
        ends = (self.dose_min, self.dose_max) if self.dose is None else (self.dose, self.dose)
        low, high = ends
        return None if low is None or high is None else Quantity(low, high, self.unit)


class Arm(Part):
    """An arm and what it is given, in order; an empty regimen is observation only.

    An arm that is `simulated_only` has virtual patients for comparison, and no number of all
    patients together counts them.
    """

    label: Annotated[str, Field(min_length=1)]
    regimen: tuple[Regimen, ...] = ()
    planned_n: Annotated[int, Field(gt=0)] | None = None
    simulated_only: bool = False


class Visit(Part):
    """A visit: its day and the days around it that count for it."""

    name: Name
    day: Day
    before: Days = 0.0
    after: Days = 0.0

    @property
    def window(self) -> Window:
        """Return the day and the days that count for the visit."""
        return Window(day=self.day, before=self.before, after=self.after)


class EndpointUse(Part):
    """An endpoint of the library under a name of this study, with its parameters.

    `visit` gives the rule its parameter `window`, and `baseline` the window it compares with, so
    that a day is written once, in the list of visits. `member` says which of a family it is.
    """

    name: Name
    rule: Annotated[str, Field(min_length=1)]
    label: str = ""
    visit: Name | None = None
    baseline: Name | None = None
    primary: bool = False
    parameters: dict[str, Any] = Field(default_factory=dict)
    member: dict[str, str] = Field(default_factory=dict)


class Grouping(Part):
    """Groups of patients under a name: levels of a covariate, or labels of an endpoint.

    `combine` puts labels together, in the order of the groups; without it every label is a group.
    With `landmark`, the groups are those known on that day, and patients are compared from then on.
    """

    name: Name
    of: Name
    label: str = ""
    combine: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    landmark: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None


class AnalysisPart(Part):
    """What every analysis has: a name of its own, a label and a note."""

    name: Name
    label: str = ""
    note: str = ""


class AnalysisUse(AnalysisPart):
    """An analysis as written: `estimate` names its kind, which reads all other keys.

    `analyses.bind` validates the keys with the kind's own model, so that a new kind needs no
    change here.
    """

    model_config = ConfigDict(extra="allow")

    estimate: Annotated[str, Field(min_length=1)]

    @property
    def given(self) -> dict[str, Any]:
        """Every key as written."""
        return self.model_dump(exclude_unset=True)


class Protocol(Part):
    """A study: population, products, arms, visits, endpoints, analyses, simulation."""

    format: Literal[2]
    study: Study
    population: Population
    covariates: dict[Name, Covariate] = Field(default_factory=dict)
    events: dict[Name, DeclaredEvent] = Field(default_factory=dict)
    analytes: dict[Name, DeclaredAnalyte] = Field(default_factory=dict)
    scales: dict[Name, DeclaredScale] = Field(default_factory=dict)
    products: dict[Name, Product] = Field(default_factory=dict)
    arms: Annotated[dict[Name, Arm], Field(min_length=1)]
    visits: tuple[Visit, ...] = ()
    endpoints: tuple[EndpointUse, ...] = ()
    groupings: tuple[Grouping, ...] = ()
    analyses: tuple[AnalysisUse, ...] = ()
    simulation: Simulation | None = None
    evidence: Evidence | None = None

    @property
    def vocabulary(self) -> Vocabulary:
        """Analytes, events and scales: those of every study, and those declared here."""
        return build_vocabulary(self.analytes, self.events, self.scales)

    def grouping(self, name: str | None) -> Grouping | None:
        """Return the grouping of that name; None where there is none."""
        return next((item for item in self.groupings if item.name == name), None)

    def visit(self, name: str) -> Visit:
        """The visit of that name; KeyError where there is none."""
        for visit in self.visits:
            if visit.name == name:
                return visit
        raise KeyError(name)

    def endpoint(self, name: str) -> EndpointUse:
        """The endpoint of that name; KeyError where there is none."""
        for endpoint in self.endpoints:
            if endpoint.name == name:
                return endpoint
        raise KeyError(name)
