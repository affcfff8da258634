"""Shares of single groups pooled from their counts: binomial, with random log odds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, gammaln, log_expit, logit, ndtri

from stromal.evidence.pool.effects import Floats

NODES, STRETCH, REACH = 81, 1.5, 9.0
"""Points of the rule for the random effect of each study, how far apart they are at its mode beside
the width there, and where they end: a normal law has 1e-19 beyond nine deviations."""

BINOMIAL_SOURCES = ("stijnen2010", "takahasi1974")

ALL_OR_NONE = "nobody, or everybody, had the event in all studies: the odds are not estimable"
NO_STUDY = "no study has patients"

UNBOUND = (
    "in nearly every study nobody, or everybody, had the event: how studies differ has no bound"
)

LEAST_SPREAD = 1e-6
"""Standard deviation of log odds below which studies do not differ."""

MOST_SPREAD = 10.0
"""Standard deviation of log odds at which the search ends: shares are then 0 or 1 and no more."""

STARTS = (0.2, 1.0)
"""Spreads from which the maximum is sought; the likelier end is taken."""

MOST_ROUNDS, MOST_HALVINGS = 200, 40
CLOSE = 1e-18
"""What a Newton step would still gain in log likelihood, beside its size, where rounds end."""

BATCH = 4096
"""Distinct counts whose points are worked out at once, so that they stay in the cache."""


_NODES = np.linspace(-1.0, 1.0, NODES)
_STEP = 2.0 / (NODES - 1)


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
    full counts need no correction. The likelihood of each study is integrated by the
    trapezoidal rule on hyperbolic sines around its mode, and its maximum found by Newton's method
    with the derivatives of the integral. [stijnen2010, takahasi1974]

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
    top = _maximise(counts)
    if top is None:
        return PooledShare(
            None, None, None, None, None, None, None, level, x.size, happened, patients, None,
            method, BINOMIAL_SOURCES, UNBOUND,
        )  # fmt: skip
    centre, spread = top.centre, top.spread
    error = _error(counts, top)
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
        log_likelihood=top.height,
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


@dataclass(frozen=True, slots=True, eq=False)
class _Point:
    """The log likelihood at a centre and spread, with its slopes and bends in the two.

    `slope` is (2,), `bend` (2, 2), and `outer` (2, 2) the sum over studies of products of their
    slopes.
    """

    centre: float
    spread: float
    height: float
    slope: Floats
    bend: Floats
    outer: Floats


def _log_likelihood(counts: _Counts, centre: float, spread: float) -> float:
    return float(counts.studies @ _log_likelihoods(counts.x, counts.total, centre, spread))


def _log_likelihoods(x: Floats, total: Floats, centre: float, spread: float) -> Floats:
    """Log likelihood of each study, (k,)."""
    if spread <= LEAST_SPREAD:
        own = x * log_expit(centre) + (total - x) * log_expit(-centre)
        return np.asarray(_choose(x, total) + own)
    return _integrate(x, total, centre, spread)[0]


def _choose(x: Floats, total: Floats) -> Floats:
    return np.asarray(gammaln(total + 1) - gammaln(x + 1) - gammaln(total - x + 1))


def _integrate(
    x: Floats, total: Floats, centre: float, spread: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Log likelihood of each study (k,), its points and their shares of it (k, nodes), and odds."""
    mode, width = _modes(x, total, centre, spread)
    # Close to the mode the integrand is nearly a normal curve, and further away it may fall slowly
    # on one side and steeply on the other: sines put points at both.
    scale = (STRETCH * width)[:, None]
    end = np.arcsinh(REACH / scale)
    at = end * _NODES
    b = mode[:, None] + scale * np.sinh(at)
    odds = centre + spread * b
    # log(1 - p) = log(p) - odds, which saves a logarithm at each point
    inner = total[:, None] * log_expit(odds) - (total - x)[:, None] * odds - b**2 / 2
    inner += np.log(np.cosh(at))
    most = inner.max(axis=1, keepdims=True)
    shares = np.exp(inner - most)
    sums = shares.sum(axis=1, keepdims=True)
    height = (most + np.log(sums * scale * end * _STEP))[:, 0] - 0.5 * np.log(2 * np.pi)
    return np.asarray(_choose(x, total) + height), b, shares / sums, odds


def _look(counts: _Counts, centre: float, spread: float) -> _Point:
    """Height, slopes and bends of the log likelihood at a point.

    The slope of a study is the mean of its slopes given each effect, over the law of the effect
    given its counts; its bend is the mean of their bends and the covariance of their slopes.
    """
    height, slope, bend, outer = 0.0, np.zeros(2), np.zeros((2, 2)), np.zeros((2, 2))
    for first in range(0, counts.x.size, BATCH):
        part = slice(first, first + BATCH)
        x, total, studies = counts.x[part], counts.total[part], counts.studies[part]
        heights, b, shares, odds = _integrate(x, total, centre, spread)
        p = expit(odds)
        over, curve = x[:, None] - total[:, None] * p, total[:, None] * p * (1 - p)

        def mean(values: Floats, shares: Floats = shares) -> Floats:
            return np.asarray(np.einsum("ij,ij->i", shares, values))

        slopes = np.stack([mean(over), mean(over * b)])
        squares = over**2 - curve
        bends = [mean(squares), mean(squares * b), mean(squares * b**2)]
        weighted = slopes * studies
        outer += weighted @ slopes.T
        height += float(studies @ heights)
        slope += weighted.sum(axis=1)
        centred = [float(studies @ one) for one in bends]
        bend += np.array([centred[:2], centred[1:]])
    return _Point(centre, spread, height, slope, bend - outer, outer)


def _modes(x: Floats, total: Floats, centre: float, spread: float) -> tuple[Floats, Floats]:
    """Mode of each study's standardised effect, and the width of the curve there.

    Newton steps that leave the bracket of the root are replaced by its middle: where everybody had
    the event and studies differ much, the slope is nearly flat on one side of the mode.
    """
    low, high = spread * (x - total), spread * x
    crude = np.log((x + 0.5) / (total - x + 0.5))
    weight = spread * (x + 0.5) * (total - x + 0.5) / (total + 1)
    b = np.clip(weight * (crude - centre) / (spread * weight + 1), low, high)
    for _ in range(MOST_ROUNDS):
        p = expit(centre + spread * b)
        slope = spread * (x - total * p) - b
        low, high = np.where(slope > 0, b, low), np.where(slope > 0, high, b)
        ahead = b + slope / (spread**2 * total * p * (1 - p) + 1)
        ahead = np.where((ahead < low) | (ahead > high), (low + high) / 2, ahead)
        moved, b = np.max(np.abs(ahead - b)), ahead
        if moved < 1e-12:
            break
    p = expit(centre + spread * b)
    return b, 1 / np.sqrt(spread**2 * total * p * (1 - p) + 1)


def _maximise(counts: _Counts) -> _Point | None:
    """The point at which the counts are likeliest; None where there is none."""
    happened, patients = counts.studies @ counts.x, counts.studies @ counts.total
    crude = float(logit(happened / patients))
    height = _log_likelihood(counts, crude, 0.0)
    none = np.zeros((2, 2))
    alike = _Point(crude, 0.0, height, np.zeros(2), none, none)
    if counts.studies.sum() == 1:
        return alike
    found = [_climb(counts, _look(counts, crude, first)) for first in STARTS]
    top = max(found, key=lambda one: one.height)
    if top.spread >= MOST_SPREAD:
        return None
    if height >= top.height - 1e-10 or top.spread <= 1e-4:
        return alike
    return top


def _climb(counts: _Counts, at: _Point) -> _Point:
    """Climb to a maximum by Newton steps that are halved until the height does not fall.

    The likelihood is the same at the negative spread, so that a step below zero is mirrored. Where
    the surface does not bend down in every direction, products of slopes stand for the bends, and
    the step leads upwards all the same.
    """
    for _ in range(MOST_ROUNDS):
        bend = -at.bend if np.linalg.eigvalsh(at.bend)[-1] < 0 else at.outer + 1e-9 * np.eye(2)
        step = np.linalg.solve(bend, at.slope)
        step *= min(1.0, 2.0 / float(np.max(np.abs(step))) if step.any() else 1.0)
        gain, size = float(at.slope @ step), max(1.0, abs(at.height))
        if gain <= CLOSE * size or at.spread >= MOST_SPREAD:
            return at
        for _ in range(MOST_HALVINGS):
            spread = max(abs(at.spread + float(step[1])), 2 * LEAST_SPREAD)
            ahead = _look(counts, at.centre + float(step[0]), spread)
            # a sum of many studies is known to its rounding alone
            if ahead.height >= at.height - 1e-14 * size:
                break
            step = step / 2
        else:
            return at
        if max(abs(ahead.centre - at.centre), abs(ahead.spread - at.spread)) <= 1e-13:
            return ahead
        at = ahead
    return at


def _error(counts: _Counts, top: _Point) -> float:
    """Standard error of the centre, from the curvature in the centre and the spread together."""
    if top.spread == 0.0:
        p = expit(top.centre)
        return float(1 / np.sqrt(counts.studies @ counts.total * p * (1 - p)))
    return float(np.sqrt(np.linalg.inv(-top.bend)[0, 0]))
