"""Times at which rates switch and that move with a parameter: the sensitivities jump there.

Where the rates go from f to g at the time T(p), a sensitivity S jumps by (f - g) dT/dp, and
dT/dp = -(du/dp) / (du/dt) where u(t, p) = 0 is the boundary [rozenvasser1967].
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import sympy

from stromal.models.odes import TIME, Odes, Switch

_HALF = sympy.Rational(1, 2)
_BELOW = {sympy.Lt: 1, sympy.Le: 1, sympy.Gt: 0, sympy.Ge: 0}
"""Truth of a relation whose left side is below its right side; above it is the other one."""

_AT = (sympy.Lt, sympy.Ge)
"""Relations that have their new truth where the left side, as it rises, comes to the right side;
the others have it just after, and so where it falls the other way round."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where `gap` is zero: `below` it, the switches have these truths, and above it the others.

    `switch` is one of them, whose change says that the boundary is crossed: all of them change at
    zero as the gap rises (`at`), or all just after.
    """

    gap: sympy.Expr
    switch: sympy.Symbol
    at: bool
    below: tuple[tuple[sympy.Symbol, int], ...]

    @property
    def crossings(self) -> tuple[tuple[sympy.Basic, bool], ...]:
        """Conditions that become true where it is crossed, and whether that is upwards."""
        rises = not dict(self.below)[self.switch]
        over = sympy.Gt(self.switch, _HALF, evaluate=False)
        under = sympy.Lt(self.switch, _HALF, evaluate=False)
        return (over, rises), (under, not rises)

    def rates(self, rates: Sequence[sympy.Expr], *, above: bool) -> list[sympy.Expr]:
        """Rates on one side of it."""
        truths = {symbol: sympy.Integer(one ^ above) for symbol, one in self.below}
        return [rate.xreplace(truths) for rate in rates]


def can_follow(switch: Switch, odes: Odes) -> bool:
    """Whether a switch changes where an expression of time and parameters alone is zero.

    Examples
    --------
    >>> x, a = sympy.symbols("x a", real=True)
    >>> odes = Odes("decay", (x,), (-x,), (sympy.Integer(1),), (a,), (0.5,), {"x": x})
    >>> can_follow(Switch(sympy.Symbol("s"), sympy.Ge(TIME, a), ()), odes)
    True
    """
    names = {TIME, *odes.parameters}
    return type(switch.of) in _BELOW and switch.of.free_symbols <= names


def find_boundaries(switches: Sequence[Switch]) -> list[Boundary]:
    """Boundaries of switches that can be followed; gaps that are multiples of each other are one.

    Those that change at the boundary and those that change just after it are apart, for an event of
    the model may stand between them.

    Examples
    --------
    >>> a = sympy.Symbol("a", real=True)
    >>> on = Switch(sympy.Symbol("on"), sympy.Ge(TIME, a), ())
    >>> off = Switch(sympy.Symbol("off"), sympy.Ge(2 * a, 2 * TIME, evaluate=False), ())
    >>> [boundary.below for boundary in find_boundaries([on, off])]
    [((on, 0),), ((off, 0),)]
    """
    found: list[Boundary] = []
    for switch in switches:
        gap, below = switch.of.lhs - switch.of.rhs, _BELOW[type(switch.of)]
        at = isinstance(switch.of, _AT)
        for place, other in enumerate(found):
            times = sympy.cancel(gap / other.gap)
            if times.is_number and other.at == at ^ bool(times < 0):
                own = (switch.symbol, below ^ bool(times < 0))
                found[place] = replace(other, below=(*other.below, own))
                break
        else:
            found.append(Boundary(gap, switch.symbol, at, ((switch.symbol, below),)))
    return found


def find_entangled(odes: Odes, boundaries: Sequence[Boundary]) -> Iterator[str]:
    """Pairs of boundaries that always meet, in words, where a rate is no sum of what each switches.

    Both have changed when the first is looked at, so that its own part cannot be told.
    """
    for one, other in combinations(boundaries, 2):
        apart = sympy.cancel(one.gap / other.gap).is_number  # one changes just after the other
        if apart or TIME not in sympy.gcd(one.gap, other.gap).free_symbols:
            continue
        both = [one.rates(other.rates(odes.rates, above=up), above=up) for up in (True, False)]
        mixed = [one.rates(other.rates(odes.rates, above=up), above=not up) for up in (True, False)]
        sums = zip(*both, *mixed, strict=True)
        if any(sympy.expand(high + low - left - right) != 0 for high, low, left, right in sums):
            yield f"the switches at {one.gap} = 0 and {other.gap} = 0"
