"""The log-rank test between groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import gammaincc

from stromal.estimates.times import IntArray, name_entry, read_times

LOG_RANK_SOURCES = ("mantel1966", "peto1972")

_METHOD = "log-rank test"


@dataclass(frozen=True, slots=True)
class LogRank:
    """A log-rank test: chi-squared statistic, and what it compares in each group.

    `groups`, `n`, `observed` and `expected` events are in the same order. `statistic`, `degrees`
    (of freedom) and `p_value` are None where fewer than two groups can be compared or each event
    left no choice of group. `never_at_risk` counts patients who are left out because they came
    under observation on their last day or after it.
    """

    statistic: float | None
    degrees: int | None
    p_value: float | None
    groups: tuple[str, ...]
    n: tuple[int, ...]
    observed: tuple[int, ...]
    expected: tuple[float, ...]
    method: str = _METHOD
    sources: tuple[str, ...] = LOG_RANK_SOURCES
    never_at_risk: int = 0


def compare_survival(
    outcomes: pl.DataFrame, groups: pl.Series, event: int | None = None
) -> LogRank:
    """Test the hypothesis that the hazard of the event is the same in all groups on every day.

    Log-rank test with the hypergeometric variance of tied events. [mantel1966, peto1972] `p_value`
    is the probability of a statistic at least as large if the hypothesis holds. Patients who came
    under observation late are compared with those at risk from then on. [tsai1987]

    Parameters
    ----------
    outcomes
        One row per patient: `day` [d], `status` (0 censored, 1.. causes), and `entry_day` [d]
        where patients entered late. Patients without a day, a status or a group are left out, and
        so are those who are never at risk.
    groups
        Group of each patient, in the order of the rows.
    event
        Status that is the event; others are then censored. Without it every status above 0 is.

    Returns
    -------
    LogRank
        Statistic, degrees of freedom, p; groups in alphabetical order.

    Examples
    --------
    >>> outcomes = pl.DataFrame({"day": [1.0, 2.0, 3.0, 4.0], "status": [1, 1, 1, 1]})
    >>> test = compare_survival(outcomes, pl.Series(["a", "a", "b", "b"]))
    >>> round(test.statistic, 4), test.degrees, test.observed
    (2.8824, 1, (2, 2))

    Witness: R survival::survdiff and, for late entries, the score test of survival::coxph with
    ties = "exact", which is the same test, tests/reference/log_rank.
    """
    known = groups.is_not_null()
    rows, groups = outcomes.filter(known), groups.filter(known).cast(pl.String)
    times = read_times(rows)
    names, member = np.unique(groups.to_numpy()[times.kept].astype(str), return_inverse=True)
    happened = times.status > 0 if event is None else times.status == event
    member = member.astype(np.int64)
    events = times.count_by_group(happened, member, names.size)
    expected, covariance = _expectation(events, times.count_at_risk(member, names.size))
    observed = events.sum(axis=0)
    statistic, degrees = _chi_squared(observed - expected, expected, covariance)
    p_value = None
    if statistic is not None and degrees is not None:
        p_value = float(gammaincc(degrees / 2, statistic / 2))
    method, sources = name_entry(_METHOD, LOG_RANK_SOURCES, delayed=times.delayed)
    return LogRank(
        statistic,
        degrees,
        p_value,
        tuple(str(name) for name in names),
        tuple(int(count) for count in np.bincount(member, minlength=names.size)),
        tuple(int(count) for count in observed),
        tuple(float(count) for count in expected),
        method,
        sources,
        times.never_at_risk,
    )


def _expectation(
    events: IntArray, at_risk: IntArray
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return expected events, shape (groups,), and their covariance, shape (groups, groups)."""
    chosen = events.sum(axis=1) > 0
    deaths = events[chosen].sum(axis=1).astype(np.float64)
    total = at_risk[chosen].sum(axis=1).astype(np.float64)
    share = at_risk[chosen] / total[:, None]
    # The last patient alone at risk leaves nothing to chance.
    factor = np.divide(
        deaths * (total - deaths), total - 1, out=np.zeros(total.size), where=total > 1
    )
    weighted = share * factor[:, None]
    covariance = np.diag(weighted.sum(axis=0)) - weighted.T @ share
    return (share * deaths[:, None]).sum(axis=0), covariance


def _chi_squared(
    difference: npt.NDArray[np.float64],
    expected: npt.NDArray[np.float64],
    covariance: npt.NDArray[np.float64],
) -> tuple[float, int] | tuple[None, None]:
    """Return statistic and degrees of freedom over the groups that could have had an event."""
    chosen = np.flatnonzero(expected > 0)[1:]
    if not chosen.size:
        return None, None
    reduced = covariance[np.ix_(chosen, chosen)]
    # Where each event left no choice of group there is no variance and no test.
    if np.linalg.matrix_rank(reduced) < chosen.size:
        return None, None
    part = difference[chosen]
    return float(part @ np.linalg.solve(reduced, part)), int(chosen.size)
