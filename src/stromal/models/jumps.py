"""Events of a model as jumps of its states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import sympy

from stromal.errors import InvalidInput, Issue
from stromal.models.arithmetic import apply, divide, rebuild
from stromal.models.meaning import Meaning
from stromal.models.model import Event, Model, symbol
from stromal.models.odes import Overdue
from stromal.models.resolve import Values


@dataclass(frozen=True, slots=True)
class Jump:
    """States set at a time; all values are taken before any is set."""

    name: str
    time: sympy.Expr
    updates: Mapping[str, sympy.Expr]
    overdue: Overdue

    @property
    def all(self) -> tuple[sympy.Expr, ...]:
        """Every expression of the jump."""
        return (self.time, *self.updates.values())


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
    >>> derive_odes(read_model("x = 1; x' = -x; at time >= 2: x = x + 3;")).changes
    (Change(time=2, updates=((0, x + 3),), overdue=<Overdue.NEVER: 'never'>),)
    """
    groups: dict[tuple[sympy.Expr, Overdue], list[Event]] = {}
    together: dict[sympy.Expr, list[Event]] = {}
    for event in model.events:
        time = rebuild(event.time, values)
        if time is not sympy.oo:
            groups.setdefault((time, event.overdue), []).append(event)
            together.setdefault(time, []).append(event)
    issues = [issue for events in together.values() for issue in _disordered(model, events)]
    if issues:
        raise InvalidInput(issues)
    return tuple(
        Jump(
            " and ".join(event.name for event in events),
            time,
            _updates(
                {name: rebuild(v, values) for event in events for name, v in event.assignments},
                meaning,
                values,
            ),
            overdue,
        )
        for (time, overdue), events in groups.items()
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
