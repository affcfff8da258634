"""What is integrated: ordinary differential equations, what can be read off them, and jumps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy

from stromal.frozen import freeze
from stromal.models.sending import reduce_exactly

TIME = sympy.Symbol("time", real=True)


@dataclass(frozen=True, slots=True)
class Change:
    """A change that a model itself makes when its trigger becomes true.

    Parameters
    ----------
    trigger
        A condition of TIME, parameters and states that nothing but changes move.
    updates
        Pairs of a state's index and its new value, an expression of states, parameters and TIME;
        all values are taken before any is set.
    true_before
        Whether the trigger counts as true before the start, so that it does not become true where
        it is true at the start.
    delay
        Time from the trigger to the change; an expression as that of the trigger, or None.
    priority
        Of changes at one instant, those with a higher one come first; None comes last.
    persistent
        Whether the change is made although the trigger has become false before its time has come.
    early
        Whether new values are those of the moment of the trigger, not of the change.
    take
        Number of the change that keeps those values in states of their own, where it is needed.
    name
        Of the event, for messages.
    """

    trigger: sympy.Basic
    updates: tuple[tuple[int, sympy.Expr], ...]
    true_before: bool = True
    delay: sympy.Expr | None = None
    priority: sympy.Expr | None = None
    persistent: bool = True
    early: bool = True
    take: int | None = None
    name: str = ""

    @property
    def when(self) -> tuple[sympy.Basic, ...]:
        """Every expression that says when the change is made."""
        return tuple(part for part in (self.trigger, self.delay, self.priority) if part is not None)


@dataclass(frozen=True, slots=True)
class Switch:
    """A hidden parameter that is constant between known times.

    `of` is a relation, whose truth (1 or 0) it holds, or `floor(w)`, whose value it holds; the
    expressions inside speak of TIME, parameters, other switches, and states that only changes move.
    `crossings` say where the sides of the relation cross, or where w is a whole number.
    """

    symbol: sympy.Symbol
    of: sympy.Basic
    crossings: tuple[Crossing, ...]


@dataclass(frozen=True, slots=True)
class Crossing:
    """Times t with c0 + c1*t + c2*t^2 + ... = level + k*period, for every whole number k.

    Without a period, k is 0 only. Coefficients, level and period do not speak of TIME.
    """

    coefficients: tuple[sympy.Expr, ...]
    level: sympy.Expr
    period: sympy.Expr | None = None


@dataclass(frozen=True, slots=True)
class Odes:
    """dy/dt of states y under parameters p, and everything that can be read off them.

    `rates` and `outputs` are expressions of states, parameters and TIME with every assignment
    written out; `initial` are expressions of parameters. `outputs` has every name of the model that
    has a value over time; a species `S` is there as `S` (what S means in the model's own
    mathematics), `amount(S)` and `concentration(S)`. `volumes` names the compartments, whose sizes
    must be positive.

    Examples
    --------
    >>> x, k = sympy.symbols("x k", real=True)
    >>> decay = Odes("decay", (x,), (-k * x,), (sympy.Integer(1),), (k,), (0.5,), {"x": x})
    >>> decay.rates
    (-k*x,)
    """

    name: str
    states: tuple[sympy.Symbol, ...]
    rates: tuple[sympy.Expr, ...]
    initial: tuple[sympy.Expr, ...]
    parameters: tuple[sympy.Symbol, ...]
    defaults: tuple[float, ...]
    outputs: Mapping[str, sympy.Expr] = field(default_factory=lambda: freeze({}))
    changes: tuple[Change, ...] = ()
    volumes: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    switches: tuple[Switch, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return reduce_exactly(self)
