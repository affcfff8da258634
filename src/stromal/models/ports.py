"""Ports of a model: which product feeds which state, which output is which analyte or event.

`ports.toml` stands beside the model's text. It is the only place where names of a model meet the
vocabulary of the tables; whoever turns doses into states, or outputs into tables, reads it there.
`models.check.ports` checks it against the model and the vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from stromal.errors import Issue, Severity
from stromal.frozen import freeze
from stromal.tables.vocabulary.products import PRODUCT_KINDS
from stromal.toml.locate import KeyPath, find_line, format_key_path, locate_keys
from stromal.toml.part import Name, Part, Positive
from stromal.toml.read import parse_toml, read_text

PORTS_FILE = "ports.toml"

InModel: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]
Unit: TypeAlias = Annotated[str, Field(min_length=1, max_length=60)]


class Amounts(Part):
    """How much of a product makes one in its state, by species; 1 where nothing is said."""

    human: Positive | None = None
    mouse: Positive | None = None


class ProductPort(Part):
    """The state that doses of a product go into.

    A dose of `amount` [`unit`] adds one to the state, `lag` days after it is given. The table is
    named after a kind of product, or after one product of a study, whose kind is then said.
    """

    state: InModel
    unit: Unit
    amount: Amounts | None = None
    lag: Annotated[float, Field(ge=0, le=36500)] = 0.0
    kind: Name | None = None

    def amount_of(self, species: str) -> float | None:
        """Return how much makes one in the state; None if nothing is said of the species."""
        if self.amount is None:
            return 1.0
        found: float | None = getattr(self.amount, species, None)
        return found


class CovariatePort(Part):
    """The parameter that holds a covariate of the patient."""

    parameter: InModel


class OutputPort(Part):
    """The output that is an analyte, in a unit that converts to the analyte's own."""

    output: InModel
    unit: Unit


class EventPort(Part):
    """How a model says that an event happens.

    Either `hazard` is its rate [1/day], or the integral of one where `cumulative`; or the event
    happens when `output` goes `above` or `below` a threshold.
    """

    hazard: InModel | None = None
    cumulative: bool = False
    output: InModel | None = None
    threshold: float | None = None
    direction: Literal["above", "below"] | None = None


class StagePort(Part):
    """The output that an item of a scale is staged by: below the first cut is its lowest stage."""

    output: InModel
    cuts: Annotated[tuple[float, ...], Field(min_length=1)]


class CoursePort(Part):
    """An output that no laboratory reports, as a figure may show it: in words, unit in words."""

    output: InModel
    label: Annotated[str, Field(min_length=1, max_length=80)]
    unit: Annotated[str, Field(max_length=60)] = ""


class _File(Part):
    products: dict[Name, ProductPort] = Field(default_factory=dict)
    covariates: dict[Name, CovariatePort] = Field(default_factory=dict)
    outputs: dict[Name, OutputPort] = Field(default_factory=dict)
    events: dict[Name, EventPort] = Field(default_factory=dict)
    stages: dict[Name, dict[Name, StagePort]] = Field(default_factory=dict)
    courses: dict[Name, CoursePort] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of a model, each by its name in the vocabulary of the tables.

    Stages are by scale, then by item. `lines` are those of the keys in the file `table`.

    Examples
    --------
    >>> port = ProductPort(state="MB", unit="10^6 cell/kg")
    >>> Ports(products={"msc": port}).product("msc_bank_7", "msc").state
    'MB'
    """

    products: Mapping[str, ProductPort] = field(default_factory=dict)
    covariates: Mapping[str, CovariatePort] = field(default_factory=dict)
    outputs: Mapping[str, OutputPort] = field(default_factory=dict)
    events: Mapping[str, EventPort] = field(default_factory=dict)
    stages: Mapping[str, Mapping[str, StagePort]] = field(default_factory=dict)
    courses: Mapping[str, CoursePort] = field(default_factory=dict)
    table: str = PORTS_FILE
    lines: Mapping[KeyPath, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("products", "covariates", "outputs", "events", "courses", "lines"):
            object.__setattr__(self, name, freeze(getattr(self, name)))
        stages = {scale: freeze(items) for scale, items in self.stages.items()}
        object.__setattr__(self, "stages", freeze(stages))

    def product(self, name: str, kind: str) -> ProductPort | None:
        """Return the port of a product of a study, else that of its kind; None if there is none.

        A port that is named after the product but is of another kind is not meant.
        """
        own = self.products.get(name)
        if own is not None and own.kind == kind:
            return own
        found = self.products.get(kind)
        return found if kind in PRODUCT_KINDS else None

    def issue(
        self, message: str, path: KeyPath, hint: str, severity: Severity = Severity.ERROR
    ) -> Issue:
        """Return an issue of the file, with the line of its key."""
        line = find_line(self.lines, path)
        return Issue(message, self.table, line, format_key_path(path) or None, hint, severity)


def read_ports(path: Path | str) -> Ports:
    r"""Return the ports of a model.

    Parameters
    ----------
    path
        A file `ports.toml`, or the folder of a model that holds one.

    Returns
    -------
    Ports
        Names and units as written; `check_ports` compares them with the model.

    Raises
    ------
    InvalidInput
        Every issue of the file, in the order of its lines.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "ports.toml"
    ...     _ = path.write_text('[outputs.platelets]\noutput = "PLT"\nunit = "10^9/L"\n')
    ...     ports = read_ports(folder)
    >>> ports.outputs["platelets"].output
    'PLT'
    """
    file = Path(path) / PORTS_FILE if Path(path).is_dir() else Path(path)
    text = read_text(
        file,
        "a file of ports",
        absent="give the path of a model's folder, or of its `ports.toml`",
        large="ports are a few lines for each product, analyte and event",
    )
    found = parse_toml(text, _File, file.name)
    tables: dict[str, Any] = {name: getattr(found, name) for name in _File.model_fields}
    return Ports(**tables, table=file.name, lines=locate_keys(text))
