"""Forward sensitivities: the same equations with the derivatives of their states added.

The sensitivity S = dy/dp of the states y to a number p follows S' = J S + df/dp, where J is the
Jacobian of the rates f, from S(0) = dy(0)/dp [dickinson1976]. A change y -> g(y, p, t) at the time
T(p) takes S to dg/dy S + dg/dp + (dg/dy f + dg/dt - f(g)) dT/dp [rozenvasser1967]; where rates
switch at such a time, S jumps (`boundaries`). What comes out is an Odes like any other, so that it
is compiled and solved like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import sympy
from sympy.core.relational import Relational

from stromal.errors import InvalidInput, Issue
from stromal.frozen import freeze
from stromal.kernels.boundaries import Boundary, can_follow, find_boundaries, find_entangled
from stromal.models.odes import TIME, Change, Odes, Switch
from stromal.models.shared import substitute
from stromal.models.slopes import differentiate

Expressions = Sequence[sympy.Expr]


def sensitivity_name(of: str, to: str) -> str:
    """Name of the derivative of an output or a state to a parameter or an initial state.

    Examples
    --------
    >>> sensitivity_name("ANC", "k_death")
    'd(ANC)/d(k_death)'
    """
    return f"d({of})/d({to})"


def derive_sensitivities(odes: Odes, to: Sequence[str]) -> Odes:
    """The equations with the sensitivities of their states and outputs added.

    Parameters
    ----------
    odes
        What is integrated.
    to
        Names of parameters, or of states for sensitivities to their initial values.

    Returns
    -------
    Odes
        States `d(x)/d(p)` after the states x, p by p; outputs `d(o)/d(p)` beside the outputs o. A
        dose adds to a state and leaves its sensitivities as they are; a jump that multiplies a
        state must multiply its sensitivities too, which `solve` does (`scaled_together`).

    Raises
    ------
    InvalidInput
        A name is neither a parameter nor a state.

    Examples
    --------
    >>> x, k = sympy.symbols("x k", real=True)
    >>> decay = Odes("decay", (x,), (-k * x,), (sympy.Integer(1),), (k,), (0.5,), {"x": x})
    >>> both = derive_sensitivities(decay, ["k"])
    >>> both.states, both.rates[1]
    ((x, d(x)/d(k)), -d(x)/d(k)*k - x)
    """
    _check(odes, to)
    every = [_Sensitivity(odes, name) for name in to]
    _refuse_unfollowed(every)
    outputs = dict(odes.outputs)
    for name in to:
        outputs |= {
            sensitivity_name(output, name): _Sensitivity(odes, name).of(expression)
            for output, expression in odes.outputs.items()
        }
    return Odes(
        name=odes.name,
        states=(*odes.states, *(state for one in every for state in one.states)),
        rates=(*odes.rates, *(rate for one in every for rate in one.rates())),
        initial=(*odes.initial, *(value for one in every for value in one.initial())),
        parameters=odes.parameters,
        defaults=odes.defaults,
        outputs=freeze(outputs),
        changes=(
            *(_widen(odes, change, every) for change in odes.changes),
            *_jump_at_switches(odes, every),
        ),
        volumes=odes.volumes,
        known=odes.known,
        switches=odes.switches,
    )


def scaled_together(odes: Odes, to: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """For each state, the sensitivities that a jump which multiplies it multiplies too."""
    return {
        state.name: tuple(sensitivity_name(state.name, name) for name in to)
        for state in odes.states
    }


def deciding_parameters(odes: Odes, to: Sequence[str]) -> frozenset[str]:
    """Parameters that decide when something happens whose time sensitivities follow.

    A run may not change them: what they then bring about comes with the change, which does not
    move.
    """
    every = [_Sensitivity(odes, name) for name in to]
    names = {each.name for each in odes.parameters}
    found = {
        symbol.name
        for one in every
        for switch in one.followed_switches()
        for symbol in switch.of.free_symbols
    }
    return frozenset(found & names)


class _Sensitivity:
    """Sensitivities of every state to one parameter or one initial state."""

    def __init__(self, odes: Odes, name: str) -> None:
        self.odes = odes
        self.name = name
        parameters = {parameter.name: parameter for parameter in odes.parameters}
        self.parameter: sympy.Symbol | None = parameters.get(name)
        self.states = tuple(
            sympy.Symbol(sensitivity_name(state.name, name), real=True) for state in odes.states
        )

    def of(self, expression: sympy.Expr) -> sympy.Expr:
        """Derivative of an expression of states and parameters along the solution."""
        free = expression.free_symbols
        chain = [
            differentiate(expression, state) * own
            for state, own in zip(self.odes.states, self.states, strict=True)
            if state in free
        ]
        return sympy.Add(*chain, self._direct(expression))

    def rates(self) -> tuple[sympy.Expr, ...]:
        return tuple(self.of(rate) for rate in self.odes.rates)

    def initial(self) -> tuple[sympy.Expr, ...]:
        if self.parameter is None:
            return tuple(sympy.Integer(int(state.name == self.name)) for state in self.odes.states)
        return tuple(self._direct(value) for value in self.odes.initial)

    def after(self, change: Change, values: Expressions) -> tuple[sympy.Expr, ...]:
        """New sensitivities at a change that gives the states new values."""
        moved = self.moves(change)
        along = [self.of(value) for value in values]
        if moved != 0:
            slipped = _slips(self.odes, values)
            along = [value + slip * moved for value, slip in zip(along, slipped, strict=True)]
        return tuple(along)

    def moves(self, change: Change) -> sympy.Expr:
        """How the time of a change moves with the parameter: -(du/dp)/(du/dt) where u = 0."""
        decided = self._deciding(change.when)
        if not any(self.shifts(switch) for switch in decided):
            return sympy.Integer(0)
        (switch,) = decided
        return self.slides(switch.of.lhs - switch.of.rhs)

    def slides(self, gap: sympy.Expr) -> sympy.Expr:
        """How the time at which an expression is zero moves with the parameter."""
        return -self.of(gap) / differentiate(gap, TIME)

    def followed_switches(self) -> list[Switch]:
        """Switches of rates and of changes whose times move with the parameter."""
        when = [part for change in self.odes.changes for part in change.when]
        own = [switch for switch in self._deciding(when) if self.shifts(switch)]
        return [*own, *self.moving_switches()]

    def moving_switches(self) -> list[Switch]:
        """Switches in rates whose times move with the parameter."""
        return [switch for switch in self._deciding(self.odes.rates) if self.shifts(switch)]

    def shifts(self, switch: Switch) -> bool:
        """Whether the times of a switch depend on the parameter."""
        inside = self._deciding([switch.of])
        return self._varies(switch.of) or any(self._varies(each.of) for each in inside)

    def _varies(self, expression: sympy.Basic) -> bool:
        names = expression.free_symbols
        return self.parameter in names or bool(names & self._shifted)

    def check_times(self) -> Iterator[str]:
        """Names of what happens at times whose movement cannot be followed."""
        for change in self.odes.changes:
            decided = self._deciding(change.when)
            delayed = change.delay is not None and self._varies(change.delay)
            moved = any(self.shifts(each) for each in decided)
            followed = len(decided) == 1 and change.delay is None
            if delayed or (moved and not (followed and isinstance(decided[0].of, Relational))):
                yield f"event {change.name}"
        moving = self.moving_switches()
        simple = [switch for switch in moving if can_follow(switch, self.odes)]
        yield from (f"the switch at {each.of}" for each in moving if each not in simple)
        yield from find_entangled(self.odes, find_boundaries(simple))
        for switch in self._deciding(self.odes.initial):
            if self.shifts(switch):
                yield f"the switch at {switch.of}"

    def _deciding(self, expressions: Sequence[sympy.Basic]) -> list[Switch]:
        """Switches that expressions speak of, directly or through others."""
        wanted = frozenset().union(*(each.free_symbols for each in expressions))
        found = []
        for switch in reversed(self.odes.switches):
            if switch.symbol in wanted:
                found.append(switch)
                wanted |= switch.of.free_symbols
        return found

    @cached_property
    def _shifted(self) -> frozenset[sympy.Symbol]:
        """Known states that may depend on the parameter."""
        found: set[sympy.Symbol] = set()
        known = [state for state in self.odes.states if state.name in self.odes.known]
        for state, first in zip(self.odes.states, self.odes.initial, strict=True):
            if state in known and (state.name == self.name or self.parameter in first.free_symbols):
                found.add(state)
        while True:
            speaks = found | {TIME, self.parameter}
            more = {
                self.odes.states[index]
                for change in self.odes.changes
                for index, value in change.updates
                if self.odes.states[index] in known and value.free_symbols & speaks
            }
            if more <= found:
                return frozenset(found)
            found |= more

    def _direct(self, expression: sympy.Expr) -> sympy.Expr:
        if self.parameter is None:
            return sympy.Integer(0)
        return differentiate(expression, self.parameter)


def _slips(odes: Odes, values: Expressions) -> list[sympy.Expr]:
    """How the states after a change move with its time: dg/dy f + dg/dt - f(g)."""
    after = dict(zip(odes.states, values, strict=True))
    flow = list(zip(odes.states, odes.rates, strict=True))
    return [
        sympy.Add(
            differentiate(value, TIME),
            *(differentiate(value, state) * rate for state, rate in flow),
        )
        - substitute(rate_after, after)
        for value, rate_after in zip(values, odes.rates, strict=True)
    ]


def _widen(odes: Odes, change: Change, every: Sequence[_Sensitivity]) -> Change:
    """A change with the sensitivities it sets; those that stay as they are are left out."""
    given = dict(change.updates)
    values = [given.get(index, state) for index, state in enumerate(odes.states)]
    size = len(odes.states)
    updates = list(change.updates)
    for number, one in enumerate(every, start=1):
        after = one.after(change, values)
        updates += [
            (number * size + index, value)
            for index, (value, state) in enumerate(zip(after, one.states, strict=True))
            if value != state
        ]
    return replace(change, updates=tuple(updates))


def _jump_at_switches(odes: Odes, every: Sequence[_Sensitivity]) -> Iterator[Change]:
    """Changes of sensitivities where rates switch at a time that moves.

    They come before the model's own changes at the same instant, which begin from the new rates.
    """
    moving = {switch.symbol: switch for one in every for switch in one.moving_switches()}
    first = sympy.Integer(10**9) if odes.changes else None
    for boundary in find_boundaries(list(moving.values())):
        for trigger, upwards in boundary.crossings:
            updates = [
                (number * len(odes.states) + index, state + jump)
                for number, one in enumerate(every, start=1)
                for index, (state, jump) in enumerate(
                    zip(one.states, _jumps(odes, one, boundary, upwards=upwards), strict=True)
                )
                if jump != 0
            ]
            if updates:
                name = f"switch at {boundary.gap} = 0"
                yield Change(trigger, tuple(updates), priority=first, early=False, name=name)


def _jumps(odes: Odes, one: _Sensitivity, boundary: Boundary, *, upwards: bool) -> list[sympy.Expr]:
    """By how much sensitivities to one parameter jump where the boundary is crossed."""
    moved = one.slides(boundary.gap)
    before = boundary.rates(odes.rates, above=not upwards)
    after = boundary.rates(odes.rates, above=upwards)
    return [(old - new) * moved for old, new in zip(before, after, strict=True)]


def _refuse_unfollowed(every: Sequence[_Sensitivity]) -> None:
    issues = [
        Issue(
            f"the time of {what} depends on `{one.name}`, and how is not followed",
            column="sensitivities",
            hint=f"leave `{one.name}` out, or compare runs with two of its values",
        )
        for one in every
        for what in one.check_times()
    ]
    if issues:
        raise InvalidInput(issues)


def _check(odes: Odes, to: Sequence[str]) -> None:
    known = {symbol.name for symbol in (*odes.parameters, *odes.states)}
    hint = "sensitivities are to parameters, or to states for their initial values"
    issues = [
        Issue(f"{name} is neither a parameter nor a state of {odes.name}", hint=hint)
        for name in to
        if name not in known
    ]
    issues += [
        Issue(f"{name} is asked for twice", hint="name each parameter once")
        for name in sorted({name for name in to if list(to).count(name) > 1})
    ]
    if issues:
        raise InvalidInput(issues)
