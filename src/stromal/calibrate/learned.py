"""What a fit learned, parameter by parameter and in all, and what it did not."""

from __future__ import annotations

import numpy as np
import polars as pl

from stromal.calibrate.fit import Fit

INFORMED = 0.8
"""Ratio of spreads, after to before, below which something was learned."""


def report_learned(fit: Fit) -> pl.DataFrame:
    """Return one row per parameter: spread of the log factor before and after, and its middle.

    Returns
    -------
    DataFrame
        `name`, `prior_sd`, `middle` (factor), `posterior_sd`, `ratio`, `learned`; the
        least ratio first.
    """
    after = fit.posterior.shifts
    names = fit.posterior.names
    before = np.array([fit.spreads[name] for name in names])
    spread = after.std(axis=0, ddof=1)
    table = pl.DataFrame(
        {
            "name": names,
            "prior_sd": before,
            "middle": np.exp(np.median(after, axis=0)),
            "posterior_sd": spread,
            "ratio": spread / before,
        }
    )
    return table.with_columns(learned=pl.col("ratio") < INFORMED).sort("ratio", "name")


def sum_learned(fit: Fit) -> float:
    """Return how many parameters were learned in all: the sum of the parts of variance that went.

    One that became known counts 1, one whose spread was halved 0.75, one that stayed as it was 0.
    Data inform combinations of parameters, so that several of them share what one datum says.
    """
    ratio = report_learned(fit)["ratio"].to_numpy()
    return float(np.maximum(1.0 - ratio * ratio, 0.0).sum())
