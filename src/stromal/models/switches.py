"""Conditions on time made hidden parameters, which are constant between times that are known."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import ClassVar

import sympy
from sympy.core.relational import Relational

from stromal.frozen import freeze
from stromal.models.arithmetic import Piecewise, remake
from stromal.models.crossings import find_crossings
from stromal.models.odes import TIME, Odes, Switch
from stromal.models.shared import find_shared, share, substitute, walk

_ZERO, _HALF = sympy.Integer(0), sympy.Rational(1, 2)


@dataclass(frozen=True, slots=True)
class Split:
    """Equations whose conditions on time are switches, and conditions that could not be made one.

    `open` are relations and steps of time alone whose times cannot be worked out; they are looked
    at by the solver, which may step over them.
    """

    odes: Odes
    open: tuple[sympy.Basic, ...]

    def describe_open(self, outputs: Collection[str] | None = None) -> tuple[str, ...]:
        """Return open conditions in words: those of rates, of changes, and of the outputs."""
        odes = self.odes
        seen: list[sympy.Basic] = [
            value for name, value in odes.outputs.items() if outputs is None or name in outputs
        ]
        seen += [*odes.rates, *(value for each in odes.changes for _, value in each.updates)]
        inside: set[sympy.Basic] = set()
        for value in (*(shared.content for shared in find_shared(seen)), *seen):
            inside |= {*walk(value, inside)}
        written = {switch.symbol: switch.of for switch in odes.switches}
        found = []
        for condition in self.open:
            if condition in inside:
                while condition.free_symbols & written.keys():
                    condition = substitute(condition, written)  # noqa: PLW2901 - written out
                found.append(str(condition).replace("**", "^"))
        return tuple(found)


def split_times(odes: Odes) -> Split:
    """The equations with every condition on time, constants and parameters a hidden parameter.

    Between two changes of a switch all rates are smooth in time. `floor`, `ceiling`, remainders,
    `max`, `min`, `abs` and `sign` of time become switches too.

    Examples
    --------
    >>> from stromal.models.derive import derive_odes
    >>> from stromal.models.parse import read_model
    >>> odes = derive_odes(read_model("x = 0; x' = piecewise(1, time >= 2, 0)"))
    >>> split = split_times(odes)
    >>> split.odes.rates, split.odes.switches[0].of
    ((Piecewise((1, switch 1 > 1/2), (0, True)),), time >= 2)
    """
    states = {state for state in odes.states if state.name not in odes.known}
    making = _Making(frozenset(states))
    whole = replace(
        odes,
        rates=tuple(map(making.split, odes.rates)),
        outputs=freeze({name: making.split(value) for name, value in odes.outputs.items()}),
        changes=tuple(
            replace(
                change,
                trigger=making.split(change.trigger),
                delay=None if change.delay is None else making.split(change.delay),
                priority=None if change.priority is None else making.split(change.priority),
                updates=tuple((index, making.split(value)) for index, value in change.updates),
            )
            for change in odes.changes
        ),
    )
    switches = tuple(making.switches.values())
    return Split(replace(whole, switches=switches), tuple(dict.fromkeys(making.open)))


@dataclass(slots=True)
class _Making:
    """Switches as they are found, by what they are of; equal conditions share one."""

    states: frozenset[sympy.Symbol]
    switches: dict[sympy.Basic, Switch] = field(default_factory=dict)
    open: list[sympy.Basic] = field(default_factory=list)
    done: dict[sympy.Basic, sympy.Basic] = field(default_factory=dict)

    def split(self, expression: sympy.Basic) -> sympy.Basic:
        """The expression with its conditions on time replaced, the innermost first."""
        for each in find_shared([expression], self.done):
            content = self._split(each.content)
            self.done[each] = each if content == each.content else share(content, each.name)
        return self._split(expression)

    def _split(self, expression: sympy.Basic) -> sympy.Basic:
        if expression in self.done:
            return self.done[expression]
        if not expression.args or TIME not in expression.free_symbols:
            return expression
        parts = tuple(self._split(part) for part in expression.args)
        made = expression if parts == expression.args else _with_parts(expression, parts)
        self.done[expression] = self._replace(made)
        return self.done[expression]

    def _replace(self, node: sympy.Basic) -> sympy.Basic:
        names = node.free_symbols
        if TIME not in names or names & self.states:
            return node
        for kind, make in self._MADE:
            if isinstance(node, kind):
                return make(self, node)
        return node

    def _ceiling(self, node: sympy.Basic) -> sympy.Expr:
        return -self._floor(sympy.floor(-node.args[0], evaluate=False))

    def _remainder(self, node: sympy.Basic) -> sympy.Expr:
        top, bottom = node.args
        return top - bottom * self._floor(sympy.floor(top / bottom, evaluate=False))

    def _size(self, node: sympy.Basic) -> sympy.Expr:
        return self._choose(node.args[0], -node.args[0], sympy.Ge, _ZERO)

    def _sign(self, node: sympy.Basic) -> sympy.Expr:
        over = self._choose(sympy.Integer(1), _ZERO, sympy.Gt, _ZERO, node.args[0])
        return over - self._choose(sympy.Integer(1), _ZERO, sympy.Lt, _ZERO, node.args[0])

    def _extreme(self, node: sympy.Basic) -> sympy.Expr:
        relation = sympy.Ge if isinstance(node, sympy.Max) else sympy.Le
        first, *others = node.args
        for other in others:
            first = self._choose(first, other, relation, other)
        return first

    def _choose(
        self,
        yes: sympy.Expr,
        no: sympy.Expr,
        relation: type[Relational],
        limit: sympy.Expr,
        of: sympy.Expr | None = None,
    ) -> sympy.Expr:
        condition = relation(yes if of is None else of, limit, evaluate=False)
        if TIME in condition.free_symbols:
            condition = self._relation(condition)
        return Piecewise((yes, condition), (no, sympy.true))

    def _relation(self, node: Relational) -> sympy.Basic:
        symbol = self._switch(node, sympy.Add(node.lhs, sympy.Mul(-1, node.rhs)), None)
        return node if symbol is None else sympy.Gt(symbol, _HALF, evaluate=False)

    def _floor(self, node: sympy.floor) -> sympy.Basic:
        symbol = self._switch(node, node.args[0], sympy.Integer(1))
        return node if symbol is None else symbol

    def _switch(
        self, node: sympy.Basic, value: sympy.Expr, period: sympy.Expr | None
    ) -> sympy.Symbol | None:
        """The hidden parameter of a relation or a step; None where its times are not known."""
        if node not in self.switches:
            try:
                found = find_crossings(value, _ZERO, period)
            except RecursionError:  # undone through hundreds of assignments
                found = None
            if found is None:
                self.open.append(node)
                return None
            symbol = sympy.Symbol(f"switch {len(self.switches) + 1}", real=True)
            self.switches[node] = Switch(symbol, node, found)
        return self.switches[node].symbol

    _MADE: ClassVar[tuple[tuple[type, Callable[..., sympy.Basic]], ...]] = (
        (Relational, _relation),
        (sympy.floor, _floor),
        (sympy.ceiling, _ceiling),
        (sympy.Mod, _remainder),
        (sympy.Abs, _size),
        (sympy.sign, _sign),
        (sympy.Max, _extreme),
        (sympy.Min, _extreme),
    )


def _with_parts(node: sympy.Basic, parts: tuple[sympy.Basic, ...]) -> sympy.Basic:
    if isinstance(node, Relational):
        return node.func(*parts, evaluate=False)
    return remake(node.func, parts)
