"""Effects of studies on the scale on which they are pooled, each with its variance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit, ndtri

Floats = npt.NDArray[np.float64]
Scale = Literal["plain", "log", "logit", "arcsine"]

NO_CELL = "a cell is zero: the ratio has no variance"
"""Why a study with a zero cell has no effect of its own; nothing is added to it in silence."""


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """Effects of k studies.

    Parameters
    ----------
    values
        (k,) on `scale`; NaN where a study has none.
    variances
        (k,) sampling variances on `scale`; NaN where a study has none.
    measure
        What the effects are, in words: `log risk ratio`.
    scale
        How they are told: `log` numbers are shown as their exponential, and so on.
    reasons
        Why a study has no effect, by its place; the others are not named.
    sources
        Citation keys.
    sizes
        (k,) patients, where the way back to the shown scale needs them.
    """

    values: Floats
    variances: Floats
    measure: str
    scale: Scale = "plain"
    reasons: tuple[tuple[int, str], ...] = ()
    sources: tuple[str, ...] = ()
    sizes: Floats | None = None

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Studies that have an effect and a variance above zero, (k,).

        Without a variance a study would weigh more than all others together.
        """
        return np.asarray(
            np.isfinite(self.values) & np.isfinite(self.variances) & (self.variances > 0)
        )

    def show(self, value: float) -> float:
        """Tell a value as readers know it: a ratio, a proportion."""
        return float(_SHOWN[self.scale](value))


def _from_arcsine(value: float) -> float:
    return float(np.sin(min(max(value, 0.0), np.pi / 2)) ** 2)


_SHOWN: dict[Scale, Callable[[float], float]] = {
    "plain": float,
    "log": lambda value: float(np.exp(value)),
    "logit": lambda value: float(expit(value)),
    "arcsine": _from_arcsine,
}


def log_risk_ratios(
    events: npt.ArrayLike,
    n: npt.ArrayLike,
    reference_events: npt.ArrayLike,
    reference_n: npt.ArrayLike,
    correction: float = 0.0,
) -> Effects:
    """Compute log risk ratios of studies of two groups.

    Variances are those of the delta method. [katz1978]

    Parameters
    ----------
    events, n, reference_events, reference_n
        (k,) patients with the event and patients in all, of the group and of the reference.
    correction
        Added to every cell of a study that has a zero cell; 0 adds nothing, and such a study has
        no effect here: Mantel-Haenszel and Peto take it as it is.

    Raises
    ------
    ValueError
        Counts that are none, or more events than patients.

    Examples
    --------
    >>> found = log_risk_ratios([4, 0], [123, 10], [11, 3], [139, 10])
    >>> found.values.round(4), found.reasons
    (array([-0.8893,     nan]), ((1, 'a cell is zero: the ratio has no variance'),))

    Witness: R metafor::escalc(measure = "RR"), tests/reference/pool.
    """
    a, n1, c, n2 = _table(events, n, reference_events, reference_n)
    # Both groups full of events leave a ratio of 1 without variance; none at all leaves no ratio.
    empty = (a == 0) | (c == 0) | ((a == n1) & (c == n2))
    a, n1, c, n2 = _correct(a, n1, c, n2, empty | (a == n1) | (c == n2), correction)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.log(a / n1) - np.log(c / n2)
        variances = 1 / a - 1 / n1 + 1 / c - 1 / n2
    gone = empty & (correction == 0.0)
    return _effects(values, variances, gone, "log risk ratio", "log", ("katz1978",))


def log_odds_ratios(
    events: npt.ArrayLike,
    n: npt.ArrayLike,
    reference_events: npt.ArrayLike,
    reference_n: npt.ArrayLike,
    correction: float = 0.0,
) -> Effects:
    """Compute log odds ratios of studies of two groups.

    Variances are sums of inverse counts. [woolf1955]

    Parameters
    ----------
    events, n, reference_events, reference_n, correction
        As of `log_risk_ratios`.

    Raises
    ------
    ValueError
        Counts that are none, or more events than patients.

    Examples
    --------
    >>> found = log_odds_ratios([82], [99], [70], [99])
    >>> round(found.show(found.values[0]), 2)
    2.0

    Witness: R metafor::escalc(measure = "OR"), tests/reference/pool.
    """
    a, n1, c, n2 = _table(events, n, reference_events, reference_n)
    empty = (a == 0) | (c == 0) | (a == n1) | (c == n2)
    a, n1, c, n2 = _correct(a, n1, c, n2, empty, correction)
    b, d = n1 - a, n2 - c
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.log(a * d) - np.log(b * c)
        variances = 1 / a + 1 / b + 1 / c + 1 / d
    gone = empty & (correction == 0.0)
    return _effects(values, variances, gone, "log odds ratio", "log", ("woolf1955",))


def risk_differences(
    events: npt.ArrayLike,
    n: npt.ArrayLike,
    reference_events: npt.ArrayLike,
    reference_n: npt.ArrayLike,
) -> Effects:
    """Compute differences of two shares with Wald's variance.

    A study in which both shares are 0 or 1 has no variance and so no weight of its own.

    Parameters
    ----------
    events, n, reference_events, reference_n
        As of `log_risk_ratios`.

    Raises
    ------
    ValueError
        Counts that are none, or more events than patients.

    Examples
    --------
    >>> risk_differences([82], [99], [70], [99]).values.round(3)
    array([0.121])

    Witness: R metafor::escalc(measure = "RD", addyi = FALSE, addvi = FALSE), tests/reference/pool.
    """
    a, n1, c, n2 = _table(events, n, reference_events, reference_n)
    p, q = a / n1, c / n2
    variances = p * (1 - p) / n1 + q * (1 - q) / n2
    return _effects(p - q, variances, variances == 0, "risk difference", "plain", ())


def logit_proportions(events: npt.ArrayLike, n: npt.ArrayLike, correction: float = 0.0) -> Effects:
    """Compute log odds of the shares of single groups.

    Parameters
    ----------
    events, n
        (k,) patients with the event, and patients in all.
    correction
        Added to events and to patients without, where one of them is zero; 0 adds nothing, and such
        a study has no effect here: `pool_binomial` takes it as it is.

    Raises
    ------
    ValueError
        Counts that are none, or more events than patients.

    Examples
    --------
    >>> logit_proportions([18, 25], [33, 33]).values.round(4)
    array([0.1823, 1.1394])

    Witness: R metafor::escalc(measure = "PLO"), tests/reference/pool.
    """
    x, total = _share(events, n)
    empty = (x == 0) | (x == total)
    x = np.where(empty, x + correction, x)
    total = np.where(empty, total + 2 * correction, total)
    with np.errstate(divide="ignore", invalid="ignore"):
        values, variances = logit(x / total), 1 / x + 1 / (total - x)
    gone = empty & (correction == 0.0)
    return _effects(values, variances, gone, "log odds of the share", "logit", ())


def double_arcsine_proportions(events: npt.ArrayLike, n: npt.ArrayLike) -> Effects:
    """Compute double-arcsine shares of single groups, which zero and full counts have too.

    The way back from a pooled value needs one number of patients for all studies, and depends on
    it; `pool_binomial` has no such step. [freeman1950, miller1978]

    Parameters
    ----------
    events, n
        (k,) patients with the event, and patients in all.

    Raises
    ------
    ValueError
        Counts that are none, or more events than patients.

    Examples
    --------
    >>> double_arcsine_proportions([0, 18], [13, 33]).values.round(4)
    array([0.1353, 0.8296])

    Witness: R metafor::escalc(measure = "PFT"), tests/reference/pool.
    """
    x, total = _share(events, n)
    values = 0.5 * (np.arcsin(np.sqrt(x / (total + 1))) + np.arcsin(np.sqrt((x + 1) / (total + 1))))
    return Effects(
        values,
        1 / (4 * total + 2),
        "double-arcsine share",
        "arcsine",
        sources=("freeman1950", "miller1978"),
        sizes=total,
    )


def share_of_double_arcsine(value: float, sizes: Floats) -> float:
    """Turn a pooled double-arcsine value into a share, by the harmonic mean of the numbers.

    Values beyond those of no event and of nothing but events give 0 and 1. [miller1978]

    Examples
    --------
    >>> round(share_of_double_arcsine(0.8292, np.array([33.0])), 3)
    0.545

    Witness: R metafor::transf.ipft.hm, tests/reference/pool.
    """
    n = float(len(sizes) / np.sum(1 / sizes))
    least = 0.5 * np.arcsin(np.sqrt(1 / (n + 1)))
    most = 0.5 * (np.arcsin(np.sqrt(n / (n + 1))) + np.pi / 2)
    if value <= least:
        return 0.0
    if value >= most:
        return 1.0
    t = 2 * value
    inner = np.sin(t) + (np.sin(t) - 1 / np.sin(t)) / n
    return float(0.5 * (1 - np.sign(np.cos(t)) * np.sqrt(max(0.0, 1 - inner**2))))


def differences_of_medians(
    difference: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike, level: float = 0.95
) -> Effects:
    """Compute effects from printed differences with their intervals: of medians, of means.

    Parameters
    ----------
    difference, low, high
        (k,) as printed, in one unit.
    level
        Of the intervals, taken as symmetric around the difference.

    Raises
    ------
    ValueError
        An interval that does not hold its difference.

    Examples
    --------
    >>> differences_of_medians([-2.0], [-4.0], [0.0]).variances.round(3)
    array([1.041])
    """
    value, lower, upper = (np.asarray(one, float) for one in (difference, low, high))
    if np.any((lower > value) | (value > upper)):
        raise ValueError("an interval does not hold its difference")
    variances = ((upper - lower) / (2 * ndtri(0.5 + level / 2))) ** 2
    return Effects(value, variances, "difference of medians")


def _table(
    events: npt.ArrayLike,
    n: npt.ArrayLike,
    reference_events: npt.ArrayLike,
    reference_n: npt.ArrayLike,
) -> tuple[Floats, Floats, Floats, Floats]:
    return (*_share(events, n), *_share(reference_events, reference_n))


def _share(events: npt.ArrayLike, n: npt.ArrayLike) -> tuple[Floats, Floats]:
    x, total = np.atleast_1d(np.asarray(events, float)), np.atleast_1d(np.asarray(n, float))
    if x.shape != total.shape:
        raise ValueError(f"{x.size} counts of events for {total.size} groups")
    if not np.all((x >= 0) & (x <= total) & (total > 0)):
        raise ValueError("events are not between 0 and the patients of their group")
    return x, total


def _correct(
    a: Floats,
    n1: Floats,
    c: Floats,
    n2: Floats,
    where: npt.NDArray[np.bool_],
    correction: float,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Add the same to all four cells of the studies named."""
    more = np.where(where, correction, 0.0)
    return a + more, n1 + 2 * more, c + more, n2 + 2 * more


def _effects(
    values: Floats,
    variances: Floats,
    gone: npt.NDArray[np.bool_],
    measure: str,
    scale: Scale,
    sources: tuple[str, ...],
) -> Effects:
    values, variances = np.where(gone, np.nan, values), np.where(gone, np.nan, variances)
    reasons = tuple((int(place), NO_CELL) for place in np.flatnonzero(gone))
    return Effects(values, variances, measure, scale, reasons, sources)
