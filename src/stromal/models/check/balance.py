"""Units balance: terms of a sum agree, exponents are pure numbers, both sides of a rule agree."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar

import sympy

from stromal.errors import Issue, Severity
from stromal.measures import PURE, Measure
from stromal.models.arithmetic import as_value, rebuild
from stromal.models.check.quantities import Quantities
from stromal.models.check.subject import Subject, as_number, show
from stromal.models.model import RATE_OF
from stromal.models.odes import TIME


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a term: its measure (None: not known), or that it is a bare number."""

    measure: Measure | None
    is_number: bool = False


Look = Callable[[Any, Any], Found]
_UNKNOWN, _NUMBER = Found(None), Found(PURE, is_number=True)


def check_units_balance(subject: Subject) -> Iterator[Issue]:
    """Every formula is consistent in its units, as far as the units are known.

    A bare number beside a quantity with a unit is a warning: it hides a parameter.
    """
    quantities = Quantities(subject)
    balance = _Balance(subject, quantities, dict(quantities.known))
    for place, formula, wanted in _formulas(subject, quantities):
        balance.place = place
        found = balance.measure(formula)
        if wanted and found.measure and not found.measure.fits(wanted) and formula != 0:
            balance.say(f"{show(formula)} is in {found.measure}, and should be in {wanted}")
    yield from balance.issues


def _formulas(
    subject: Subject, quantities: Quantities
) -> Iterator[tuple[str, sympy.Expr, Measure | None]]:
    """Formulas with the unit that each should have; assignments first."""
    model, known, time = subject.model, quantities.known, quantities.time
    for name, rule in model.assignment_rules.items():
        yield f"assignment of {name}", rule, known.get(name)
    for name, rule in model.rate_rules.items():
        own = known.get(name)
        yield f"rate rule of {name}", rule, own / time if own and time else None
    extent = quantities.extent
    for reaction in model.reactions:
        if reaction.rate is not None:
            yield (
                f"rate of {reaction.name}",
                reaction.rate,
                extent / time if extent and time else None,
            )
    for name, rule in model.initial_assignments.items():
        yield f"initial assignment of {name}", rule, known.get(name)
    for event in model.events:
        yield f"trigger of event {event.name}", as_value(event.trigger), None
        if event.delay is not None:
            yield f"delay of event {event.name}", event.delay, time
        for name, value in event.assignments:
            yield f"{name} in event {event.name}", value, known.get(name)


@dataclass
class _Balance:
    """One pass over the formulas: what is known so far, and what is wrong."""

    subject: Subject
    quantities: Quantities
    names: dict[str, Measure | None]
    place: str = ""
    issues: list[Issue] = field(default_factory=list)

    def say(self, message: str, severity: Severity = Severity.ERROR) -> Found:
        """Note an issue; the term it is about counts as not known, so that it is told once."""
        hint = (
            "check the formula, and the units of its parameters"
            if severity is Severity.ERROR
            else "make the number a parameter, with its unit and source"
        )
        self.issues.append(self.subject.issue(message, self.place, hint, severity))
        return _UNKNOWN

    def measure(self, term: sympy.Basic) -> Found:
        """Return what is known of a term."""
        for kind, look in self._LOOKS:
            if isinstance(term, kind):
                return look(self, term)
        return self._function(term)

    def _name(self, term: sympy.Symbol) -> Found:
        if term == TIME:
            return Found(self.quantities.time)
        name = term.name
        if name not in self.names:
            self.names[name] = None
            rule = self.subject.model.assignment_rules.get(name)
            if rule is not None:
                quiet = _Balance(self.subject, self.quantities, self.names)
                self.names[name] = quiet.measure(rule).measure
            elif name in self.subject.meaning.rates:
                extent, time = self.quantities.extent, self.quantities.time
                self.names[name] = extent / time if extent and time else None
        return Found(self.names[name])

    def _agree(self, terms: list[sympy.Basic]) -> Found:
        found = [(term, self.measure(term)) for term in terms]
        known = [(t, f.measure) for t, f in found if f.measure is not None and not f.is_number]
        if not known:
            return _UNKNOWN if any(f.measure is None for _, f in found) else _NUMBER
        first, measure = known[0]
        for term, other in known[1:]:
            if not measure.fits(other):
                return self.say(
                    f"{show(first)} is in {measure} and {show(term)} in {other}: "
                    "they cannot be added or compared"
                )
        for term, what in found:
            value = as_number(term)
            if what.is_number and value and math.isfinite(value) and not measure.is_pure:
                self.say(f"{show(term)} stands beside a quantity in {measure}", Severity.WARNING)
        return Found(measure)

    def _sum(self, term: sympy.Expr) -> Found:
        return self._agree(list(term.args))

    def _same(self, term: sympy.Expr) -> Found:
        return self.measure(term.args[0])

    def _rate_of(self, term: sympy.Expr) -> Found:
        own, time = self.measure(term.args[0]).measure, self.quantities.time
        return Found(own / time if own and time else None)

    def _product(self, term: sympy.Mul) -> Found:
        parts = [self.measure(factor) for factor in term.args]
        measure = PURE
        for part in parts:
            if part.measure is None:
                return _UNKNOWN
            measure = measure * part.measure
        return Found(measure, all(part.is_number for part in parts))

    def _power(self, term: sympy.Pow) -> Found:
        base, exponent = self.measure(term.base), self.measure(term.exp)
        if exponent.measure and not exponent.measure.is_pure:
            return self.say(f"the exponent {show(term.exp)} is in {exponent.measure}")
        if base.measure is None or base.measure.is_pure:
            return base if base.measure is None else Found(PURE, base.is_number)
        exact = {name: sympy.Float(value) for name, value in self.subject.start.items()}
        moving = self.subject.expand(term.exp).free_symbols & self.subject.states
        number = as_number(rebuild(self.subject.expand(term.exp), exact))
        if moving or math.isnan(number):
            return self.say(f"{show(term.base)} is in {base.measure}, and its exponent varies")
        return Found(base.measure ** Fraction(number).limit_denominator(10**6))

    def _piecewise(self, term: sympy.Piecewise) -> Found:
        for _, condition in term.args:
            for relation in condition.atoms(sympy.core.relational.Relational):
                self._agree([relation.lhs, relation.rhs])
        return self._agree([value for value, _ in term.args])

    def _function(self, term: sympy.Basic) -> Found:
        for argument in term.args:
            measure = self.measure(argument).measure
            if measure and not measure.is_pure:
                return self.say(f"{show(argument)} in {show(term)} is in {measure}")
        return Found(PURE, not term.free_symbols)

    _LOOKS: ClassVar[tuple[tuple[type | tuple[type, ...], Look], ...]] = (
        ((sympy.Number, sympy.NumberSymbol), lambda _, __: _NUMBER),
        (sympy.Symbol, _name),
        ((sympy.Add, sympy.Min, sympy.Max), _sum),
        (sympy.Mul, _product),
        (sympy.Pow, _power),
        (sympy.Piecewise, _piecewise),
        (sympy.Abs, _same),
        (RATE_OF, _rate_of),
    )
