"""Events of a model as jumps of its states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import sympy

from stromal.errors import InvalidInput, Issue
from stromal.models.arithmetic import apply, divide, rebuild
from stromal.models.meaning import Meaning
from stromal.models.model import Event, Model, symbol
from stromal.models.odes import TIME
from stromal.models.resolve import Values


class When(NamedTuple):
    """What decides when an event is executed, in states, parameters and TIME."""

    trigger: sympy.Basic
    true_before: bool
    delay: sympy.Expr | None
    priority: sympy.Expr | None
    persistent: bool
    early: bool

    @property
    def expressions(self) -> tuple[sympy.Basic, ...]:
        """Every expression of it."""
        return tuple(part for part in (self.trigger, self.delay, self.priority) if part is not None)


@dataclass(frozen=True, slots=True)
class Jump:
    """States set by events that are executed together; all values are taken before any is set."""

    name: str
    when: When
    updates: Mapping[str, sympy.Expr]

    @property
    def all(self) -> tuple[sympy.Basic, ...]:
        """Every expression of the jump."""
        return (*self.when.expressions, *self.updates.values())


def derive_jumps(model: Model, meaning: Meaning, values: Values) -> tuple[Jump, ...]:
    """Jumps of a model, events at the same time made one.

    Parameters
    ----------
    model, meaning
        The model and what its names are.
    values
        What names mean, in states, parameters and time.

    Raises
    ------
    InvalidInput
        Two events at one time set the same thing, or one reads what the other sets after it was
        triggered: without priorities their order is not defined.

    Examples
    --------
    >>> from stromal.models.derive import derive_odes
    >>> from stromal.models.parse import read_model
    >>> (change,) = derive_odes(read_model("x = 1; x' = -x; at time >= 2: x = x + 3;")).changes
    >>> change.trigger, change.updates
    (time >= 2, ((0, x + 3),))
    """
    groups: dict[When, list[Event]] = {}
    for event in model.events:
        when = _when(event, values)
        if not _is_never(when.trigger):
            groups.setdefault(when, []).append(event)
    issues = [issue for events in groups.values() for issue in _disordered(model, events)]
    if issues:
        raise InvalidInput(issues)
    return tuple(
        Jump(
            " and ".join(event.name for event in events),
            when,
            _updates(
                {name: rebuild(v, values) for event in events for name, v in event.assignments},
                meaning,
                values,
            ),
        )
        for when, events in groups.items()
    )


def _is_never(trigger: sympy.Basic) -> bool:
    """Whether a condition never holds: false, or a time that does not come."""
    after = isinstance(trigger, sympy.Ge | sympy.Gt) and trigger.lhs == TIME
    return trigger is sympy.false or (after and trigger.rhs is sympy.oo)


def _when(event: Event, values: Values) -> When:
    return When(
        rebuild(event.trigger, values),
        event.true_before,
        None if event.delay is None else rebuild(event.delay, values),
        None if event.priority is None else rebuild(event.priority, values),
        event.persistent,
        event.early,
    )


def _disordered(model: Model, events: list[Event]) -> list[Issue]:
    """Issues of events at one time whose result depends on their order."""
    issues: list[Issue] = []
    for one, other in combinations(events, 2):
        sets = [{name for name, _ in event.assignments} for event in (one, other)]
        reads = [
            set() if event.early else {s.name for _, v in event.assignments for s in v.free_symbols}
            for event in (one, other)
        ]
        shared = (sets[0] & sets[1]) | (sets[0] & reads[1]) | (sets[1] & reads[0])
        issues.extend(
            Issue(
                f"events {one.name} and {other.name} both touch `{name}` at the same time, "
                "and their order is not defined",
                table=model.source,
                hint="make them one event, or give them different times",
            )
            for name in sorted(shared)
        )
    return issues


def _updates(
    assigned: Mapping[str, sympy.Expr], meaning: Meaning, values: Values
) -> dict[str, sympy.Expr]:
    """New values of states from new values of names.

    Amounts are what is kept: a concentration that is set is an amount in the compartment as it was
    before the jump, and is thinned by the jump as every other one.
    """
    updates = {
        name: apply(sympy.Mul, value, values[meaning.volume(name)])
        if meaning.holds_amount(name)
        else value
        for name, value in assigned.items()
    }
    moved = {symbol(name): value for name, value in updates.items()}
    for name in meaning.species:
        if name in meaning.model.rate_rules and not meaning.counts(name):
            before = values[meaning.volume(name)]
            after = rebuild(before, moved)
            if after != before:
                amount = apply(sympy.Mul, assigned.get(name, symbol(name)), before)
                updates[name] = divide(amount, after)
    return updates
