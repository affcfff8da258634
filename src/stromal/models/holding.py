"""Values that an event takes when it is triggered, kept in states until it is executed."""

from __future__ import annotations

from dataclasses import replace

import sympy
from sympy.core.relational import Relational

from stromal.models.odes import TIME, Change, Odes


def hold_values(odes: Odes) -> Odes:
    """The equations with states for values that are taken at a trigger and used later.

    Where an event has a delay, or something else may happen at its very instant that changes what
    its values come from, a change of its own keeps them in states that have no rate.

    Examples
    --------
    >>> from stromal.models.derive import derive_odes
    >>> from stromal.models.parse import read_model
    >>> odes = derive_odes(read_model("x = 1; x' = -x; at 2 after (time > 1): x = x + 1"))
    >>> held = hold_values(odes)
    >>> held.states, held.changes[0].updates, held.changes[1].updates
    ((x, value 1 of _E0), ((0, value 1 of _E0),), ((1, x + 1),))
    """
    states, changes = list(odes.states), list(odes.changes)
    for number, change in enumerate(odes.changes):
        if not change.early:
            continue
        moved = _moved_meanwhile(odes, number)
        kept = [index for index, value in change.updates if value.free_symbols & moved]
        if not kept:
            continue
        own = {
            index: sympy.Symbol(f"value {turn} of {change.name}", real=True)
            for turn, index in enumerate(kept, start=1)
        }
        values = dict(change.updates)
        taken = [(len(states) + turn, values[index]) for turn, index in enumerate(own)]
        states += own.values()
        updates = tuple((index, own.get(index, value)) for index, value in change.updates)
        changes[number] = replace(change, updates=updates, take=len(changes))
        changes.append(Change(sympy.false, tuple(taken), name=change.name))
    more = len(states) - len(odes.states)
    zeros = (sympy.Integer(0),) * more
    return replace(
        odes,
        states=tuple(states),
        rates=(*odes.rates, *zeros),
        initial=(*odes.initial, *zeros),
        changes=tuple(changes),
    )


def _moved_meanwhile(odes: Odes, number: int) -> frozenset[sympy.Symbol]:
    """What may have another value by the time that a change which was triggered is made."""
    change = odes.changes[number]
    if change.delay is not None:
        return frozenset({TIME, *odes.states})
    others = [
        other
        for place, other in enumerate(odes.changes)
        if place != number
        and not (_apart(odes, change.trigger, other.trigger) and other.delay is None)
    ]
    moved = {odes.states[index] for other in others for index, _ in other.updates}
    if change.trigger.free_symbols & moved:
        # it may be triggered once more before it is made
        moved |= {odes.states[index] for index, _ in change.updates}
    return frozenset(moved)


def _apart(odes: Odes, one: sympy.Basic, other: sympy.Basic) -> bool:
    """Whether two triggers are different times, such as `time >= 2` and `time >= t`."""
    return (
        all(
            isinstance(trigger, Relational)
            and trigger.lhs == TIME
            and trigger.rhs.free_symbols <= {*odes.parameters}
            for trigger in (one, other)
        )
        and one.rhs != other.rhs
    )
