"""A model as frozen values: what its text says, its mathematics as expressions of its names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sympy

from stromal.frozen import freeze
from stromal.models.sending import reduce_exactly

# The rate of change of a name, as models may ask for it; derive_odes replaces it.
RATE_OF = sympy.Function("rateOf", real=True)


def symbol(name: str) -> sympy.Symbol:
    """The symbol of a name of the model.

    Examples
    --------
    >>> symbol("ANC").is_real
    True
    """
    return sympy.Symbol(name, real=True)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as a product: multiplier times the product of kind to the power of its exponent.

    `factors` are pairs of an SBML base kind (`mole`, `second`, `dimensionless`) and its exponent.
    """

    name: str
    multiplier: float
    factors: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Compartment:
    """A volume (or area, length, point) that holds species. `size` None: not given."""

    name: str
    size: float | None
    dimensions: float = 3.0
    constant: bool = True
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Species:
    """Something with an amount in a compartment.

    In mathematics its name means a concentration, or the amount where `substance_only` holds.
    Reactions leave a `boundary` species as it is.
    """

    name: str
    compartment: str
    amount: float | None = None
    concentration: float | None = None
    substance_only: bool = False
    boundary: bool = False
    constant: bool = False
    conversion: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named number. `value` None: not given. `constant` False: rules or events may change it."""

    name: str
    value: float | None
    constant: bool = True
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """A species in a reaction and how many of it; `name` where mathematics can speak of the count.

    `stoichiometry` None: not given.
    """

    species: str
    stoichiometry: sympy.Expr | None
    name: str | None = None
    constant: bool = True


@dataclass(frozen=True, slots=True)
class Reaction:
    """Reactants to products at a rate [extent/time]. `rate` None: not given.

    Parameters local to the reaction are named `reaction.parameter` and stand among the parameters
    of the model.
    """

    name: str
    reactants: tuple[Participant, ...]
    products: tuple[Participant, ...]
    modifiers: tuple[str, ...]
    rate: sympy.Expr | None
    reversible: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Assignments when a condition becomes true, or some time after.

    `trigger`, `delay` and `priority` speak of time and of names whose course is known before a run
    (`known`). `early` holds when values are those of the moment the event is triggered (the usual),
    and not of the moment it is executed. `true_before` holds when the trigger counts as true before
    the start. An event that is not `persistent` is dropped where its trigger becomes false before
    it is executed.
    """

    name: str
    trigger: sympy.Basic
    assignments: tuple[tuple[str, sympy.Expr], ...]
    early: bool = True
    true_before: bool = True
    delay: sympy.Expr | None = None
    priority: sympy.Expr | None = None
    persistent: bool = True

    def formulas(self) -> Iterator[tuple[str, sympy.Basic]]:
        """Every formula of the event with its place in words."""
        parts = {"trigger": self.trigger, "delay": self.delay, "priority": self.priority}
        for part, formula in parts.items():
            if formula is not None:
                yield f"{part} of event {self.name}", formula
        for name, value in self.assignments:
            yield f"{name} in event {self.name}", value


@dataclass(frozen=True, slots=True)
class Model:
    """A model: compartments, species, parameters, and what happens to them.

    Mathematics are sympy expressions of real symbols named after the model's names (`symbol`), of
    `odes.TIME`, and of `RATE_OF(symbol)`. Function definitions are written out.

    Examples
    --------
    >>> from stromal.models.parse import read_model
    >>> model = read_model("k = 0.5; x = 1; x' = -k*x")
    >>> model.rate_rules["x"]
    -k*x
    """

    name: str
    compartments: tuple[Compartment, ...] = ()
    species: tuple[Species, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    assignment_rules: Mapping[str, sympy.Expr] = field(default_factory=dict)
    rate_rules: Mapping[str, sympy.Expr] = field(default_factory=dict)
    initial_assignments: Mapping[str, sympy.Expr] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    units: Mapping[str, Unit] = field(default_factory=dict)
    time_unit: str | None = None
    substance_unit: str | None = None
    volume_unit: str | None = None
    extent_unit: str | None = None
    conversion: str | None = None
    functions: tuple[str, ...] = ()
    source: str | None = None

    def __post_init__(self) -> None:
        for name in ("assignment_rules", "rate_rules", "initial_assignments", "units"):
            object.__setattr__(self, name, freeze(getattr(self, name)))

    def __reduce__(self) -> tuple[Any, ...]:
        return reduce_exactly(self)

    def formulas(self) -> Iterator[tuple[str, sympy.Expr]]:
        """Every formula of the model with its place in words."""
        for reaction in self.reactions:
            if reaction.rate is not None:
                yield f"rate of {reaction.name}", reaction.rate
            for item in (*reaction.reactants, *reaction.products):
                if item.stoichiometry is not None:
                    yield f"stoichiometry of {item.species} in {reaction.name}", item.stoichiometry
        for name, rule in self.assignment_rules.items():
            yield f"assignment of {name}", rule
        for name, rule in self.rate_rules.items():
            yield f"rate rule of {name}", rule
        for name, rule in self.initial_assignments.items():
            yield f"initial assignment of {name}", rule
        for event in self.events:
            yield from event.formulas()

    def with_values(self, values: Mapping[str, float]) -> Model:
        """The model with parameters and compartment sizes set; their initial assignments go.

        Raises
        ------
        KeyError
            A name is neither a parameter nor a compartment.

        Examples
        --------
        >>> Model("m", parameters=(Parameter("k", None),)).with_values({"k": 2.0}).parameters
        (Parameter(name='k', value=2.0, constant=True, unit=None),)
        """
        known = {item.name for item in self.parameters} | {item.name for item in self.compartments}
        if unknown := sorted(set(values) - known):
            raise KeyError(", ".join(unknown))
        kept = {k: v for k, v in self.initial_assignments.items() if k not in values}
        return replace(
            self,
            parameters=tuple(
                replace(item, value=values.get(item.name, item.value)) for item in self.parameters
            ),
            compartments=tuple(
                replace(item, size=values.get(item.name, item.size)) for item in self.compartments
            ),
            initial_assignments=kept,
        )
