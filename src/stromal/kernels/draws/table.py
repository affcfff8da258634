"""Distributions from a model's table of parameters."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from stromal.errors import InvalidInput, Issue, IssueList, join_words
from stromal.kernels.arguments import read_names
from stromal.kernels.draws.composed import Categorical, Truncated
from stromal.kernels.draws.continuous import Beta, Fixed, LogitNormal, LogNormal, Normal, Uniform
from stromal.kernels.draws.distribution import Distribution, NormalScale
from stromal.kernels.draws.levels import By, Levels
from stromal.likeness import find_similar
from stromal.models.parameters import CONFIDENCES, PARAMETERS, VARIATION_CHECKS, find_values


def derive_distributions(
    parameters: pl.DataFrame,
    species: str = "human",
    *,
    confidence: Iterable[str] | None = None,
    vary: Iterable[str] | None = None,
) -> dict[str, Distribution]:
    """Make the distributions of a table of parameters.

    Parameters
    ----------
    parameters
        As `read_parameters` gives them, without errors.
    species
        `human` or `mouse`: whose values are the medians (means, where normal or beta).
    confidence
        Parameters of these confidences vary, such as `["low", "medium"]`; all others keep their
        value. All vary if none are given.
    vary
        Names of the parameters that vary; all of them if none are given.

    Returns
    -------
    dict of distributions
        By the names of parameters, without those that are the same in every patient. They are given
        to a `Population`, and their names to `compile_kernel` as `vary`.

    Raises
    ------
    InvalidInput
        Unknown species, confidences and names; names that do not vary in the table; distributions
        that make no sense.

    Examples
    --------
    >>> rows = {"name": ["k", "r"], "value": [2.0, 1.0], "mouse": [5.0, None], "sd": [0.3, None]}
    >>> frame = pl.DataFrame(rows | {"distribution": ["lognormal", "fixed"]})
    >>> derive_distributions(PARAMETERS.conform(frame), "mouse")
    {'k': LogNormal(median=5.0, log_sd=0.3)}
    """
    given: object = parameters
    if not isinstance(given, pl.DataFrame):
        hint = "give the table that read_parameters returns"
        raise InvalidInput([Issue(f"parameters are {given!r}", hint=hint)])
    table = PARAMETERS.conform(given)
    found = IssueList()
    values = found.of(find_values, table, species)
    wanted = None if vary is None else found.of(read_names, vary, "vary")
    trusted = None if confidence is None else found.of(read_names, confidence, "confidence")
    found.stop()
    rows = {
        row["name"]: row
        for row in table.iter_rows(named=True)
        if row["distribution"] not in (None, "fixed") and row["name"] in values
    }
    issues = [
        Issue(f"{word!r} is no confidence", hint=f"give {join_words(CONFIDENCES, 'or')}")
        for word in trusted or ()
        if word not in CONFIDENCES
    ]
    for name in wanted or ():
        if name not in rows:
            near = find_similar(name, rows)
            told = "does not vary in the table" if name in values else "is not in the table"
            hint = f"did you mean `{near}`?" if near else "write how in `distribution`"
            issues.append(Issue(f"`{name}` {told}", column="vary", hint=hint))
    chosen = {
        name: row
        for name, row in rows.items()
        if (wanted is None or name in wanted) and (trusted is None or row["confidence"] in trusted)
    }
    issues += (
        Issue(f"`{name}`: {message}", column=column, hint=hint)
        for name, row in chosen.items()
        for check in VARIATION_CHECKS
        for message, column, hint in check(row)
    )
    if issues:
        raise InvalidInput(issues)
    return {name: _make(row, values[name]) for name, row in chosen.items()}


def _make(row: Mapping[str, Any], value: float) -> Distribution:
    """The distribution of one row, at its level."""
    kind, low, high = row["distribution"], row["low"], row["high"]
    sd = 0.0 if row["sd"] is None else row["sd"]
    made: Distribution
    match kind:
        case "lognormal" | "normal":
            made = LogNormal(value, sd) if kind == "lognormal" else Normal(value, sd)
        case "logitnormal":
            made = LogitNormal(
                value, sd, 0.0 if low is None else low, 1.0 if high is None else high
            )
        case "beta":
            # The variance of a beta distribution is mean (1 - mean) / (n + 1).
            made = Beta.by_mean(value, value * (1 - value) / sd**2 - 1)
        case "uniform":
            made = Uniform(low, high)
        case "two_values" if low == high:
            made = Fixed(low)
        case _:
            made = Categorical({low: 1 - row["share"], high: row["share"]})
    if row["level_sd"] is not None and isinstance(made, NormalScale):
        return Levels(made, {row["level"]: row["level_sd"]})
    if kind in ("lognormal", "normal", "beta") and (low is not None or high is not None):
        made = Truncated(
            made, -math.inf if low is None else low, math.inf if high is None else high
        )
    return made if row["level"] is None else By(row["level"], made)
