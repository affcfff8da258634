"""Infusions: a hidden parameter for each dosed state, which adds to its rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import sympy
from numpy.typing import NDArray

from stromal.models.odes import Odes

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


def input_name(state: str) -> str:
    """Name of the hidden parameter that is the sum of all infusions into a state.

    It holds a blank, so that no name of a model is equal to it.

    Examples
    --------
    >>> input_name("drug")
    'input of drug'
    """
    return f"input of {state}"


def with_inputs(odes: Odes, dosed: Sequence[str]) -> Odes:
    """Add an input to the rate of each dosed state: amount per time, zero without infusions.

    Parameters
    ----------
    odes
        The equations of a model.
    dosed
        Names of states that may be dosed.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> odes = Odes("decay", (x,), (-x,), (sympy.Integer(1),), (), (), {"x": x})
    >>> more = with_inputs(odes, ["x"])
    >>> more.rates[0], more.parameters
    (input of x - x, (input of x,))
    """
    inputs = {name: sympy.Symbol(input_name(name), real=True) for name in dosed}
    rates = tuple(
        rate + inputs[state.name] if state.name in inputs else rate
        for state, rate in zip(odes.states, odes.rates, strict=True)
    )
    return replace(
        odes,
        rates=rates,
        parameters=(*odes.parameters, *inputs.values()),
        defaults=(*odes.defaults, *(0.0 for _ in inputs)),
    )


def add_up(
    group: Places, start: Floats, end: Floats, rate: Floats
) -> tuple[Places, Floats, Floats]:
    """Add up infusions that overlap: the whole rate of each group, from each time on.

    Each sum is taken anew of the infusions that run at that time, so that no rounding is left
    behind by those that have ended: after the last one it is exactly zero.

    Parameters
    ----------
    group
        What each infusion goes into, (D,).
    start, end, rate
        When it runs, `start` included and `end` not, and its amount per time, (D,) each.

    Returns
    -------
    group, time, rate
        One row for each time at which an infusion of the group begins or ends, sorted by group.

    Examples
    --------
    >>> zeros = np.zeros(2, np.int64)
    >>> starts, ends = np.array([0.0, 1.0]), np.array([3.0, 2.0])
    >>> _, times, rates = add_up(zeros, starts, ends, np.array([0.1, 0.2]))
    >>> times.tolist(), rates.round(12).tolist()
    ([0.0, 1.0, 2.0, 3.0], [0.1, 0.3, 0.1, 0.0])
    """
    order = np.lexsort((end, start, group))
    group, start, end, rate = group[order], start[order], end[order], rate[order]
    groups = np.concatenate([group, group])
    times = np.concatenate([start, end])
    own = np.concatenate([np.arange(group.size)] * 2)
    # starts are sorted: where no infusion meets the one `reach` places on, none meets one beyond
    reach = 0
    while reach + 1 < group.size:
        ahead = reach + 1
        meets = (group[ahead:] == group[:-ahead]) & (start[ahead:] <= end[:-ahead])
        if not meets.any():
            break
        reach = ahead
    sums = np.zeros(times.size)
    for shift in range(-reach, reach + 1):
        other = np.clip(own + shift, 0, max(group.size - 1, 0))
        runs = (own + shift == other) & (group[other] == groups)
        runs &= (start[other] <= times) & (times < end[other])
        sums += np.where(runs, rate[other], 0.0)
    order = np.lexsort((times, groups))
    groups, times, sums = groups[order], times[order], sums[order]
    fresh = np.ones(groups.size, np.bool_)
    fresh[1:] = (groups[1:] != groups[:-1]) | (times[1:] != times[:-1])
    return groups[fresh], times[fresh], sums[fresh]
