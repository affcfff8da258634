"""Infusions: a hidden parameter for each dosed state, which adds to its rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sympy

from stromal.models.odes import Odes


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
