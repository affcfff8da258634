"""How far a number of reconstructed patients depends on what a figure does not tell."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from stromal.errors import InvalidInput, Issue
from stromal.estimates.cox import COX_SOURCES, TIES_SOURCES, fit_cox
from stromal.estimates.kaplan_meier import estimate_survival, median_time, survival_at
from stromal.estimates.log_rank import compare_survival

Statistic = Callable[[pl.DataFrame], float | None]


@dataclass(frozen=True, slots=True)
class Repeated:
    """A number of reconstructed patients, and the interval of its repetitions.

    Parameters
    ----------
    value
        Of the patients as reconstructed; None where they do not define it.
    low, high
        Ends of the central interval of repetitions. It holds what digitising and unknown
        censorings do, and nothing of the chance of the patients themselves. An end is None where
        the repetitions there do not define the number.
    undefined
        Repetitions that do not define it.
    """

    value: float | None
    low: float | None
    high: float | None
    level: float
    repetitions: int
    undefined: int
    n: int
    method: str
    sources: tuple[str, ...] = ("guyot2012",)


def repeat_statistic(
    outcomes: pl.DataFrame,
    repetitions: Sequence[pl.DataFrame],
    statistic: Statistic,
    name: str,
    *,
    level: float = 0.95,
) -> Repeated:
    """Work a statistic out for patients as reconstructed and for every repetition.

    Parameters
    ----------
    outcomes
        As reconstructed: `day` [d], `status`.
    repetitions
        What `repeat_outcomes` gives, or several arms of it joined by `join_arms`.
    statistic
        From outcomes to a number, None where it is not defined: beyond every number, as a median
        that is not reached.
    name
        Of the statistic.
    level
        Of the interval.

    Examples
    --------
    >>> one = pl.DataFrame({"day": [1.0, 2.0], "status": [1, 0]})
    >>> found = repeat_statistic(one, [one, one], lambda table: table["day"].mean(), "mean day")
    >>> found.value, found.low, found.high
    (1.5, 1.5, 1.5)
    """
    values = [statistic(each) for each in repetitions]
    undefined = sum(value is None for value in values)
    numbers = np.array([math.inf if value is None else value for value in values])
    low = high = None
    if numbers.size:
        # Order statistics: between a number and infinity there is nothing to interpolate.
        ends = ((1 - level) / 2, (1 + level) / 2)
        low, high = (
            float(end) if math.isfinite(end) else None
            for end in np.quantile(numbers, ends, method="inverted_cdf")
        )
    return Repeated(
        statistic(outcomes),
        low,
        high,
        level,
        len(values),
        undefined,
        outcomes.height,
        f"{name}, reconstructed patients, interval of {len(values)} repetitions",
    )


def repeat_median(
    outcomes: pl.DataFrame, repetitions: Sequence[pl.DataFrame], *, level: float = 0.95
) -> Repeated:
    """Return the median time [d] with the interval of its repetitions.

    Examples
    --------
    >>> one = pl.DataFrame({"day": [1.0, 2.0, 3.0], "status": [1, 1, 0]})
    >>> repeat_median(one, [one]).value
    2.0
    """

    def median(table: pl.DataFrame) -> float | None:
        return median_time(estimate_survival(table)).value

    return repeat_statistic(outcomes, repetitions, median, "Kaplan-Meier median", level=level)


def repeat_survival(
    outcomes: pl.DataFrame, repetitions: Sequence[pl.DataFrame], day: float, *, level: float = 0.95
) -> Repeated:
    """Return the survival on a day [d] with the interval of its repetitions.

    Examples
    --------
    >>> one = pl.DataFrame({"day": [1.0, 2.0, 3.0, 4.0], "status": [1, 1, 0, 0]})
    >>> repeat_survival(one, [one], 3.0).value
    0.5
    """

    def survival(table: pl.DataFrame) -> float | None:
        return survival_at(estimate_survival(table), day).value

    return repeat_statistic(
        outcomes, repetitions, survival, f"Kaplan-Meier on day {day:g}", level=level
    )


def repeat_hazard_ratio(
    outcomes: pl.DataFrame,
    repetitions: Sequence[pl.DataFrame],
    reference: str,
    *,
    level: float = 0.95,
) -> Repeated:
    """Return Cox's hazard ratio of two arms with the interval of its repetitions.

    Parameters
    ----------
    outcomes, repetitions, level
        As of `repeat_statistic`, with a column `arm` of two names.
    reference
        The arm whose hazard the other's is divided by.

    Examples
    --------
    >>> one = pl.DataFrame({"day": [1.0, 2.0, 3.0, 4.0], "status": 1, "arm": ["a", "b", "a", "b"]})
    >>> round(repeat_hazard_ratio(one, [one], "b").value, 3)
    2.562
    """
    arms = sorted(set(outcomes["arm"]))
    if len(arms) != 2 or reference not in arms:
        hint = "give the outcomes of two arms, one of which is the reference"
        raise InvalidInput([Issue(f"arms {', '.join(arms)}, reference {reference}", hint=hint)])

    def ratio(table: pl.DataFrame) -> float | None:
        return _ratio(table, reference)

    found = repeat_statistic(outcomes, repetitions, ratio, "Cox's hazard ratio", level=level)
    return replace(found, sources=(*found.sources, *COX_SOURCES, *TIES_SOURCES["efron"]))


def repeat_log_rank(
    outcomes: pl.DataFrame, repetitions: Sequence[pl.DataFrame], *, level: float = 0.95
) -> Repeated:
    """Return P of the log-rank test between arms with the interval of its repetitions.

    Examples
    --------
    >>> one = pl.DataFrame({"day": [1.0, 2.0, 3.0, 4.0], "status": 1, "arm": ["a", "a", "b", "b"]})
    >>> round(repeat_log_rank(one, [one]).value, 4)
    0.0896
    """

    def test(table: pl.DataFrame) -> float | None:
        return compare_survival(table, table["arm"]).p_value

    return repeat_statistic(outcomes, repetitions, test, "P of the log-rank test", level=level)


def join_arms(*arms: Sequence[pl.DataFrame]) -> tuple[pl.DataFrame, ...]:
    """Join repetition r of each arm to one table of outcomes.

    Examples
    --------
    >>> one = pl.DataFrame({"day": [1.0], "status": [1], "arm": ["a"]})
    >>> join_arms([one, one], [one, one])[0].height
    2
    """
    return tuple(pl.concat(each) for each in zip(*arms, strict=True))


def _ratio(table: pl.DataFrame, reference: str) -> float | None:
    """Return the hazard ratio of the arm that is not the reference."""
    other = table.select((pl.col("arm") != reference).cast(pl.Int64).alias("other"))
    return fit_cox(table, other).effects[0].ratio.value
