"""Definitions that rest on each other, written out in the order of their dependence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import TypeAlias

import sympy

from stromal.errors import InvalidInput, Issue
from stromal.models.arithmetic import rebuild
from stromal.models.model import RATE_OF
from stromal.models.odes import TIME
from stromal.models.shared import Shared, Size, share

Key: TypeAlias = sympy.Basic  # the symbol of a name, or RATE_OF of one
Values: TypeAlias = dict[Key, sympy.Basic]


@dataclass(frozen=True, slots=True)
class Definition:
    """What a name stands for. `own`: its symbol inside is a state or parameter, not itself."""

    math: sympy.Basic
    own: bool = False


def find_needs(expression: sympy.Basic) -> set[Key]:
    """Names, and rates of names, that an expression speaks of.

    Examples
    --------
    >>> x, y = sympy.symbols("x y", real=True)
    >>> sorted(map(str, find_needs(x + TIME * RATE_OF(y))))
    ['rateOf(y)', 'x']
    """
    seen: set[sympy.Basic] = set()
    found: set[Key] = set()
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if part in seen:
            continue
        seen.add(part)
        if _is_key(part):
            found.add(part)
        elif isinstance(part, Shared):
            found |= part.free_symbols - {TIME}
        else:
            waiting.extend(part.args)
    return found


def _is_key(part: sympy.Basic) -> bool:
    return bool(part.func == RATE_OF or (part.is_Symbol and part != TIME))


def resolve(
    wanted: Iterable[Key],
    define: Callable[[Key], Definition],
    known: Values,
    settle: Callable[[Key, sympy.Basic], sympy.Basic] = lambda _, value: value,
) -> Values:
    """Values of the wanted keys and of all that they rest on, added to those already known.

    Raises
    ------
    InvalidInput
        Definitions go round in a circle.

    Examples
    --------
    >>> x, y = sympy.symbols("x y", real=True)
    >>> rules = {x: Definition(x, own=True), y: Definition(2 * x)}
    >>> resolve([y], rules.__getitem__, {})[y]
    2*x
    """
    definitions: dict[Key, Definition] = {}
    graph: dict[Key, set[Key]] = {}
    open_keys = [key for key in wanted if key not in known]
    while open_keys:
        key = open_keys.pop()
        if key in definitions:
            continue
        definition = definitions[key] = define(key)
        needs = find_needs(definition.math) - ({key} if definition.own else set())
        graph[key] = {need for need in needs if need not in known}
        open_keys.extend(graph[key])
    values, done = dict(known), dict[sympy.Basic, sympy.Basic]()
    sizes: dict[sympy.Basic, Size] = {}
    for key in _in_order(graph):
        definition = definitions[key]
        # a name that stands for itself inside means something else there than in all others
        value = rebuild(definition.math, values, None if definition.own else done)
        values[key] = settle(key, share(value, str(key), sizes))
    return values


def _in_order(graph: dict[Key, set[Key]]) -> list[Key]:
    ordered = {key: sorted(needs, key=str) for key, needs in graph.items()}
    try:
        return list(TopologicalSorter(ordered).static_order())
    except CycleError as error:
        ring = " -> ".join(str(key) for key in reversed(error.args[1]))
        raise InvalidInput(
            [
                Issue(
                    f"definitions go round in a circle: {ring}",
                    hint="give one of them a value, or a rate rule instead of an assignment",
                )
            ]
        ) from error
