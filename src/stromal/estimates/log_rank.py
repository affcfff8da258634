"""The log-rank test between groups, plain or stratified."""

from __future__ import annotations

import numpy as np
import polars as pl

from stromal.estimates.group_comparison import GroupComparison, code_groups, conclude
from stromal.estimates.intervals import FloatArray
from stromal.estimates.times import IntArray, name_entry, read_times

LOG_RANK_SOURCES = ("mantel1966", "peto1972")

_METHOD = "log-rank test"


def compare_survival(
    outcomes: pl.DataFrame,
    groups: pl.Series,
    event: int | None = None,
    *,
    strata: pl.Series | None = None,
) -> GroupComparison:
    """Test the hypothesis that the hazard of the event is the same in all groups on every day.

    Log-rank test with the hypergeometric variance of tied events. [mantel1966, peto1972] `p_value`
    is the probability of a statistic at least as large if the hypothesis holds. Patients who came
    under observation late are compared with those at risk from then on. [tsai1987] With strata,
    patients are compared only with those of their own stratum, so that strata may differ in any
    way.

    Parameters
    ----------
    outcomes
        One row per patient: `day` [d], `status` (0 censored, 1.. causes), and `entry_day` [d]
        where patients entered late. Patients without a day, a status, a group or a stratum are left
        out, and so are those who are never at risk.
    groups
        Group of each patient, in the order of the rows.
    event
        Status that is the event; others are then censored. Without it every status above 0 is.
    strata
        Stratum of each patient, in the order of the rows.

    Returns
    -------
    GroupComparison
        Statistic, degrees of freedom, P; groups in alphabetical order.

    Examples
    --------
    >>> outcomes = pl.DataFrame({"day": [1.0, 2.0, 3.0, 4.0], "status": [1, 1, 1, 1]})
    >>> test = compare_survival(outcomes, pl.Series(["a", "a", "b", "b"]))
    >>> round(test.statistic, 4), test.degrees, test.observed
    (2.8824, 1, (2, 2))

    Witness: R survival::survdiff, with strata too, and, for late entries, the score test of
    survival::coxph with ties = "exact", which is the same test, tests/reference/log_rank.
    """
    known = groups.is_not_null() if strata is None else groups.is_not_null() & strata.is_not_null()
    if not known.all():
        outcomes, groups = outcomes.filter(known), groups.filter(known)
        strata = None if strata is None else strata.filter(known)
    whole = read_times(outcomes)
    coded = code_groups(groups).of(whole.kept)
    size = len(coded.names)
    observed = np.zeros(size, np.int64)
    expected, covariance = np.zeros(size), np.zeros((size, size))
    layers = [(whole, coded.member)]
    if strata is not None:
        kept = outcomes[whole.kept]
        layer = code_groups(strata).of(whole.kept)
        places = (np.flatnonzero(layer.member == one) for one in range(len(layer.names)))
        layers = [(read_times(kept[place]), coded.member[place]) for place in places]
    for times, member in layers:
        happened = times.status > 0 if event is None else times.status == event
        events = times.count_by_group(happened, member, size)
        more, spread = _expectation(events, times.count_at_risk(member, size))
        observed, expected = observed + events.sum(axis=0), expected + more
        covariance = covariance + spread
    method = _METHOD if strata is None else f"stratified {_METHOD}"
    method, sources = name_entry(method, LOG_RANK_SOURCES, delayed=whole.delayed)
    found = GroupComparison(
        None,
        None,
        None,
        coded.names,
        coded.counted(),
        tuple(int(count) for count in observed),
        tuple(float(count) for count in expected),
        method,
        sources,
        whole.never_at_risk,
    )
    return conclude(found, covariance)


def _expectation(events: IntArray, at_risk: IntArray) -> tuple[FloatArray, FloatArray]:
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
    covariance: FloatArray = np.diag(weighted.sum(axis=0)) - weighted.T @ share
    return (share * deaths[:, None]).sum(axis=0), covariance
