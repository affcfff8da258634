"""Shares of single groups pooled from their counts: binomial, with random log odds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit, gammaln, log_expit, logit, logsumexp, ndtri

from stromal.evidence.pool.effects import Floats

NODES = 61
"""Points of the Gauss-Hermite rule for the random effect of each study."""

BINOMIAL_SOURCES = ("stijnen2010", "liu1994")

ALL_OR_NONE = "nobody, or everybody, had the event in all studies: the odds are not estimable"
NO_STUDY = "no study has patients"

LEAST_SPREAD = 1e-6
"""Standard deviation of log odds below which studies do not differ."""


@dataclass(frozen=True, slots=True)
class PooledShare:
    """A pooled share, that of a typical study, with its interval and that of a new study.

    `log_odds`, `error` and `tau2` are on the scale of log odds. All None, with `reason`, where the
    share is not estimable.
    """

    value: float | None
    low: float | None
    high: float | None
    prediction: tuple[float, float] | None
    log_odds: float | None
    error: float | None
    tau2: float | None
    level: float
    studies: int
    events: int
    n: int
    log_likelihood: float | None
    method: str
    sources: tuple[str, ...]
    reason: str | None = None


def pool_binomial(events: npt.ArrayLike, n: npt.ArrayLike, level: float = 0.95) -> PooledShare:
    """Pool shares of single groups by maximum likelihood of their counts.

    Events of each study are binomial; log odds differ between studies by a normal law. Zero and
    full counts need no correction. The likelihood of each study is integrated by an adaptive
    Gauss-Hermite rule. [stijnen2010, liu1994]

    Parameters
    ----------
    events, n
        (k,) patients with the event, and patients in all.
    level
        Of the intervals, Wald's on log odds.

    Raises
    ------
    ValueError
        Counts that are none.

    Examples
    --------
    >>> found = pool_binomial([18, 21, 8, 30], [33, 28, 19, 34])
    >>> f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"
    '0.677 (0.469 to 0.833)'

    Witness: R lme4::glmer(nAGQ = 25), tests/reference/pool.
    """
    x, total = np.atleast_1d(np.asarray(events, float)), np.atleast_1d(np.asarray(n, float))
    if x.shape != total.shape or not np.all((x >= 0) & (x <= total) & (total > 0)):
        raise ValueError("events are not between 0 and the patients of their study")
    method = "binomial counts, random log odds, maximum likelihood"
    happened, patients = int(x.sum()), int(total.sum())
    reason = NO_STUDY if not x.size else ALL_OR_NONE if happened in {0, patients} else None
    if reason is not None:
        return PooledShare(
            None, None, None, None, None, None, None, level, x.size, happened, patients, None,
            method, BINOMIAL_SOURCES, reason,
        )  # fmt: skip
    counts = _Counts.of(x, total)
    centre, spread, best = _maximise(counts)
    error = _error(counts, centre, spread)
    reach = float(ndtri(0.5 + level / 2))
    away = reach * float(np.hypot(error, spread))
    return PooledShare(
        value=float(expit(centre)),
        low=float(expit(centre - reach * error)),
        high=float(expit(centre + reach * error)),
        prediction=(float(expit(centre - away)), float(expit(centre + away))),
        log_odds=centre,
        error=error,
        tau2=spread**2,
        level=level,
        studies=int(x.size),
        events=happened,
        n=patients,
        log_likelihood=best,
        method=method,
        sources=BINOMIAL_SOURCES,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """Distinct counts, (u,): events, patients, and how many studies have them.

    Studies with the same counts have the same likelihood, which is integrated once.
    """

    x: Floats
    total: Floats
    studies: Floats

    @classmethod
    def of(cls, x: Floats, total: Floats) -> _Counts:
        pairs, studies = np.unique(np.column_stack([x, total]), axis=0, return_counts=True)
        return cls(pairs[:, 0], pairs[:, 1], studies.astype(float))


def log_likelihood(x: Floats, total: Floats, centre: float, spread: float) -> float:
    """Return the log likelihood of the counts at a centre and spread of log odds.

    Examples
    --------
    >>> round(log_likelihood(np.array([5.0]), np.array([10.0]), 0.0, 0.0), 4)
    -1.402
    """
    return float(np.sum(_log_likelihoods(x, total, centre, spread)))


def _log_likelihood(counts: _Counts, centre: float, spread: float) -> float:
    return float(counts.studies @ _log_likelihoods(counts.x, counts.total, centre, spread))


def _log_likelihoods(x: Floats, total: Floats, centre: float, spread: float) -> Floats:
    """Log likelihood of each study, (k,)."""
    choose = gammaln(total + 1) - gammaln(x + 1) - gammaln(total - x + 1)
    if spread <= LEAST_SPREAD:
        own = x * log_expit(centre) + (total - x) * log_expit(-centre)
        return np.asarray(choose + own)
    mode, width = _modes(x, total, centre, spread)
    nodes, weights = _rule()
    # each study's integrand is close to a normal curve around its mode: put the points there
    b = mode[:, None] + np.sqrt(2.0) * width[:, None] * nodes
    odds = centre + spread * b
    inner = x[:, None] * log_expit(odds) + (total - x)[:, None] * log_expit(-odds) - b**2 / 2
    integral = logsumexp(inner + np.log(weights) + nodes**2, axis=1)
    return np.asarray(choose + integral + np.log(width) - 0.5 * np.log(np.pi))


@cache
def _rule() -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.hermite.hermgauss(NODES)
    return nodes, weights


def _modes(x: Floats, total: Floats, centre: float, spread: float) -> tuple[Floats, Floats]:
    """Mode of each study's standardised effect, and the width of the curve there (Newton)."""
    b = np.zeros(x.size)
    for _ in range(100):
        p = expit(centre + spread * b)
        slope = spread * (x - total * p) - b
        bend = spread**2 * total * p * (1 - p) + 1
        step = np.clip(slope / bend, -2.0, 2.0)
        b = b + step
        if np.max(np.abs(step)) < 1e-12:
            break
    p = expit(centre + spread * b)
    return b, 1 / np.sqrt(spread**2 * total * p * (1 - p) + 1)


def _maximise(counts: _Counts) -> tuple[float, float, float]:
    """Centre and spread at which the counts are likeliest, and how likely."""
    happened, patients = counts.studies @ counts.x, counts.studies @ counts.total
    crude = float(logit(happened / patients))
    alike = _log_likelihood(counts, crude, 0.0)
    if counts.studies.sum() == 1:
        return crude, 0.0, alike

    def loss(at: Floats) -> float:
        return -_log_likelihood(counts, float(at[0]), float(np.exp(at[1])))

    # a sum of many studies is not known to 1e-12
    fine = max(1e-12, 1e-15 * abs(alike))
    tries = [
        minimize(
            loss,
            np.array([crude, np.log(first)]),
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": fine, "maxiter": 4000},
        )
        for first in (0.2, 1.0)
    ]
    found = min(tries, key=lambda one: float(one.fun))
    if alike >= -float(found.fun) - 1e-10 or np.exp(found.x[1]) <= 1e-4:
        return crude, 0.0, alike
    return float(found.x[0]), float(np.exp(found.x[1])), -float(found.fun)


def _error(counts: _Counts, centre: float, spread: float) -> float:
    """Standard error of the centre, from the curvature in the centre and the spread together."""
    if spread == 0.0:
        p = expit(centre)
        return float(1 / np.sqrt(counts.studies @ counts.total * p * (1 - p)))
    step = np.array([1e-3, 1e-3 * max(spread, 0.1)])

    def at(i: float, j: float) -> float:
        return _log_likelihood(counts, centre + i * step[0], spread + j * step[1])

    # second differences of fourth order on the axes, of second order across
    def bend(one: tuple[int, int]) -> float:
        i, j = one
        far = at(2 * i, 2 * j) + at(-2 * i, -2 * j)
        return (-far + 16 * (at(i, j) + at(-i, -j)) - 30 * at(0, 0)) / 12

    across = (at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1)) / 4
    information = -np.array([[bend((1, 0)), across], [across, bend((0, 1))]])
    return float(step[0] * np.sqrt(np.linalg.inv(information)[0, 0]))
