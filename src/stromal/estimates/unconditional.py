"""Exact unconditional tests of two shares: Barnard's and Boschloo's."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from stromal.estimates.intervals import FloatArray

UnconditionalTest = Literal["barnard", "boschloo"]
Counts = tuple[int, int]
"""Patients with the event, and patients in all."""

MOST_TABLES = 1_000_000
"""Tables that are looked at; beyond, the test is not done."""

_SHARES = np.linspace(0.0, 1.0, 2001)[1:-1]
_LIKE = 1e-9
"""Statistics that differ by less than this share are alike."""


def unconditional_p(group: Counts, reference: Counts, test: UnconditionalTest) -> float | None:
    """Return the exact P that two groups have the same share, the totals of events not held.

    Each table of the two binomial distributions is as far out as the observed one if its statistic
    is: for Barnard's test the absolute difference of shares over its error with one share in
    common, for Boschloo's the two-sided P of Fisher's test. P is the probability of these tables,
    at the common share that makes it largest. [barnard1947, boschloo1970]

    Parameters
    ----------
    group, reference
        Patients with the event and patients in all, at least one, of each group.
    test
        Which statistic.

    Returns
    -------
    float or None
        P; None beyond a million tables.

    Examples
    --------
    >>> round(unconditional_p((7, 15), (12, 15), "barnard"), 4)
    0.0682

    Witness: R fisher.test and dbinom over all tables, and scipy.stats.barnard_exact,
    tests/reference/equal_proportions.
    """
    (events, n), (others, m) = group, reference
    if (n + 1) * (m + 1) > MOST_TABLES:
        return None
    far = _wald(n, m) if test == "barnard" else _fisher(n, m)
    out = far >= far[events, others] - _LIKE * max(abs(far[events, others]), 1.0)
    total = np.add.outer(np.arange(n + 1), np.arange(m + 1))
    logs = np.add.outer(_log_binomials(n), _log_binomials(m))
    # Tables of one total have one factor of the share in common, so that only totals are kept.
    largest = np.full(n + m + 1, -np.inf)
    np.maximum.at(largest, total[out], logs[out])
    sums = np.bincount(total[out], np.exp(logs[out] - largest[total[out]]), n + m + 1)
    found = np.flatnonzero(sums)
    weight = largest[found] + np.log(sums[found])

    def probability(share: float | FloatArray) -> FloatArray:
        each = np.asarray(share, np.float64)[..., None]
        powers = found * np.log(each) + (n + m - found) * np.log1p(-each)
        summed: FloatArray = np.exp(weight + powers).sum(axis=-1)
        return summed

    values = probability(_SHARES)
    p_value = float(values.max())
    # The polynomial may have several tops; each is followed from its best point of the grid.
    padded = np.concatenate([[-1.0], values, [-1.0]])
    tops = np.flatnonzero((values >= padded[:-2]) & (values >= padded[2:]))
    for top in tops[values[tops] > 0.9 * p_value]:
        ends = (_SHARES[max(top - 1, 0)], _SHARES[min(top + 1, values.size - 1)])
        best = minimize_scalar(
            lambda share: -float(probability(share)),
            bounds=ends,
            method="bounded",
            options={"xatol": 1e-10},
        )
        p_value = max(p_value, -float(best.fun))
    return min(p_value, 1.0)


def _log_binomials(n: int) -> FloatArray:
    """Return the logarithm of each binomial coefficient of n."""
    k = np.arange(n + 1)
    logs: FloatArray = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return logs


def _wald(n: int, m: int) -> FloatArray:
    """Return |difference of shares| / error with one share in common, of each table."""
    one, other = np.arange(n + 1)[:, None], np.arange(m + 1)[None, :]
    share = (one + other) / (n + m)
    error = np.sqrt(share * (1 - share) * (1 / n + 1 / m))
    return np.divide(np.abs(one / n - other / m), error, out=np.zeros(error.shape), where=error > 0)


def _fisher(n: int, m: int) -> FloatArray:
    """Return the negative P of Fisher's two-sided test, of each table."""
    logs, other = _log_binomials(n), _log_binomials(m)
    far = np.zeros((n + 1, m + 1))
    for total in range(n + m + 1):
        events = np.arange(max(0, total - m), min(n, total) + 1)
        weight = logs[events] + other[total - events]
        weight = np.exp(weight - weight.max())
        order = np.argsort(weight, kind="stable")
        ordered = weight[order]
        # Tables that are no likelier, those within rounding with them.
        reach = np.searchsorted(ordered, ordered * (1 + 1e-7), side="right")
        p_values = np.empty(events.size)
        p_values[order] = ordered.cumsum()[reach - 1] / ordered.sum()
        far[events, total - events] = -p_values
    return far
