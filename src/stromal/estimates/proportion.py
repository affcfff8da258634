"""A share of patients with its interval."""

from __future__ import annotations

from typing import Literal

from scipy.special import betaincinv, ndtri

from stromal.estimates.estimate import Estimate

Interval = Literal["clopper-pearson", "wilson"]

PROPORTION_SOURCES: dict[Interval, tuple[str, ...]] = {
    "clopper-pearson": ("clopper1934",),
    "wilson": ("wilson1927",),
}

_NAMES: dict[Interval, str] = {"clopper-pearson": "Clopper-Pearson", "wilson": "Wilson"}


def estimate_proportion(
    events: int, n: int, level: float = 0.95, interval: Interval = "clopper-pearson"
) -> Estimate:
    """Estimate the share of patients with an event.

    Clopper-Pearson is exact and covers at least the level; Wilson inverts the score test without
    a continuity correction. [clopper1934, wilson1927]

    Parameters
    ----------
    events
        Patients with the event, 0 to `n`.
    n
        Patients in all.
    level
        Level of the interval, between 0 and 1.
    interval
        Which interval.

    Returns
    -------
    Estimate
        `value` [1], `low`, `high`; all None where `n` is 0.

    Raises
    ------
    ValueError
        `events` is not between 0 and `n`.

    Examples
    --------
    >>> share = estimate_proportion(23, 26)
    >>> f"{share.value:.3f} ({share.low:.3f} to {share.high:.3f})"
    '0.885 (0.698 to 0.976)'

    Witness: R binom.test and prop.test(correct = FALSE), tests/reference/proportion.
    """
    if not 0 <= events <= n:
        raise ValueError(f"{events} events of {n} patients")
    name, sources = _NAMES[interval], PROPORTION_SOURCES[interval]
    method = f"proportion, {name} interval"
    if n == 0:
        return Estimate(None, None, None, level, 0, 0, method, sources, name)
    bounds = _clopper_pearson if interval == "clopper-pearson" else _wilson
    low, high = bounds(events, n, level)
    return Estimate(events / n, low, high, level, n, events, method, sources, name)


def _clopper_pearson(events: int, n: int, level: float) -> tuple[float, float]:
    """Return the quantiles of the beta distributions of which the binomial tails are made."""
    tail = (1 - level) / 2
    low = float(betaincinv(events, n - events + 1, tail)) if events > 0 else 0.0
    high = float(betaincinv(events + 1, n - events, 1 - tail)) if events < n else 1.0
    return low, high


def _wilson(events: int, n: int, level: float) -> tuple[float, float]:
    """Return the bounds of the shares that the score test does not reject."""
    z = float(ndtri(0.5 + level / 2))
    share = events / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * (share * (1 - share) / n + z**2 / (4 * n**2)) ** 0.5
    # At no event and at nothing but events the bound is exact; rounding would miss it by a hair.
    low = 0.0 if events == 0 else centre - half
    high = 1.0 if events == n else centre + half
    return low, high
