"""Which unit each name of a model has: from the parameter table, the model, or its formula."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from stromal.errors import Issue, Severity, UnknownUnit
from stromal.measures import Measure
from stromal.models.check.measures import measure_of_unit
from stromal.models.check.subject import Subject, list_names
from stromal.units import read_measure


@dataclass(frozen=True)
class Quantities:
    """Units of names as they are written; a name that has none is not there.

    Examples
    --------
    >>> from stromal.models.parse import read_model
    >>> subject = Subject(read_model("unit perday = 1/(86400 second); k = 1; k has perday"))
    >>> print(Quantities(subject).known["k"])
    1/day
    """

    subject: Subject

    @cached_property
    def _found(self) -> tuple[dict[str, Measure], dict[str, str]]:
        known: dict[str, Measure] = {}
        unknown: dict[str, str] = {}
        for name, text, table in self._written():
            try:
                known[name] = (
                    read_measure(text) if table else measure_of_unit(text, self.subject.model.units)
                )
            except (UnknownUnit, ZeroDivisionError, OverflowError):
                unknown[name] = text
        return known, unknown

    @property
    def known(self) -> Mapping[str, Measure]:
        """Measures by name: parameters, compartments, and species as their name means them."""
        found = dict(self._found[0])
        for species in self.subject.model.species:
            if species.name in self.subject.rows:
                continue
            substance = found.get(species.name, self._of(self.subject.model.substance_unit))
            volume = found.get(species.compartment)
            if self.subject.meaning.counts(species.name):
                measure = substance
            else:
                measure = substance / volume if substance and volume else None
            found.pop(species.name, None)
            if measure is not None:
                found[species.name] = measure
        return found

    @property
    def unknown(self) -> Mapping[str, str]:
        """Texts of units that are not understood, by name."""
        return self._found[1]

    @cached_property
    def time(self) -> Measure | None:
        """The unit of time."""
        return self._of(self.subject.model.time_unit)

    @cached_property
    def extent(self) -> Measure | None:
        """The unit of the extent of reactions."""
        model = self.subject.model
        return self._of(model.extent_unit or model.substance_unit)

    def _of(self, name: str | None) -> Measure | None:
        try:
            return None if name is None else measure_of_unit(name, self.subject.model.units)
        except UnknownUnit:
            return None

    def _written(self) -> Iterator[tuple[str, str, bool]]:
        """Name, text, and whether it is written in the parameter table."""
        model, rows = self.subject.model, self.subject.rows
        units = {
            item.name: item.unit or (model.volume_unit if item.dimensions == 3 else None)
            for item in model.compartments
        }
        units |= {item.name: item.unit for item in model.species}
        units |= {item.name: item.unit for item in model.parameters}
        for name, unit in units.items():
            if name not in rows and unit is not None:
                yield name, unit, False
        for name, row in rows.items():
            if row["unit"] is not None:
                yield name, str(row["unit"]), True


def check_units_known(subject: Subject) -> Iterator[Issue]:
    """Every parameter and state has a unit, and every unit is understood."""
    quantities = Quantities(subject)
    for name, text in quantities.unknown.items():
        yield subject.issue(
            f"unit `{text}` of {name} is not known",
            None,
            "write it from units that are known, as in 1/day or 10^9/L/day; 1 for a pure number",
            Severity.ERROR,
        )
    meaning, told = subject.meaning, {*quantities.known, *quantities.unknown}
    for kind, names in (("parameter", meaning.constants), ("state", meaning.states)):
        silent = [name for name in names if name not in told]
        if silent:
            many = f"{len(silent)} {kind}s have" if len(silent) > 1 else f"1 {kind} has"
            yield subject.issue(
                f"{many} no unit, and is not checked in formulas: {list_names(silent)}"
                if len(silent) == 1
                else f"{many} no unit, and are not checked in formulas: {list_names(silent)}",
                None,
                "write it in the column `unit` of parameters.csv; 1 for a pure number",
                Severity.WARNING,
            )
    if quantities.known and quantities.time is None and (meaning.states or subject.model.reactions):
        yield subject.issue(
            "the model does not say its unit of time, and rates are not checked",
            None,
            "write `unit time_unit = 86400 second` for days",
            Severity.WARNING,
        )
