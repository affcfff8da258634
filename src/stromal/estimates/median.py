"""Median, quartiles and range of a number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

MEDIAN_SOURCES = ("hyndman1996",)
METHOD = "median, quartiles by linear interpolation (type 7)"
_BEYOND = 1e300
"""An open end: beyond every number, and finite so that sums of two are."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, quartiles and range of `n` numbers; None where there are none or limits decide."""

    median: float | None
    lower_quartile: float | None
    upper_quartile: float | None
    minimum: float | None
    maximum: float | None
    n: int
    method: str = METHOD
    sources: tuple[str, ...] = MEDIAN_SOURCES


def estimate_median(values: pl.Series, highest: pl.Series | None = None) -> Spread:
    """Return the median, the quartiles and the range of the numbers that are there.

    Quantiles are interpolated linearly between order statistics, which is type 7. [hyndman1996]
    Where some numbers are only known to lie between two ends, as below a limit of detection, a
    quantile is given if all numbers between the ends lead to the same one: quantiles only rise with
    each number, so that it is enough to compare both ends.

    Parameters
    ----------
    values
        Numbers in any unit; null and nan are left out, and `n` counts those that stay.
    highest
        The most that each number can be, `values` then being the least; null in either is an open
        end, and null in both a number that is left out.

    Returns
    -------
    Spread
        Median, quartiles, minimum and maximum, in the unit of the numbers; None without numbers,
        and where a number that is only known to lie between its ends would decide.

    Examples
    --------
    >>> spread = estimate_median(pl.Series([4.0, 1.0, None, 2.0, 9.0]))
    >>> spread.median, spread.minimum, spread.maximum, spread.n
    (3.0, 1.0, 9.0, 4)

    Platelets below 10, and of 45, 80 and 99:

    >>> spread = estimate_median(
    ...     pl.Series([0.0, 45.0, 80.0, 99.0]), pl.Series([10.0, 45.0, 80.0, 99.0])
    ... )
    >>> spread.median, spread.minimum, spread.maximum, spread.n
    (62.5, None, 99.0, 4)

    Witness: R median and quantile, tests/reference/median.
    """
    least = values.cast(pl.Float64).fill_nan(None)
    most = least if highest is None else highest.cast(pl.Float64).fill_nan(None)
    there = least.is_not_null() | most.is_not_null()
    least, most = least.filter(there), most.filter(there)
    if least.is_empty():
        return Spread(None, None, None, None, None, 0)
    low, high = _cut(least.fill_null(-_BEYOND)), _cut(most.fill_null(_BEYOND))
    cuts = (one if one == other else None for one, other in zip(low, high, strict=True))
    median, lower, upper, minimum, maximum = cuts
    bounded = not least.equals(most)
    method = f"{METHOD}, of numbers and limits" if bounded else METHOD
    return Spread(median, lower, upper, minimum, maximum, least.len(), method)


def _cut(numbers: pl.Series) -> list[float]:
    """Return median, quartiles, minimum and maximum of numbers without gaps."""
    return [float(cut) for cut in np.quantile(numbers.to_numpy(), [0.5, 0.25, 0.75, 0.0, 1.0])]
