"""What a kind of analysis is: its keys, its estimator, its sentences, its table, its figure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import polars as pl

from stromal.endpoints.endpoint import Label
from stromal.errors import Issue
from stromal.protocol.protocol import AnalysisPart, Protocol
from stromal.report.figures.figure import Figure
from stromal.report.view import View, view_of
from stromal.tables.cohort import OBSERVED
from stromal.tables.curve import Curve
from stromal.tables.disagreements import DISAGREEMENTS
from stromal.tables.estimates import ESTIMATES
from stromal.tables.gathered import GatheredOutcomes
from stromal.tables.patients import Patients

Row = dict[str, Any]
"""A row of the `estimates` table; `analyses.run` adds who asked and of which cohort."""

U = TypeVar("U", bound=AnalysisPart)


@dataclass(frozen=True, slots=True)
class Setting:
    """What all analyses of one cohort share: patients of one origin and replicate.

    `outcomes` are a table, or were gathered as patients came. `labels` are those that each endpoint
    can give, in its own order, so that one that nobody has is still shown.
    """

    protocol: Protocol
    patients: Patients
    outcomes: pl.DataFrame | GatheredOutcomes
    labels: Mapping[str, tuple[Label, ...]] = field(default_factory=dict)
    origin: str = OBSERVED
    replicate: int | None = None

    def labels_of(self, endpoint: str) -> tuple[Label, ...]:
        """Return the labels that an endpoint can give, in its own order."""
        return self.labels.get(endpoint, ())

    def outcomes_of(self, *endpoints: str) -> pl.DataFrame:
        """Return the rows of `outcomes` of some endpoints."""
        if isinstance(self.outcomes, GatheredOutcomes):
            return self.outcomes.of(*endpoints)
        return self.outcomes.filter(pl.col("endpoint").is_in(endpoints))

    def all_outcomes(self) -> pl.DataFrame:
        """Return the table `outcomes` of all endpoints."""
        if isinstance(self.outcomes, GatheredOutcomes):
            return self.outcomes.table()
        return self.outcomes

    def kind_of(self, endpoint: str) -> str:
        """Return the kind of an endpoint's outcomes; empty where it has none."""
        if isinstance(self.outcomes, GatheredOutcomes):
            return self.outcomes.kind_of(endpoint)
        kinds = self.outcomes_of(endpoint)["kind"]
        return str(kinds[0]) if len(kinds) else ""


@dataclass(frozen=True, slots=True)
class Estimated:
    """Estimates of one analysis: rows, curves, and patients in whom two sources disagree."""

    rows: tuple[Row, ...] = ()
    curves: tuple[Curve, ...] = ()
    disagreements: pl.DataFrame = field(default_factory=DISAGREEMENTS.empty)


@dataclass(frozen=True, slots=True)
class Answer(Generic[U]):
    """A finished analysis of one cohort.

    `estimates` and `disagreements` are tables of these names; `curves` step functions of time.
    """

    use: U
    setting: Setting
    estimates: pl.DataFrame = field(default_factory=ESTIMATES.empty)
    curves: tuple[Curve, ...] = ()
    disagreements: pl.DataFrame = field(default_factory=DISAGREEMENTS.empty)

    @property
    def protocol(self) -> Protocol:
        """The protocol that asked."""
        return self.setting.protocol

    @property
    def figure_name(self) -> str:
        """Name of its figure, which no other cohort of the page has."""
        origin, replicate = self.setting.origin, self.setting.replicate
        whose = "" if origin == OBSERVED else f"-{origin}"
        whose += "" if replicate is None else f"-{replicate}"
        return f"figure-{self.use.name.replace('_', '-')}{whose}"

    @property
    def endpoint(self) -> str:
        """Endpoint of the analysis; empty where it has none, or several."""
        return getattr(self.use, "endpoint", None) or ""

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Every endpoint that the analysis is about."""
        own = getattr(self.use, "endpoint", None)
        if own:
            return (own,)
        return tuple(self.estimates["endpoint"].drop_nulls().unique(maintain_order=True))


def estimate_nothing(_use: AnalysisPart, _setting: Setting) -> Estimated:
    """Return no estimates, for a kind that only shows data."""
    return Estimated()


def describe_nothing(_answer: Answer[Any]) -> list[str]:
    """Return no sentences."""
    return []


def tabulate_nothing(_answer: Answer[Any]) -> View:
    """Return a table without rows, which the page leaves out."""
    return view_of("", [], [])


def remark_nothing(_answer: Answer[Any]) -> str:
    """Return no remark."""
    return ""


def plot_nothing(_answer: Answer[Any]) -> Figure | None:
    """Return no figure."""
    return None


def check_nothing(
    _use: AnalysisPart, _protocol: Protocol, _labels: Mapping[str, tuple[str, ...]]
) -> Iterator[Issue]:
    """Yield no issues."""
    yield from ()


def check_no_keys(_use: AnalysisPart) -> Iterator[Issue]:
    """Yield no issues."""
    yield from ()


@dataclass(frozen=True, slots=True)
class AnalysisKind(Generic[U]):
    """A kind of analysis, whole: everything that is known about it stands in its file.

    Parameters
    ----------
    name
        Word that `estimate` of a protocol says.
    title
        What it estimates, in words.
    use
        Model of its keys; its docstring is its description.
    fits
        Kinds of outcome it takes; empty where it takes no endpoint's outcomes.
    estimate
        Pure function from keys and cohort to rows, curves and disagreements.
    describe, tabulate, details, remark, plot
        Sentences, table, a second table of patients, a sentence below the tables, and figure of a
        finished analysis.
    check
        Issues of the keys that need the protocol, or the labels of its endpoints, to be seen.
    check_keys
        Issues of the keys beside each other, which are told also where the protocol is not right.
    """

    name: str
    title: str
    use: type[U]
    fits: tuple[str, ...] = ()
    estimate: Callable[[U, Setting], Estimated] = estimate_nothing
    describe: Callable[[Answer[U]], list[str]] = describe_nothing
    tabulate: Callable[[Answer[U]], View] = tabulate_nothing
    details: Callable[[Answer[U]], View] = tabulate_nothing
    remark: Callable[[Answer[U]], str] = remark_nothing
    plot: Callable[[Answer[U]], Figure | None] = plot_nothing
    check: Callable[[U, Protocol, Mapping[str, tuple[str, ...]]], Iterator[Issue]] = check_nothing
    check_keys: Callable[[U], Iterator[Issue]] = check_no_keys
