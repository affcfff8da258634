"""Antimony text or SBML to a model: the only door to libsbml and antimony."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import antimony
import libsbml
import sympy

from stromal.errors import InvalidInput, Issue
from stromal.locks import ForkedLock
from stromal.models.antimony_text.check import check_antimony
from stromal.models.antimony_text.links import join_links, mark_links
from stromal.models.arithmetic import as_truth, number
from stromal.models.drawings import drop_drawings
from stromal.models.foreign_text import check_xml, find_packages, read_bytes, refused
from stromal.models.known import find_integrated, names_in
from stromal.models.mathml import Function, read_condition, read_function, read_math
from stromal.models.model import (
    Compartment,
    Event,
    Model,
    Parameter,
    Participant,
    Reaction,
    Species,
    Unit,
    symbol,
)
from stromal.models.sbml_links import cut_links
from stromal.models.sbml_numbers import check_numbers

# Antimony keeps what it has read in one place for the whole process.
_ANTIMONY = ForkedLock()

_Element: TypeAlias = Any  # an object of libsbml, which has no types

_ANTIMONY_TEXT, _SBML = (".ant", ".txt"), (".xml", ".sbml")
_SIGNS_OF_TEXT = "=;"  # in a text on one line, and hardly in a path
_NO_FILE = "correct the text at that line; if it is a path, there is no such file"
_OFF = False
_OLD_UNITS = ("substance", "volume", "area", "length", "time")
"""Units that Level 2 defines beforehand and Level 3 does not; files of Level 3 name them all the
same, and leave open what they mean there."""

_UNKNOWN_UNIT = 10313
_SILENT_PACKAGES = ("layout", "render", "groups", "l3v2extendedmath")


def read_model(source: Path | str) -> Model:
    """A model from a file or from text.

    Parameters
    ----------
    source
        Path of an Antimony file (`.ant`, `.txt`) or an SBML file (`.xml`, `.sbml`; Level 2 or 3);
        or the text itself: SBML when it begins with `<`, Antimony otherwise. A string on one line
        that ends with one of these suffixes and has no `=` or `;`, or that names a file or folder
        that there is, is a path.

    Returns
    -------
    Model
        Frozen values; nothing is evaluated yet.

    Raises
    ------
    InvalidInput
        Every issue: what is not well-formed, not valid, not supported, or would be ignored or
        misread, by name.

    Examples
    --------
    >>> model = read_model("model decay() k = 0.5; x = 1; x' = -k*x; end")
    >>> model.name, [parameter.name for parameter in model.parameters]
    ('decay', ['k', 'x'])
    """
    if not isinstance(source, Path | str):
        raise refused(
            f"a model is a path or a text, and not {type(source).__name__}",
            "decode bytes, as `data.decode()`" if isinstance(source, bytes) else "give one of them",
        )
    path = _as_path(source)
    if path is None:
        text, table = str(source), None
        is_sbml = text.lstrip("\ufeff \t\r\n").startswith("<")
        sbml = drop_drawings(check_xml(text)) if is_sbml else _translate(check_antimony(text), None)
    else:
        data, table = read_bytes(path), path.name
        if is_sbml := _check_suffix(path) in _SBML:
            sbml = drop_drawings(check_xml(data, table))
        else:
            sbml = _translate(_words(data, table), table)
    return _Reading(sbml, table, has_rows=is_sbml).model()


def _as_path(source: Path | str) -> Path | None:
    """The path that is meant; None where it is the text itself."""
    if isinstance(source, Path):
        return source
    name = source.strip()
    if not name or "\n" in name or "\r" in name or name.startswith("<"):
        return None
    named = name.lower().endswith((*_ANTIMONY_TEXT, *_SBML))
    if named and not any(sign in name for sign in _SIGNS_OF_TEXT):
        return Path(name)
    try:
        return Path(name) if Path(name).exists() else None
    except (OSError, ValueError):  # no file can have this name
        return None


def _check_suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in (*_ANTIMONY_TEXT, *_SBML):
        said = f"the suffix `{suffix}`" if suffix else "a name without suffix"
        raise refused(
            f"{said} does not say whether the file is Antimony or SBML",
            "name Antimony `.ant` or `.txt`, SBML `.xml` or `.sbml`; unpack what is packed",
            path.name,
        )
    return suffix


def _words(data: bytes, table: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refused(
            "the text cannot be read as utf-8", "save the file as UTF-8", table
        ) from error
    if text.lstrip().startswith("<"):
        raise refused("this is SBML in a file of Antimony", "name the file `.xml`", table)
    return check_antimony(text, table)


def _translate(text: str, table: str | None) -> str:
    """SBML of an Antimony text."""
    with _ANTIMONY:
        antimony.clearPreviousLoads()
        try:
            failed = antimony.loadAntimonyString(mark_links(text)) < 0
            complaint = antimony.getLastError() if failed else ""
            sbml = "" if failed else antimony.getSBMLString(antimony.getMainModuleName())
            complaint = complaint or ("" if sbml else antimony.getLastError())
        finally:
            antimony.clearPreviousLoads()
            antimony.freeAll()
    if not sbml:
        raise refused(
            f"this is not Antimony: {' '.join(complaint.split()).rstrip('.')}",
            "correct the text at that line" if table or _looks_written(text) else _NO_FILE,
            table,
        )
    try:
        return check_xml(join_links(sbml), table)
    except InvalidInput as error:  # rows are of another text than the one that was given
        raise InvalidInput(replace(issue, row=None) for issue in error.issues) from error


def _looks_written(text: str) -> bool:
    """Whether it is a text and not a path that leads nowhere."""
    return any(sign in text for sign in ("\n", *_SIGNS_OF_TEXT))


@dataclass
class _Reading:
    """One SBML document being read, and the issues found so far."""

    text: str
    table: str | None
    has_rows: bool
    issues: list[Issue] = field(default_factory=list)
    functions: dict[str, Function] = field(default_factory=dict)
    locals: list[Parameter] = field(default_factory=list)

    def model(self) -> Model:
        document = libsbml.readSBMLFromString(self.text)
        self._check_document(document)
        broken, source = bool(self.issues), document.getModel()
        if source is not None:
            self._check_model(source)
        if broken or source is None:
            raise InvalidInput(self.issues)
        self._read_functions(source)
        model = self._convert(source)
        self._check_events(source, model)
        if self.issues:
            raise InvalidInput(self.issues)
        return model

    def _say(self, element: _Element, message: str, hint: str) -> None:
        row = element.getLine() if self.has_rows and element is not None else 0
        self.issues.append(Issue(message, table=self.table, row=row or None, hint=hint))

    def _check_document(self, document: _Element) -> None:
        """What libsbml finds, and what the document needs beyond plain SBML."""
        if document.getModel() is not None and document.getLevel() < 2:
            self._say(document, "SBML Level 1 is not supported", "convert it to Level 3")
            return
        self._check_packages(document)
        if self.issues:
            return
        if self.has_rows:
            self.issues += [replace(item, table=self.table) for item in check_numbers(self.text)]
        document.setConsistencyChecks(libsbml.LIBSBML_CAT_UNITS_CONSISTENCY, _OFF)
        document.setConsistencyChecks(libsbml.LIBSBML_CAT_MODELING_PRACTICE, _OFF)
        if document.getNumErrors(libsbml.LIBSBML_SEV_ERROR) == 0:
            document = cut_links(document)
            document.checkConsistency()
        for index in range(document.getNumErrors()):
            error = document.getError(index)
            if error.getSeverity() >= libsbml.LIBSBML_SEV_ERROR and not _of_old_units(error):
                row = error.getLine() if self.has_rows else 0
                self.issues.append(
                    Issue(
                        " ".join(error.getMessage().split()).rstrip("."),
                        table=self.table,
                        row=row or None,
                        hint=f"rule {error.getErrorId()} of the SBML specification",
                    )
                )
        if document.getModel() is None and not self.issues:
            self._say(None, "there is no model in the document", "export the model again")

    def _check_packages(self, document: _Element) -> None:
        spaces = document.getNamespaces()
        for uri, required in find_packages(self.text).items():
            name = spaces.getPrefix(uri) or uri
            if (required or "/fbc/" in uri) and not any(
                f"/{word}/" in uri for word in _SILENT_PACKAGES
            ):
                self._say(
                    document,
                    f"the SBML package `{name}` is not supported",
                    _PACKAGE_HINTS.get(name, "write the model in plain SBML"),
                )

    def _check_model(self, model: _Element) -> None:
        """Features that are refused, by name."""
        for rule in model.getListOfRules():
            if rule.isAlgebraic():
                self._say(
                    rule,
                    "algebraic rules are not supported",
                    "solve the equation for one name and write an assignment rule",
                )
        for reaction in model.getListOfReactions():
            if reaction.isSetFast() and reaction.getFast():
                self._say(
                    reaction,
                    f"reaction {reaction.getId()} is fast, which is not supported",
                    "give it a large rate, or write its equilibrium as assignment rules",
                )

    def _check_events(self, document: _Element, model: Model) -> None:
        """Refuse events whose times depend on what is integrated."""
        moving = find_integrated(model)
        places = {name: event for event, name in _named_events(document)}
        for event in model.events:
            for what, said in (
                (event.trigger, "is triggered by more than the time"),
                (event.delay, "has a delay that depends on a state"),
                (event.priority, "has a priority that depends on a state"),
            ):
                names = sorted(names_in(what) & moving) if what is not None else []
                if names:
                    listed = ", ".join(f"`{name}`" for name in names)
                    self._say(
                        places[event.name],
                        f"event {event.name} {said}: {listed}, which is not supported",
                        "write it with time, parameters and what only events move; or look at "
                        "the states at visits, and decide there",
                    )

    def _read_functions(self, model: _Element) -> None:
        for definition in model.getListOfFunctionDefinitions():
            if definition.isSetMath():
                text = libsbml.writeMathMLToString(definition.getMath())
                self.functions[definition.getId()] = read_function(text)

    def _convert(self, model: _Element) -> Model:
        reactions = tuple(self._reaction(item) for item in model.getListOfReactions())
        rules = [rule for rule in model.getListOfRules() if not rule.isAlgebraic()]
        parameters = tuple(_parameter(item) for item in model.getListOfParameters())
        self._check_names(model)
        return Model(
            name=_name(model),
            compartments=tuple(_compartment(item) for item in model.getListOfCompartments()),
            species=tuple(_species(item) for item in model.getListOfSpecies()),
            parameters=(*parameters, *self.locals),
            reactions=reactions,
            assignment_rules=self._maths(
                ((rule.getVariable(), rule) for rule in rules if rule.isAssignment()),
                "assignment of",
            ),
            rate_rules=self._maths(
                ((rule.getVariable(), rule) for rule in rules if rule.isRate()), "rate rule of"
            ),
            initial_assignments=self._maths(
                ((item.getSymbol(), item) for item in model.getListOfInitialAssignments()),
                "initial assignment of",
            ),
            events=self._events(model),
            units={item.getId(): _unit(item) for item in model.getListOfUnitDefinitions()},
            time_unit=_unit_name(model, model.getTimeUnits()),
            substance_unit=_unit_name(model, model.getSubstanceUnits()),
            volume_unit=_unit_name(model, model.getVolumeUnits()),
            extent_unit=_unit_name(model, model.getExtentUnits()),
            conversion=model.getConversionFactor() or None,
            functions=tuple(self.functions),
            source=self.table,
        )

    def _check_names(self, model: _Element) -> None:
        if model.getElementBySId("time") is not None:
            self._say(
                model.getElementBySId("time"),
                "the name `time` means the time and cannot be given to something else",
                "rename it",
            )

    def _math(
        self,
        element: _Element,
        place: str,
        reader: Callable[..., sympy.Basic] = read_math,
        names: Mapping[str, sympy.Basic] | None = None,
    ) -> sympy.Basic | None:
        """Mathematics of an element; None where it has none or where it has issues."""
        if element is None or not element.isSetMath():
            return None
        try:
            return reader(libsbml.writeMathMLToString(element.getMath()), self.functions, names)
        except InvalidInput as error:
            for issue in error.issues:
                self._say(element, f"{place}: {issue.message}", issue.hint or "correct the formula")
        except RecursionError:
            self._say(element, f"{place}: the formula is nested too deeply", "break it up")
        return None

    def _maths(self, items: Iterable[tuple[str, Any]], place: str) -> dict[str, sympy.Expr]:
        found = {name: self._math(item, f"{place} {name}") for name, item in items}
        return {name: value for name, value in found.items() if value is not None}

    def _reaction(self, reaction: _Element) -> Reaction:
        name, law = reaction.getId(), reaction.getKineticLaw()
        renamed: dict[str, sympy.Basic] = {}
        if law is not None:
            level_2, level_3 = law.getListOfParameters(), law.getListOfLocalParameters()
            for item in level_3 if len(level_3) else level_2:
                own = f"{name}.{item.getId()}"
                renamed[item.getId()] = symbol(own)
                self.locals.append(
                    Parameter(own, _value(item), unit=_unit_name(item, item.getUnits()))
                )
        return Reaction(
            name=name,
            reactants=tuple(
                self._participant(item, name) for item in reaction.getListOfReactants()
            ),
            products=tuple(self._participant(item, name) for item in reaction.getListOfProducts()),
            modifiers=tuple(item.getSpecies() for item in reaction.getListOfModifiers()),
            rate=self._math(law, f"rate of {name}", names=renamed),
            reversible=bool(reaction.getReversible()),
        )

    def _participant(self, item: _Element, reaction: str) -> Participant:
        level_3 = item.getLevel() > 2
        if not level_3 and item.isSetStoichiometryMath():
            place = f"stoichiometry of {item.getSpecies()} in {reaction}"
            count = self._math(item.getStoichiometryMath(), place)
        elif level_3 and not item.isSetStoichiometry():
            count = None
        else:
            count = number(item.getStoichiometry())
        return Participant(
            species=item.getSpecies(),
            stoichiometry=count,
            name=(item.getIdAttribute() or None) if level_3 else None,
            constant=bool(item.getConstant()) if level_3 else True,
        )

    def _events(self, model: _Element) -> tuple[Event, ...]:
        events = []
        for event, name in _named_events(model):
            pairs = [
                (item.getVariable(), self._math(item, f"{item.getVariable()} in event {name}"))
                for item in event.getListOfEventAssignments()
            ]
            trigger = event.getTrigger()
            condition = self._math(trigger, f"trigger of event {name}", read_condition)
            delay, priority = event.getDelay(), event.getPriority()
            if condition is None:
                continue
            events.append(
                Event(
                    name,
                    as_truth(condition),
                    tuple((key, value) for key, value in pairs if value is not None),
                    early=bool(event.getUseValuesFromTriggerTime()),
                    true_before=not trigger.isSetInitialValue() or bool(trigger.getInitialValue()),
                    delay=self._math(delay, f"delay of event {name}"),
                    priority=self._math(priority, f"priority of event {name}"),
                    persistent=not trigger.isSetPersistent() or bool(trigger.getPersistent()),
                )
            )
        return tuple(events)


_PACKAGE_HINTS = {
    "comp": "flatten the model before it is exported",
    "fbc": "flux balance has no rates; write kinetic laws",
    "qual": "write the logic as rates",
}


def _name(model: _Element) -> str:
    """Name of a model; Antimony calls one that has none `__main`."""
    name = model.getId() or model.getName()
    return name if name and name != "__main" else "model"


def _value(item: _Element) -> float | None:
    return float(item.getValue()) if item.isSetValue() else None


def _parameter(item: _Element) -> Parameter:
    return Parameter(
        item.getId(),
        _value(item),
        constant=bool(item.getConstant()),
        unit=_unit_name(item, item.getUnits()),
    )


def _compartment(item: _Element) -> Compartment:
    dimensions = item.getSpatialDimensionsAsDouble()
    return Compartment(
        name=item.getId(),
        size=float(item.getSize()) if item.isSetSize() else None,
        dimensions=3.0 if math.isnan(dimensions) else dimensions,
        constant=bool(item.getConstant()),
        unit=_unit_name(item, item.getUnits()),
    )


def _species(item: _Element) -> Species:
    return Species(
        name=item.getId(),
        compartment=item.getCompartment(),
        amount=float(item.getInitialAmount()) if item.isSetInitialAmount() else None,
        concentration=(
            float(item.getInitialConcentration()) if item.isSetInitialConcentration() else None
        ),
        substance_only=bool(item.getHasOnlySubstanceUnits()),
        boundary=bool(item.getBoundaryCondition()),
        constant=bool(item.getConstant()),
        conversion=item.getConversionFactor() or None,
        unit=_unit_name(item, item.getSubstanceUnits()),
    )


def _unit(definition: _Element) -> Unit:
    size = 1.0
    factors = []
    for item in definition.getListOfUnits():
        exponent = item.getExponentAsDouble()
        size *= (item.getMultiplier() * 10.0 ** item.getScale()) ** exponent
        factors.append((libsbml.UnitKind_toString(item.getKind()), exponent))
    return Unit(definition.getId(), size, tuple(factors))


def _named_events(model: _Element) -> list[tuple[_Element, str]]:
    """Events with their names, or their numbers where they have none."""
    return [
        (event, event.getIdAttribute() or f"number {index}")
        for index, event in enumerate(model.getListOfEvents(), start=1)
    ]


def _of_old_units(error: _Element) -> bool:
    """Whether libsbml misses nothing but a unit that Level 2 would have known."""
    words = error.getMessage()
    named = any(f"'{unit}'" in words.rpartition("The ")[2] for unit in _OLD_UNITS)
    return bool(error.getErrorId() == _UNKNOWN_UNIT and named)


def _unit_name(element: _Element, name: str) -> str | None:
    """The name of a unit; None where it is not said, or is one that Level 3 does not know."""
    model = element.getModel()
    unknown = name in _OLD_UNITS and model.getLevel() > 2 and model.getUnitDefinition(name) is None
    return None if unknown or not name else name
