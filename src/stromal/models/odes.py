"""What is integrated: ordinary differential equations, what can be read off them, and jumps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import sympy

from stromal.frozen import freeze
from stromal.models.sending import reduce_exactly

TIME = sympy.Symbol("time", real=True)


class Overdue(StrEnum):
    """What becomes of a change whose time is not after the start of the run."""

    NEVER = "never"  # neither before the start nor at it
    AT_START = "at start"  # at the start it is made, before it was made
    CAUGHT_UP = "caught up"  # it is made at the start


@dataclass(frozen=True, slots=True)
class Change:
    """A change that a model itself makes at a fixed time.

    `time` is an expression of parameters. `updates` are pairs of a state's index and its new value,
    an expression of states, parameters and TIME; all values are taken before any is set.
    """

    time: sympy.Expr
    updates: tuple[tuple[int, sympy.Expr], ...]
    overdue: Overdue = Overdue.AT_START


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

    def __reduce__(self) -> tuple[Any, ...]:
        return reduce_exactly(self)
