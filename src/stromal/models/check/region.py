"""Where states stay: which are never negative, which are held above zero, which have a ceiling.

A state is never negative when its rate at zero is not negative, whatever the others do in their own
regions; it is held above zero when its rate at zero is positive and it starts above. Ceilings and
floors other than zero are tried where a rate speaks of the distance to them, as in `1 - x`. Doses
and jumps from outside are taken to respect the regions, and constants to have their values (or to
stay between `low` and `high` where the parameter table gives them).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import sympy

from stromal.models.arithmetic import rebuild
from stromal.models.check.ranges import NEVER_NEGATIVE, Bounds, Range, exactly
from stromal.models.odes import Odes
from stromal.models.slopes import differentiate


@dataclass(frozen=True, slots=True)
class Region:
    """A box of states and constants, and the states that production holds above zero.

    `scale` is the size that a state is measured by: its start value, else the largest dose that the
    model itself gives, else 1.
    """

    box: Mapping[sympy.Symbol, Range]
    held: frozenset[sympy.Symbol]
    scale: Mapping[sympy.Symbol, float]
    _made: dict[float | None, Bounds] = field(default_factory=dict, compare=False, repr=False)

    @property
    def can_vanish(self) -> frozenset[sympy.Symbol]:
        """States that are never negative and that nothing is shown to hold above zero."""
        return frozenset(s for s in self.scale if self.box[s].low == 0 and s not in self.held)

    def bounds(self, slack: float = 0.0) -> Bounds:
        """The box for arithmetic; states that can vanish go `slack` of their scale below zero."""
        if slack not in self._made:
            self._made[slack] = self._bounds(slack)
        return self._made[slack]

    def _bounds(self, slack: float) -> Bounds:
        if slack == 0.0:
            return Bounds(self.box)
        loose = {
            state: replace(self.box[state], low=-slack * self.scale[state])
            for state in self.can_vanish
        }
        return Bounds({**self.box, **loose})

    def signs(self) -> Bounds:
        """The box without its ceilings, and without floors other than zero."""
        if None not in self._made:
            self._made[None] = self._signs()
        return self._made[None]

    def _signs(self) -> Bounds:
        signs = {
            state: Range(
                0.0 if self.box[state].low >= 0 else -math.inf, math.inf, state in self.held
            )
            for state in self.scale
        }
        return Bounds({**self.box, **signs})


def find_region(odes: Odes, constants: Mapping[str, Range] | None = None) -> Region:
    """The region that the states of a model stay in.

    Parameters
    ----------
    odes
        What is integrated.
    constants
        Ranges of parameters by name; a parameter without one has its default.

    Examples
    --------
    >>> from stromal.models.parse import read_model
    >>> from stromal.models.derive import derive_odes
    >>> odes = derive_odes(read_model("k = 2; x = 1; y = 0; x' = k - x; y' = k*x*(1 - y)"))
    >>> region = find_region(odes)
    >>> [(name, region.box[name].low, region.box[name].high) for name in odes.states]
    [(x, 0.0, 2.0), (y, 0.0, 1.0)]
    >>> region.held
    frozenset({x})
    """
    given = constants or {}
    box = {
        name: given.get(name.name, exactly(value))
        for name, value in zip(odes.parameters, odes.defaults, strict=True)
    }
    search = _Search(odes, box)
    lows, highs = search.find_sides()
    held = search.find_held(lows, highs)
    return Region({**box, **_sides(lows, highs, held)}, held, _scales(odes, search.start))


def _sides(
    lows: Mapping[sympy.Symbol, float],
    highs: Mapping[sympy.Symbol, float],
    held: frozenset[sympy.Symbol],
) -> dict[sympy.Symbol, Range]:
    return {name: Range(lows[name], highs[name], name in held) for name in lows}


def _scales(odes: Odes, start: Mapping[sympy.Symbol, float]) -> dict[sympy.Symbol, float]:
    sizes = {name: abs(value) for name, value in start.items()}
    values = dict(zip(odes.parameters, map(sympy.Float, odes.defaults), strict=True))
    values |= {name: sympy.Float(value) for name, value in start.items()}
    for change in odes.changes:
        for index, update in change.updates:
            size = _number(rebuild(update, values))
            name = odes.states[index]
            sizes[name] = max(sizes[name], abs(size) if math.isfinite(size) else 0.0)
    return {name: size if size > 0 and math.isfinite(size) else 1.0 for name, size in sizes.items()}


def _number(expression: sympy.Basic) -> float:
    try:
        return float(expression)
    except TypeError:
        return math.nan


@dataclass(frozen=True)
class _Search:
    """The equations, and the ranges of their constants."""

    odes: Odes
    constants: Mapping[sympy.Symbol, Range]

    @property
    def start(self) -> dict[sympy.Symbol, float]:
        """Start values, nan where they cannot be computed."""
        odes = self.odes
        values = dict(zip(odes.parameters, map(sympy.Float, odes.defaults), strict=True))
        return {
            name: _number(rebuild(first, values))
            for name, first in zip(odes.states, odes.initial, strict=True)
        }

    def find_sides(self) -> tuple[dict[sympy.Symbol, float], dict[sympy.Symbol, float]]:
        """Lowest and highest values of states: the tightest of the tried that hold together."""
        start = self.start
        lows, highs = {}, {}
        for name, rate in zip(self.odes.states, self.odes.rates, strict=True):
            tried = sorted({0.0, *self._marks(name, rate), *self._ceilings(name, rate)})
            lows[name] = [x for x in tried if 0 <= x <= start[name]] or [-math.inf]
            highs[name] = [math.inf, *(x for x in reversed(tried) if x >= max(start[name], 1e-12))]
        while self._pull_back(lows, highs):
            pass
        return (
            {name: tried[-1] for name, tried in lows.items()},
            {name: tried[-1] for name, tried in highs.items()},
        )

    def _pull_back(
        self, lows: dict[sympy.Symbol, list[float]], highs: dict[sympy.Symbol, list[float]]
    ) -> bool:
        """Give up sides that do not hold, and floors that leave no room; whether there were any."""
        changed, any_change = True, False
        while changed:
            changed = False
            box = self._box(lows, highs)
            for name, rate, side, sign in self._walls(lows, highs):
                wall = Bounds({**box, name: exactly(side[name][-1])})
                if sign * _toward(wall.of(rate), sign) < 0 or not self._jumps_stay(
                    name, box, side[name][-1], sign
                ):
                    side[name].pop()
                    if not side[name]:
                        side[name].append(-sign * math.inf)
                    changed = any_change = True
        for name, tried in lows.items():
            if tried[-1] == highs[name][-1]:
                tried.pop()
                if not tried:
                    tried.append(-math.inf)
                any_change = True
        return any_change

    def find_held(
        self, lows: Mapping[sympy.Symbol, float], highs: Mapping[sympy.Symbol, float]
    ) -> frozenset[sympy.Symbol]:
        """States that start above zero and whose production at zero is positive."""
        start = self.start
        held = frozenset(name for name in lows if lows[name] > 0)
        while True:
            box = {**self.constants, **_sides(lows, highs, held)}
            more = {
                name
                for name, rate in zip(self.odes.states, self.odes.rates, strict=True)
                if name not in held
                and lows[name] == 0
                and start[name] > 0
                and Bounds({**box, name: exactly(0.0)}).of(rate).is_positive
                and all(Bounds(box).of(update).is_positive for update in self._updates(name))
            }
            if not more:
                return held
            held = held | more

    def _marks(self, name: sympy.Symbol, rate: sympy.Expr) -> Iterator[float]:
        """Values that the rate of a state measures its distance to."""
        values = {
            constant: sympy.Float(value)
            for constant, value in zip(self.odes.parameters, self.odes.defaults, strict=True)
        }
        for term in rate.atoms(sympy.Add):
            if term.free_symbols - set(self.odes.parameters) != {name}:
                continue
            slope = differentiate(term, name)
            if name in slope.free_symbols:
                continue
            without = rebuild(term, {name: sympy.Integer(0)})
            root = _number(rebuild(-without / slope, values))
            if math.isfinite(root) and root > 0:
                yield root

    def _ceilings(self, name: sympy.Symbol, rate: sympy.Expr) -> Iterator[float]:
        """Where a loss in proportion to the state balances the most that can be produced."""
        loss = -differentiate(rate, name)
        if name in loss.free_symbols:
            return
        others = dict.fromkeys(self.odes.states, NEVER_NEGATIVE)
        bounds = Bounds({**self.constants, **others})
        made = rebuild(rate, {name: sympy.Integer(0)})
        least, most = bounds.of(loss).low, bounds.of(made).high
        if least > 0 and 0 < most < math.inf:
            yield most / least

    def _box(
        self, lows: Mapping[sympy.Symbol, list[float]], highs: Mapping[sympy.Symbol, list[float]]
    ) -> dict[sympy.Symbol, Range]:
        sides = {name: Range(lows[name][-1], highs[name][-1]) for name in lows}
        return {**self.constants, **sides}

    def _walls(
        self, lows: dict[sympy.Symbol, list[float]], highs: dict[sympy.Symbol, list[float]]
    ) -> Iterator[tuple[sympy.Symbol, sympy.Expr, dict[sympy.Symbol, list[float]], int]]:
        for name, rate in zip(self.odes.states, self.odes.rates, strict=True):
            for side, sign in ((lows, 1), (highs, -1)):
                if math.isfinite(side[name][-1]):
                    yield name, rate, side, sign

    def _updates(self, name: sympy.Symbol) -> Iterator[sympy.Expr]:
        for change in self.odes.changes:
            for index, update in change.updates:
                if self.odes.states[index] == name:
                    yield update

    def _jumps_stay(
        self, name: sympy.Symbol, box: Mapping[sympy.Symbol, Range], wall: float, sign: int
    ) -> bool:
        return all(
            sign * (_toward(Bounds(box).of(update), sign) - wall) >= 0
            for update in self._updates(name)
        )


def _toward(values: Range, sign: int) -> float:
    """The end of a range that lies furthest in the direction of a wall."""
    return values.low if sign > 0 else values.high
