"""Names whose course is known before a run: from time, constants, parameters and events alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import sympy

from stromal.models.model import RATE_OF, Model
from stromal.models.resolve import find_needs


def find_integrated(model: Model) -> frozenset[str]:
    """Names that depend on a state which is integrated, directly or through other names.

    What only events move, by values that are known themselves, is known at every time before a run:
    a next dosing time, a counter of cycles. Triggers, delays and priorities may speak of it.

    Examples
    --------
    >>> from stromal.models.parse import read_model
    >>> model = read_model("n = 2; x = 1; x' = -x; y := x + n; at (time > n): n = n + 2")
    >>> sorted(find_integrated(model))
    ['x', 'y']
    """
    speaking: dict[str, set[str]] = defaultdict(set)
    for name, speaks in _dependences(model):
        for other in speaks:
            speaking[other].add(name)
    found: set[str] = set()
    waiting = [*model.rate_rules, *_reacting(model)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(speaking[name])
    return frozenset(found)


def _reacting(model: Model) -> Iterator[str]:
    """Species that reactions change."""
    free = {
        species.name
        for species in model.species
        if not species.boundary
        and not species.constant
        and species.name not in model.assignment_rules
    }
    for reaction in model.reactions:
        for item in (*reaction.reactants, *reaction.products):
            if item.species in free:
                yield item.species


def _dependences(model: Model) -> Iterator[tuple[str, set[str]]]:
    """Each name that is not a constant with the names its value comes from."""
    for name, rule in model.assignment_rules.items():
        yield name, names_in(rule)
    for reaction in model.reactions:
        if reaction.rate is not None:
            yield reaction.name, names_in(reaction.rate)
    for species in model.species:
        if not species.substance_only:
            yield species.name, {species.compartment}
    for event in model.events:
        own = {*names_in(event.trigger), *(names_in(event.delay) if event.delay else ())}
        for name, value in event.assignments:
            yield name, names_in(value) | own


def names_in(expression: sympy.Basic) -> set[str]:
    """Names that an expression speaks of; the rate of a name counts as the name."""
    needs = find_needs(expression)
    return {need.args[0].name if need.func == RATE_OF else need.name for need in needs}
