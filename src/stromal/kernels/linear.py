"""Parameters that change linearly in time between visits: two hidden parameters for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sympy

from stromal.frozen import freeze
from stromal.models.odes import TIME, Odes


def slope_of(parameter: str) -> str:
    """Name of the hidden parameter that is how fast a covariate changes.

    Examples
    --------
    >>> slope_of("weight")
    'slope of weight'
    """
    return f"slope of {parameter}"


def visit_of(parameter: str) -> str:
    """Name of the hidden parameter that is the time at which a covariate was last set.

    Examples
    --------
    >>> visit_of("weight")
    'visit of weight'
    """
    return f"visit of {parameter}"


def hidden_names(covariates: Sequence[str]) -> tuple[str, ...]:
    """Names of all hidden parameters of some covariates.

    Examples
    --------
    >>> hidden_names(["weight"])
    ('slope of weight', 'visit of weight')
    """
    return tuple(name(each) for each in covariates for name in (slope_of, visit_of))


def with_slopes_in_time(odes: Odes, covariates: Sequence[str]) -> Odes:
    """Write each covariate p as `p + slope * (time - visit)`: linear from its last visit on.

    Initial values keep p, which a run sets to its value at the start. With a slope of zero, all is
    as it was.

    Parameters
    ----------
    odes
        The equations of a model.
    covariates
        Names of parameters.

    Examples
    --------
    >>> x, p = sympy.symbols("x p", real=True)
    >>> odes = Odes("decay", (x,), (-p * x,), (sympy.Integer(1),), (p,), (0.5,), {"x": x})
    >>> with_slopes_in_time(odes, ["p"]).rates[0]
    -x*(p + slope of p*(time - visit of p))
    """
    if not covariates:
        return odes
    hidden = {name: sympy.Symbol(name, real=True) for name in hidden_names(covariates)}
    written = {
        symbol: symbol + hidden[slope_of(symbol.name)] * (TIME - hidden[visit_of(symbol.name)])
        for symbol in odes.parameters
        if symbol.name in covariates
    }

    def write(expression: Any) -> Any:  # noqa: ANN401 - of whatever kind it was
        return expression.xreplace(written)

    return replace(
        odes,
        rates=tuple(map(write, odes.rates)),
        outputs=freeze({name: write(value) for name, value in odes.outputs.items()}),
        changes=tuple(
            replace(
                change,
                trigger=write(change.trigger),
                delay=None if change.delay is None else write(change.delay),
                priority=None if change.priority is None else write(change.priority),
                updates=tuple((index, write(value)) for index, value in change.updates),
            )
            for change in odes.changes
        ),
        parameters=(*odes.parameters, *hidden.values()),
        defaults=(*odes.defaults, *(0.0 for _ in hidden)),
    )
