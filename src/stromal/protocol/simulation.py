"""The table `[simulation]` of a protocol: which model, how many virtual patients, what they do.

The format is described for its writers in `docs/protocol.md`. What several keys say together is
checked in `check_simulation.py`, and what only the model knows before anything is run.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from stromal.tables.windows import Day
from stromal.toml.part import Name, Part, Positive

InModel = Annotated[str, Field(min_length=1, max_length=200)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(gt=0, le=2**24)]


class Varying(Part):
    """How a number is distributed among patients: the columns of a model's `parameters.csv`.

    Of a parameter, what is left out is as in the model's table; of a covariate, `shares` are the
    parts of a category or a flag.
    """

    value: float | None = None
    distribution: (
        Literal["fixed", "lognormal", "normal", "logitnormal", "beta", "uniform", "two_values"]
        | None
    ) = None
    sd: Annotated[float, Field(ge=0)] | None = None
    low: float | None = None
    high: float | None = None
    share: Share | None = None
    level: Literal["study", "lot"] | None = None
    level_sd: Annotated[float, Field(ge=0)] | None = None
    shares: dict[str, Positive] = Field(default_factory=dict)
    note: str = ""


class Correlated(Part):
    """A correlation of two drawn numbers, on the normal scale."""

    first: InModel
    second: InModel
    correlation: Annotated[float, Field(ge=-1, le=1)]


class Assumed(Part):
    """What is given of a product whose regimen states no dose or no days; `note` says why so.

    With `more_days`, `days` replace those of the regimen, where later doses are not printed.
    """

    dose: Positive | None = None
    unit: str | None = None
    days: tuple[Day, ...] = ()
    more_days: bool = False
    note: Annotated[str, Field(min_length=1)]


class OwnPort(Part):
    """Where a product of the study goes in the model, if the model's ports do not say so.

    A dose of `amount` [`unit`] makes one in the state.
    """

    state: InModel
    unit: Annotated[str, Field(min_length=1, max_length=60)]
    amount: Positive
    note: Annotated[str, Field(min_length=1)]


class Observation(Part):
    """When analytes are measured, or a scale is assessed.

    Days are listed, or run from `from_day` to `to_day` every so many days. `missing` is the share
    of planned samples that were not taken; of one day all analytes of an entry are missing
    together.
    """

    analytes: tuple[Name, ...] = ()
    scales: tuple[Name, ...] = ()
    days: tuple[Day, ...] = ()
    from_day: Day | None = None
    to_day: Day | None = None
    every_days: Positive | None = None
    missing: Annotated[float, Field(ge=0, lt=1)] = 0.0


class Eligible(Part):
    """Who of the candidates is enrolled: those of whom an endpoint has one of `labels`.

    The endpoint is asked as it stands on `day`, of the course up to then; candidates are drawn in
    order until enough are enrolled.
    """

    endpoint: Name
    labels: Annotated[tuple[str, ...], Field(min_length=1)]
    day: Day


class Action(Part):
    """A rule of the ward: when what is measured, found or happened asks for it, something is done.

    A rule that asks nothing is for everybody, on `from_day`. Else `analyte` is measured `below` or
    `above` a number, and with `times_lowest` more than so many times the lowest value before, or
    `endpoint` has one of `labels`, or `happened` has happened. Then `event` is written down,
    `product` is given, what `adds` says is added to the analyte itself, parameters are set to what
    `sets` says, and the products of `stop` are given no more.
    """

    name: Name
    analyte: Name | None = None
    below: float | None = None
    above: float | None = None
    times_lowest: Annotated[float, Field(gt=1)] | None = None
    endpoint: Name | None = None
    labels: tuple[str, ...] = ()
    happened: Name | None = None
    from_day: Day = 0.0
    to_day: Day | None = None
    every_days: Positive | None = None
    pause_days: Annotated[float, Field(ge=0)] = 0.0
    at_most: Count | None = None
    event: Name | None = None
    product: Name | None = None
    dose: Positive | None = None
    unit: str | None = None
    adds: Positive | None = None
    sets: dict[InModel, float] = Field(default_factory=dict)
    stop: tuple[Name, ...] = ()
    note: str = ""


class SimulatedFigure(Part):
    """A figure of simulated patients in the report.

    `course` follows what was measured (`analytes`) or what the model has (`outputs`, by the names
    of its ports `courses`): one of them in a panel of each arm, several in a panel each.
    `best_change` shows the best change of an analyte in each patient of the first trial,
    `dose_response` the share of `category` in an analysis over the dose of `product`.
    """

    name: Name
    label: Annotated[str, Field(min_length=1)]
    show: Literal["course", "best_change", "dose_response"] = "course"
    analytes: tuple[Name, ...] = ()
    outputs: tuple[Name, ...] = ()
    arms: tuple[Name, ...] = ()
    events: tuple[Name, ...] = ()
    thresholds: tuple[float, ...] = ()
    from_day: Day | None = None
    to_day: Day | None = None
    axis: Literal["linear", "log"] | None = None
    analysis: Name | None = None
    category: str | None = None
    product: Name | None = None
    note: str = ""


class Simulation(Part):
    """Virtual patients of a study.

    `model` is a model of the library by its name, or a folder beside `protocol.toml`. `patients`
    are those of each arm. Replicates are grouped, so that what makes them differ can be told
    apart: `replicates_per_study` share the study's own deviations, `studies_per_draw` studies share
    a draw of uncertain parameters.
    """

    model: Annotated[str, Field(min_length=1, max_length=200)]
    setting: Annotated[str, Field(min_length=1, max_length=60)] = "healthy"
    replicates: Annotated[int, Field(gt=0, le=2**20)] = 200
    patients: Count | dict[Name, Count] | None = None
    start_day: Day
    end_day: Day
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    vary: tuple[InModel, ...] | None = None
    uncertain: bool | Literal["prior", "posterior"] = True
    same_patients: bool = False
    patients_per_lot: Count = 4
    replicates_per_study: Count = 2
    studies_per_draw: Count = 4
    switches: dict[InModel, float] = Field(default_factory=dict)
    parameters: dict[InModel, Varying] = Field(default_factory=dict)
    covariates: dict[Name, Varying] = Field(default_factory=dict)
    correlations: tuple[Correlated, ...] = ()
    assumed: dict[Name, Assumed] = Field(default_factory=dict)
    left_out: tuple[Name, ...] = ()
    ports: dict[Name, OwnPort] = Field(default_factory=dict)
    eligible: Eligible | None = None
    observations: Annotated[tuple[Observation, ...], Field(min_length=1)]
    actions: tuple[Action, ...] = ()
    figures: tuple[SimulatedFigure, ...] = ()
    notes: tuple[str, ...] = ()

    def size_of(self, arm: str, planned: int | None) -> int | None:
        """Return how many patients an arm has; None where nobody says."""
        if isinstance(self.patients, int):
            return self.patients
        own = (self.patients or {}).get(arm)
        return planned if own is None else own


def list_days(observation: Observation) -> tuple[float, ...]:
    """Return the days of an observation, in order, each once.

    Examples
    --------
    >>> list_days(Observation(analytes=["platelets"], from_day=0, to_day=7, every_days=3))
    (0.0, 3.0, 6.0)
    """
    days = [float(day) for day in observation.days]
    first, last, step = observation.from_day, observation.to_day, observation.every_days
    if first is not None and last is not None and step is not None:
        days += [first + step * index for index in range(int((last - first) / step + 1e-9) + 1)]
    return tuple(sorted(set(days)))
