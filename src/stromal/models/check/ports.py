"""Ports fit the model, the vocabulary of the tables, and their units; `check_ports` says all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import polars as pl

from stromal.errors import Issue, Severity, UnknownUnit
from stromal.likeness import find_nearest, find_similar
from stromal.measures import Measure
from stromal.models.check.quantities import Quantities
from stromal.models.check.subject import Subject, list_names
from stromal.models.meaning import Meaning
from stromal.models.model import Model
from stromal.models.ports import EventPort, Ports, ProductPort
from stromal.tables.assessments import SCALES
from stromal.tables.events import EVENT_NAMES
from stromal.tables.schema import Kind
from stromal.tables.subjects import SUBJECTS
from stromal.tables.vocabulary.analytes import ANALYTES
from stromal.tables.vocabulary.products import PRODUCT_KINDS
from stromal.tables.vocabulary.units import list_units
from stromal.toml.explain import suggest
from stromal.toml.locate import KeyPath
from stromal.units import find_unit, read_measure

_FEW = 12
_ONE_DAY = "1/day"


def check_ports(
    model: Model, ports: Ports, parameters: pl.DataFrame | None = None
) -> tuple[Issue, ...]:
    """Return every issue of the ports of a model.

    Parameters
    ----------
    model
        As `read_model` gives it.
    ports
        As `read_ports` gives them.
    parameters
        As `read_parameters` gives them; units of the table are compared with those of the ports.

    Returns
    -------
    tuple of Issue
        Each with the file, the line and the key: states, outputs and parameters that the model
        does not have, words that no table knows, units that do not convert, thresholds without a
        direction, outputs that are two things.

    Examples
    --------
    >>> from stromal.models.parse import read_model
    >>> from stromal.models.ports import OutputPort, Ports
    >>> ports = Ports(outputs={"platelets": OutputPort(output="PTL", unit="10^9/L")})
    >>> print(check_ports(read_model("PLT = 250; PLT' = -0.1*PLT"), ports)[0])
    ports.toml outputs.platelets.output: the model has no output `PTL`.
    hint: did you mean `PLT`?
    """
    subject = _Ported(model, ports, parameters)
    return tuple(issue for check in CHECKS for issue in check(subject))


@dataclass(frozen=True)
class _Ported:
    """A model with its ports, and what follows from the two."""

    model: Model
    ports: Ports
    parameters: pl.DataFrame | None

    @cached_property
    def meaning(self) -> Meaning:
        return Meaning(self.model)

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name, _ in self.meaning.outputs()))

    @cached_property
    def quantities(self) -> Quantities:
        return Quantities(Subject(self.model, self.parameters))

    @cached_property
    def units(self) -> Mapping[str, Measure]:
        return self.quantities.known

    def dosed_unit(self, state: str) -> Measure | None:
        """Unit of what a dose adds to: the state itself, of a species its amount."""
        own, species = self.units.get(state), self.meaning.species.get(state)
        if own is None or species is None or self.meaning.counts(state):
            return own
        volume = self.units.get(species.compartment)
        return None if volume is None else own * volume

    def find_output(self, name: str, path: KeyPath) -> Iterator[Issue]:
        """Yield the issue of an output that the model does not have."""
        if name not in self.outputs:
            yield self.ports.issue(
                f"the model has no output `{name[:60]}`",
                path,
                _near(name, self.outputs, "states, assignments and parameters can be read off"),
            )


Check = Callable[[_Ported], Iterator[Issue]]


def check_time(subject: _Ported) -> Iterator[Issue]:
    """Yield the issue of a model that does not count days, as every table does."""
    time = subject.quantities.time
    if time is not None and not time.fits(read_measure("day")):
        message = f"the model counts its time in {time}, and tables count days"
        hint = "write the rates of the model per day, and `unit time_unit = 86400 second`"
        yield subject.ports.issue(message, (), hint)


def check_product_ports(subject: _Ported) -> Iterator[Issue]:
    """Yield issues of products: unknown kinds, names that are no states, units of other things."""
    for name, port in subject.ports.products.items():
        path: KeyPath = ("products", name)
        yield from _check_state(subject, port, (*path, "state"))
        kind = name if port.kind is None or name in PRODUCT_KINDS else port.kind
        if kind in PRODUCT_KINDS:
            yield from _check_dose_unit(subject, port, kind, path)
        elif port.kind is None:
            yield subject.ports.issue(
                f"`{name}` is no kind of product",
                path,
                f"{suggest(name, PRODUCT_KINDS, 'kinds')}; a product of a study says its `kind`",
            )
        else:
            hint = suggest(kind, PRODUCT_KINDS, "kinds")
            message = f"`{kind}` is no kind of product"
            yield subject.ports.issue(message, (*path, "kind"), hint)
        if name in PRODUCT_KINDS and port.kind not in (None, name):
            yield subject.ports.issue(
                f"the port of kind `{name}` says that it is of kind `{port.kind}`",
                (*path, "kind"),
                "leave `kind` out, or name the table after a product",
            )
        if port.amount is not None and not port.amount.model_fields_set:
            hint = "write `amount = { human = 1e6 }`, or leave it out where it is 1"
            yield subject.ports.issue("no species is named", (*path, "amount"), hint)


def _check_state(subject: _Ported, port: ProductPort, path: KeyPath) -> Iterator[Issue]:
    states, name = subject.meaning.states, port.state
    if name in states:
        return
    known = name in subject.outputs
    message = (
        f"`{name[:60]}` is no state of the model, and a dose goes into a state"
        if known
        else f"the model has no state `{name[:60]}`"
    )
    yield subject.ports.issue(message, path, _near(name, states, "name what has a rate"))


def _check_dose_unit(
    subject: _Ported, port: ProductPort, kind: str, path: KeyPath
) -> Iterator[Issue]:
    """Units measure doses of the kind; without an amount they are those of the state."""
    wanted = PRODUCT_KINDS[kind].dimensions
    try:
        dimension = find_unit(port.unit).dimension
    except UnknownUnit:
        dimension = None
    if dimension not in wanted:
        told = "is not known" if dimension is None else f"does not measure doses of kind {kind}"
        hint = f"units that do: {', '.join(f'`{unit}`' for unit in list_units(*wanted))}"
        yield subject.ports.issue(f"unit `{port.unit}` {told}", (*path, "unit"), hint)
        return
    own = subject.dosed_unit(port.state)
    if port.amount is None and own is not None and not own.fits(read_measure(port.unit)):
        yield subject.ports.issue(
            f"a dose is in {port.unit} and `{port.state}` in {own}",
            (*path, "unit"),
            "write the unit of the state, or in `amount` how much of a dose makes one in the state",
        )


def check_covariate_ports(subject: _Ported) -> Iterator[Issue]:
    """Yield issues of covariates: parameters that the model does not have, likely misspellings."""
    constants = [name for name in subject.meaning.constants if name in subject.meaning.given]
    shared = [column.name for column in SUBJECTS.columns if column.kind is Kind.NUMBER]
    first: dict[str, str] = {}
    for name, port in subject.ports.covariates.items():
        path: KeyPath = ("covariates", name)
        if port.parameter not in constants:
            known = port.parameter in subject.outputs
            yield subject.ports.issue(
                f"`{port.parameter[:60]}` is no parameter of the model, and changes by its rules"
                if known
                else f"the model has no parameter `{port.parameter[:60]}`",
                (*path, "parameter"),
                _near(port.parameter, constants, "name what has one value for each patient"),
            )
        elif port.parameter in first:
            yield subject.ports.issue(
                f"`{port.parameter}` is {first[port.parameter]} already",
                (*path, "parameter"),
                "give each parameter one covariate",
            )
        first.setdefault(port.parameter, name)
        # `weight` may be meant for `weight_kg`, whose name holds its unit.
        longer = next((column for column in shared if column.startswith(f"{name}_")), None)
        near = find_nearest(name, shared) or longer
        if name not in shared and near is not None:
            yield subject.ports.issue(
                f"`{name}` is no column that every study has",
                path,
                f"did you mean `{near}`? a study may declare `{name}` as a covariate",
                Severity.WARNING,
            )


def check_output_ports(subject: _Ported) -> Iterator[Issue]:
    """Yield issues of analytes: unknown ones, units that do not convert, outputs mapped twice."""
    first: dict[str, str] = {}
    for name, port in subject.ports.outputs.items():
        path: KeyPath = ("outputs", name)
        yield from subject.find_output(port.output, (*path, "output"))
        if port.output in first:
            yield subject.ports.issue(
                f"`{port.output[:60]}` is {first[port.output]} already",
                (*path, "output"),
                "map each output to one analyte; write an assignment for another",
            )
        first.setdefault(port.output, name)
        if name not in ANALYTES:
            hint = suggest(name, ANALYTES, "analytes")
            yield subject.ports.issue(f"analyte `{name}` is not known", path, hint)
            continue
        analyte, unit = ANALYTES[name], ANALYTES[name].unit
        try:
            analyte.factor(port.unit)
        except UnknownUnit as error:
            hint = f"write one that converts to {unit}"
            yield subject.ports.issue(str(error), (*path, "unit"), hint)
            continue
        own = subject.units.get(port.output)
        if own is not None and not own.fits(read_measure(analyte.find_unit(port.unit).name)):
            yield subject.ports.issue(
                f"{name} is in {port.unit} here, and `{port.output}` is in {own} in the model",
                (*path, "unit"),
                "make the two agree",
            )


def check_event_ports(subject: _Ported) -> Iterator[Issue]:
    """Yield issues of events: unknown ones, and ports that do not say when it happens."""
    for name, port in subject.ports.events.items():
        path: KeyPath = ("events", name)
        if name not in EVENT_NAMES:
            hint = suggest(name, EVENT_NAMES, "events")
            yield subject.ports.issue(f"event `{name}` is not known", path, hint)
        for key in ("hazard", "output"):
            output = getattr(port, key)
            if output is not None:
                yield from subject.find_output(output, (*path, key))
        for message, key, hint in _find_unsaid(port):
            yield subject.ports.issue(message, (*path, key) if key else path, hint)
        own = None if port.hazard is None else subject.units.get(port.hazard)
        wanted = read_measure("1" if port.cumulative else _ONE_DAY)
        if own is not None and not own.fits(wanted):
            yield subject.ports.issue(
                f"the hazard `{port.hazard}` is in {own} in the model, not in {wanted}",
                (*path, "hazard"),
                "write a rate per day, or `cumulative = true` where it is the integral of one",
            )


def _find_unsaid(port: EventPort) -> Iterator[tuple[str, str, str]]:
    """Yield message, key and hint of what is missing or said twice."""
    crossing = [
        key for key in ("output", "threshold", "direction") if getattr(port, key) is not None
    ]
    how = "write `hazard`, or `output` with `threshold` and `direction`"
    if port.hazard is not None and crossing:
        yield "an event has a hazard or a threshold, not both", "", how
    elif port.hazard is None and not crossing:
        yield "nothing says when the event happens", "", how
    elif crossing:
        if port.output is None:
            yield "the output that crosses the threshold is missing", "", 'write `output = "..."`'
        if port.threshold is None:
            yield "the threshold is missing", "", "write `threshold = 1.0`"
        if port.direction is None:
            hint = 'write `direction = "above"` or `direction = "below"`'
            yield "the threshold has no direction", "", hint
    if port.cumulative and port.hazard is None:
        yield "only a hazard is cumulative", "cumulative", "leave it out"


def check_course_ports(subject: _Ported) -> Iterator[Issue]:
    """Yield issues of what figures may show: outputs that the model does not have."""
    for name, port in subject.ports.courses.items():
        yield from subject.find_output(port.output, ("courses", name, "output"))


def check_stage_ports(subject: _Ported) -> Iterator[Issue]:
    """Yield issues of stages: unknown scales and items, cuts that do not make their stages."""
    first: dict[str, str] = {}
    for scale, items in subject.ports.stages.items():
        if scale not in SCALES:
            hint = suggest(scale, SCALES, "scales")
            yield subject.ports.issue(f"scale `{scale}` is not known", ("stages", scale), hint)
        for name, port in items.items():
            path: KeyPath = ("stages", scale, name)
            yield from subject.find_output(port.output, (*path, "output"))
            place = f"{scale}.{name}"
            if port.output in first:
                yield subject.ports.issue(
                    f"`{port.output[:60]}` is {first[port.output]} already",
                    (*path, "output"),
                    "map each output to one item",
                )
            first.setdefault(port.output, place)
            if scale in SCALES:
                yield from _check_item(subject.ports, scale, name, path)
            if any(later <= earlier for earlier, later in pairwise(port.cuts)):
                hint = "write them upwards, each once"
                yield subject.ports.issue("cuts are not in order", (*path, "cuts"), hint)


def _check_item(ports: Ports, scale: str, name: str, path: KeyPath) -> Iterator[Issue]:
    item = SCALES[scale].get(name)
    if item is None:
        hint = suggest(name, SCALES[scale], "items")
        yield ports.issue(f"item `{name}` is not of scale `{scale}`", path, hint)
        return
    if item.low is None or item.high is None or not item.whole:
        hint = "name an item that has stages, as in `acute_gvhd_stage`"
        yield ports.issue(f"item `{name}` of scale `{scale}` has no stages", path, hint)
        return
    wanted, given = round(item.high - item.low), len(ports.stages[scale][name].cuts)
    if given != wanted:
        stages = f"stages {item.low:g} to {item.high:g}"
        message = f"{stages} need {wanted} cuts, and there are {given}"
        yield ports.issue(message, (*path, "cuts"), "write one cut below each stage but the first")


def _near(name: str, known: Collection[str], otherwise: str) -> str:
    """Return a hint: the nearest known name, all of them if they are few, else another hint."""
    near = find_similar(name, known)
    if near is not None:
        return f"did you mean `{near}`?"
    if 0 < len(known) <= _FEW:
        return f"there are {list_names(list(known), _FEW)}"
    return otherwise


CHECKS: tuple[Check, ...] = (
    check_time,
    check_product_ports,
    check_covariate_ports,
    check_output_ports,
    check_event_ports,
    check_stage_ports,
    check_course_ports,
)
