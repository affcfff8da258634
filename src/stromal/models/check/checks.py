"""All checks of a model, in the order in which they are told; `check_model` runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import polars as pl

from stromal.errors import Issue
from stromal.models.check.balance import check_units_balance
from stromal.models.check.domains import check_logarithms, check_powers
from stromal.models.check.kinks import check_kinks, check_switches_in_time
from stromal.models.check.names import check_look_alikes, check_names
from stromal.models.check.poles import (
    check_poles_below_zero,
    check_runaways,
    check_zero_denominators,
)
from stromal.models.check.provenance import check_rows, check_sources, check_values
from stromal.models.check.quantities import check_units_known
from stromal.models.check.set_once import check_set_once
from stromal.models.check.sizes import check_sizes
from stromal.models.check.subject import Subject
from stromal.models.check.unused import check_duplicates, check_paths, check_unused
from stromal.models.model import Model
from stromal.models.parameters import set_parameters

Check = Callable[[Subject], Iterator[Issue]]

CHECKS: tuple[Check, ...] = (
    check_values,
    check_rows,
    check_sources,
    check_names,
    check_look_alikes,
    check_unused,
    check_set_once,
    check_duplicates,
    check_paths,
    check_units_known,
    check_units_balance,
    check_sizes,
    check_logarithms,
    check_powers,
    check_zero_denominators,
    check_poles_below_zero,
    check_runaways,
    check_kinks,
    check_switches_in_time,
)


def check_model(
    model: Model, parameters: pl.DataFrame | None = None, outputs: tuple[str, ...] = ()
) -> tuple[Issue, ...]:
    """Every issue of a model, with its parameter table where it has one.

    Parameters
    ----------
    model
        As `read_model` gives it.
    parameters
        As `read_parameters` gives it; its values are set where the model's text has none.
    outputs
        What is wanted of the model; states without a path to any of them are told.

    Returns
    -------
    tuple of Issue
        In the order of `CHECKS`. Errors are wrong numbers or failures to come; warnings are what
        cannot be shown to be safe; notes are worth a look.

    Examples
    --------
    >>> from stromal.models.parse import read_model
    >>> issues = check_model(read_model("k = 1; x = 0; x' = -k*x^1.5"))
    >>> print(issues[-1])
    rate rule of x: x^(3/2) has no value where x is below 0, and nothing holds x above zero.
    hint: write (x^2 + 1e-9)^(h/2) for x^h, or max(x, 0)^h
    """
    written = Subject(model, parameters, outputs)
    whole = model if parameters is None else set_parameters(model, parameters)
    subject = replace(written, model=whole)
    told = check_rows(written)
    issues = [
        issue for check in CHECKS for issue in (told if check is check_rows else check(subject))
    ]
    return tuple(dict.fromkeys(issues))
