"""What each name of a model is: a state, an assignment, a parameter; and how it is defined."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import sympy

from stromal.models.arithmetic import apply, divide, number
from stromal.models.model import RATE_OF, Compartment, Model, Participant, Species, symbol
from stromal.models.odes import TIME
from stromal.models.resolve import Definition, Key, find_needs
from stromal.models.slopes import differentiate

_ZERO, _MINUS = sympy.Integer(0), sympy.Integer(-1)


def missing(name: str) -> sympy.Symbol:
    """Stands for a value that the model does not give; no name of a model can be equal to it."""
    return symbol(f"value of {name}")


def missing_name(key: sympy.Symbol) -> str | None:
    """The name whose value is missing, when this is such a symbol."""
    return key.name.removeprefix("value of ") if key.name.startswith("value of ") else None


@dataclass(frozen=True)
class Meaning:
    """The names of a model, sorted by what they are.

    Examples
    --------
    >>> from stromal.models.parse import read_model
    >>> Meaning(read_model("k = 0.5; x = 1; x' = -k*x; y := 2*x")).states
    ('x',)
    """

    model: Model

    @cached_property
    def compartments(self) -> Mapping[str, Compartment]:
        """Compartments by name."""
        return {item.name: item for item in self.model.compartments}

    @cached_property
    def species(self) -> Mapping[str, Species]:
        """Species by name."""
        return {item.name: item for item in self.model.species}

    @cached_property
    def participants(self) -> Mapping[str, Participant]:
        """Stoichiometries that mathematics can speak of, by name."""
        return {
            item.name: item
            for reaction in self.model.reactions
            for item in (*reaction.reactants, *reaction.products)
            if item.name is not None
        }

    @cached_property
    def rates(self) -> Mapping[str, sympy.Expr | None]:
        """Rates of reactions by name."""
        return {item.name: item.rate for item in self.model.reactions}

    @cached_property
    def given(self) -> Mapping[str, float | None]:
        """Values as the model gives them: compartments, parameters and named stoichiometries."""
        values: dict[str, float | None] = {item.name: item.size for item in self.model.compartments}
        return values | {item.name: item.value for item in self.model.parameters}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every name that has a value over time."""
        return (*self.species, *self.given, *self.participants, *self.rates)

    @cached_property
    def states(self) -> tuple[str, ...]:
        """Names that are integrated or that events set; species first."""
        model = self.model
        moved = set(model.rate_rules) | {
            name for event in model.events for name, _ in event.assignments
        }
        return tuple(
            name
            for name in (*self.species, *self.given, *self.participants)
            if name not in model.assignment_rules
            and (name in moved or (name in self.species and self._is_free(self.species[name])))
        )

    @cached_property
    def constants(self) -> tuple[str, ...]:
        """Names whose value never changes: parameters, or written out from parameters."""
        moving = {*self.states, *self.model.assignment_rules}
        return tuple(
            name for name in (*self.species, *self.given, *self.participants) if name not in moving
        )

    def outputs(self) -> Iterator[tuple[str, sympy.Expr]]:
        """What can be read off at any time, as expressions of what names mean."""
        for name in self.names:
            yield name, symbol(name)
        for name, species in self.species.items():
            volume, counts = self.volume(name), self.counts(name)
            amount = symbol(name) if counts else apply(sympy.Mul, symbol(name), volume)
            yield f"amount({name})", amount
            if self.compartments[species.compartment].dimensions != 0:
                concentration = divide(symbol(name), volume) if counts else symbol(name)
                yield f"concentration({name})", concentration

    def _is_free(self, species: Species) -> bool:
        """Whether something (a reaction, a dose, its compartment) may change the species."""
        return not species.constant or not self.is_still(species.compartment)

    def is_still(self, name: str) -> bool:
        """Whether a compartment keeps its size."""
        model = self.model
        return not (
            name in model.assignment_rules
            or name in model.rate_rules
            or any(name == target for event in model.events for target, _ in event.assignments)
        )

    def counts(self, name: str) -> bool:
        """Whether the name of a species means its amount."""
        species = self.species[name]
        return species.substance_only or self.compartments[species.compartment].dimensions == 0

    def holds_amount(self, name: str) -> bool:
        """Whether the state of a species is its amount though its name means a concentration."""
        return (
            name in self.species
            and not self.counts(name)
            and name in self.states
            and name not in self.model.rate_rules
        )

    def volume(self, species: str) -> sympy.Symbol:
        """Symbol of the compartment of a species."""
        return symbol(self.species[species].compartment)

    def define(self, key: Key) -> Definition:
        """What a name, or the rate of a name, is at any time."""
        if key.func == RATE_OF:
            return Definition(self._rate_of(key.args[0].name))
        name = key.name
        if name in self.model.assignment_rules:
            return Definition(self.model.assignment_rules[name])
        if name in self.rates:
            rate = self.rates[name]
            return Definition(_or_missing(rate, name))
        if self.holds_amount(name):
            return Definition(divide(key, self.volume(name)), own=True)
        return Definition(key, own=True)

    def define_first(self, key: Key) -> Definition:
        """What a name, or the rate of a name, is at the start."""
        if key.func == RATE_OF or key.name in self.model.assignment_rules or key.name in self.rates:
            return self.define(key)
        if key.name in self.model.initial_assignments:
            return Definition(self.model.initial_assignments[key.name])
        if missing_name(key) is not None:
            return Definition(key, own=True)
        return Definition(self._first(key.name))

    def _first(self, name: str) -> sympy.Expr:
        """Start value of a name without rule or assignment."""
        if name in self.species:
            return self._first_of_species(name)
        if name in self.participants:
            return _or_missing(self.participants[name].stoichiometry, name)
        value = self.given[name]
        return missing(name) if value is None else number(value)

    def _first_of_species(self, name: str) -> sympy.Expr:
        """Start value of a species without assignment, as its name means it."""
        species, volume = self.species[name], self.volume(name)
        if species.amount is not None:
            amount = number(species.amount)
            return amount if self.counts(name) else divide(amount, volume)
        if species.concentration is not None:
            concentration = number(species.concentration)
            return apply(sympy.Mul, concentration, volume) if self.counts(name) else concentration
        return missing(name)

    def first_state(self, name: str) -> sympy.Expr:
        """Start value of a state, an expression of what names mean at the start."""
        if not self.holds_amount(name):
            return symbol(name)
        species, first = self.species[name], self.model.initial_assignments
        if name not in first and species.amount is not None:
            return number(species.amount)
        return apply(sympy.Mul, symbol(name), self.volume(name))

    def state_rate(self, name: str) -> sympy.Expr:
        """Rate of a state, an expression of what names mean."""
        if name in self.model.rate_rules:
            return self.model.rate_rules[name]
        return self._flows.get(name, _ZERO)

    @cached_property
    def _flows(self) -> Mapping[str, sympy.Expr]:
        """Amount per time that reactions make of each species they may change."""
        terms: dict[str, list[sympy.Expr]] = defaultdict(list)
        for name, sign, participant in self._parts():
            species = self.species[participant.species]
            fixed = species.boundary or species.constant
            if fixed or species.name in self.model.assignment_rules:
                continue
            factors = [sign, _count(participant), symbol(name)]
            if conversion := species.conversion or self.model.conversion:
                factors.append(symbol(conversion))
            terms[species.name].append(apply(sympy.Mul, *factors))
        return {name: apply(sympy.Add, *parts) for name, parts in terms.items()}

    def _parts(self) -> Iterator[tuple[str, sympy.Integer, Participant]]:
        for reaction in self.model.reactions:
            for participant in reaction.reactants:
                yield reaction.name, _MINUS, participant
            for participant in reaction.products:
                yield reaction.name, sympy.Integer(1), participant

    def _rate_of(self, name: str) -> sympy.Expr:
        """Rate of change of what a name means."""
        rule = self.model.assignment_rules.get(name, self.rates.get(name))
        if rule is not None:
            return _derivative(rule)
        if name not in self.states:
            return _ZERO
        rate = self.state_rate(name)
        if not self.holds_amount(name):
            return rate
        volume = self.volume(name)
        if self.is_still(volume.name):
            return divide(rate, volume)
        thinning = apply(sympy.Mul, symbol(name), RATE_OF(volume))
        return divide(apply(sympy.Add, rate, -thinning), volume)


def _count(participant: Participant) -> sympy.Expr:
    if participant.name is not None:
        return symbol(participant.name)
    return _or_missing(participant.stoichiometry, f"stoichiometry of {participant.species}")


def _or_missing(value: sympy.Expr | None, name: str) -> sympy.Expr:
    return missing(name) if value is None else value


def _derivative(math_: sympy.Expr) -> sympy.Expr:
    """Rate of change of an expression by the rates of what it speaks of."""
    needs = [need for need in sorted(find_needs(math_), key=str) if need.is_Symbol]
    terms = (differentiate(math_, need) * RATE_OF(need) for need in needs)
    return apply(sympy.Add, differentiate(math_, TIME), *terms)
