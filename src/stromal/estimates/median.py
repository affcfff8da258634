"""Median, quartiles and range of a number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

MEDIAN_SOURCES = ("hyndman1996",)


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, quartiles and range of `n` numbers; None where there are none."""

    median: float | None
    lower_quartile: float | None
    upper_quartile: float | None
    minimum: float | None
    maximum: float | None
    n: int
    method: str = "median, quartiles by linear interpolation (type 7)"
    sources: tuple[str, ...] = MEDIAN_SOURCES


def estimate_median(values: pl.Series) -> Spread:
    """Return the median, the quartiles and the range of the numbers that are there.

    Quantiles are interpolated linearly between order statistics, which is type 7. [hyndman1996]

    Parameters
    ----------
    values
        Numbers in any unit; null and nan are left out, and `n` counts those that stay.

    Returns
    -------
    Spread
        Median, quartiles, minimum and maximum, in the unit of the numbers; None without numbers.

    Examples
    --------
    >>> spread = estimate_median(pl.Series([4.0, 1.0, None, 2.0, 9.0]))
    >>> spread.median, spread.minimum, spread.maximum, spread.n
    (3.0, 1.0, 9.0, 4)

    Witness: R median and quantile, tests/reference/median.
    """
    numbers = values.cast(pl.Float64).fill_nan(None).drop_nulls().to_numpy()
    if not numbers.size:
        return Spread(None, None, None, None, None, 0)
    median, lower, upper, minimum, maximum = (
        float(cut) for cut in np.quantile(numbers, [0.5, 0.25, 0.75, 0.0, 1.0])
    )
    return Spread(median, lower, upper, minimum, maximum, numbers.size)
