"""Pooling of 2 x 2 tables as they are: Mantel-Haenszel and Peto, which need no full cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtr, ndtri

from stromal.evidence.pool.effects import Floats

Ratio = Literal["odds ratio", "risk ratio", "risk difference"]

NO_EVENTS = "no study has an event in one group: the ratio is not estimable"
ALL_EVENTS = "everybody had the event in one group: the odds ratio is not estimable"
NO_SPREAD = "nobody, or everybody, had the event in each group: there is no interval"
MANTEL_HAENSZEL_SOURCES: dict[Ratio, tuple[str, ...]] = {
    "odds ratio": ("mantel1959", "robins1986"),
    "risk ratio": ("mantel1959", "greenland1985"),
    "risk difference": ("mantel1959", "sato1989"),
}
PETO_SOURCES = ("yusuf1985",)


@dataclass(frozen=True, slots=True, eq=False)
class PooledCounts:
    """A pooled ratio, on the logarithmic scale, or a pooled difference.

    All None, with `reason`, where it is not estimable, and all but the value where it has no error;
    `left_out` are the places of studies that say nothing to it. `q` is of how the studies differ
    from it, with `degrees`.
    """

    value: float | None
    error: float | None
    low: float | None
    high: float | None
    level: float
    p: float | None
    studies: int
    left_out: tuple[int, ...]
    method: str
    sources: tuple[str, ...]
    reason: str | None = None
    q: float | None = None
    degrees: int | None = None
    q_p: float | None = None


def pool_mantel_haenszel(
    events: npt.ArrayLike,
    n: npt.ArrayLike,
    reference_events: npt.ArrayLike,
    reference_n: npt.ArrayLike,
    ratio: Ratio = "risk ratio",
    level: float = 0.95,
) -> PooledCounts:
    """Pool tables of two groups by Mantel and Haenszel; nothing is added to zero cells.

    A study without an event in both groups says nothing to a ratio and is left out, and one with
    nothing but events says nothing to the odds ratio; to the risk ratio it says 1, and has its
    weight. [mantel1959, robins1986, greenland1985, sato1989]

    Parameters
    ----------
    events, n, reference_events, reference_n
        (k,) patients with the event and patients in all, of the group and of the reference.
    ratio
        What is pooled; ratios are given as logarithms.
    level
        Of the interval.

    Examples
    --------
    >>> found = pool_mantel_haenszel([4, 0], [123, 20], [11, 2], [139, 20])
    >>> f"{np.exp(found.value):.3f} ({np.exp(found.low):.3f} to {np.exp(found.high):.3f})"
    '0.344 (0.115 to 1.027)'

    Witness: R metafor::rma.mh, tests/reference/pool.
    """
    table = _read(events, n, reference_events, reference_n)
    dull = _silent(table, ratio)
    kept = tuple(column[~dull] for column in table)
    method = f"Mantel-Haenszel, {ratio}"
    sources, left_out = MANTEL_HAENSZEL_SOURCES[ratio], tuple(map(int, np.flatnonzero(dull)))
    found = _POOLS[ratio](*kept) if kept[0].size else None
    if found is None:
        return PooledCounts(
            None, None, None, None, level, None, int(kept[0].size), left_out, method, sources,
            NO_EVENTS if 0 in {table[0].sum(), table[2].sum()} else ALL_EVENTS,
        )  # fmt: skip
    value, error = found
    return _pooled(value, error, level, int(kept[0].size), left_out, method, sources)


def pool_peto(
    events: npt.ArrayLike,
    n: npt.ArrayLike,
    reference_events: npt.ArrayLike,
    reference_n: npt.ArrayLike,
    level: float = 0.95,
) -> PooledCounts:
    """Pool odds ratios of rare events by Peto: observed less expected events over their variance.

    It is biased where groups differ much in size or the effect is large. [yusuf1985]

    Parameters
    ----------
    events, n, reference_events, reference_n, level
        As of `pool_mantel_haenszel`.

    Examples
    --------
    >>> found = pool_peto([4, 0], [123, 20], [11, 2], [139, 20])
    >>> f"{np.exp(found.value):.3f} ({np.exp(found.low):.3f} to {np.exp(found.high):.3f})"
    '0.366 (0.138 to 0.973)'

    Witness: R metafor::rma.peto, tests/reference/pool.
    """
    a, n1, c, n2 = _read(events, n, reference_events, reference_n)
    dull = _silent((a, n1, c, n2), "odds ratio")
    left_out = tuple(map(int, np.flatnonzero(dull)))
    a, n1, c, n2 = (column[~dull] for column in (a, n1, c, n2))
    total, happened = n1 + n2, a + c
    over = a - n1 * happened / total
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = n1 * n2 * happened * (total - happened) / (total**2 * (total - 1))
    method = "Peto, odds ratio"
    if not a.size:
        return PooledCounts(
            None, None, None, None, level, None, 0, left_out, method, PETO_SOURCES, NO_EVENTS
        )
    value, error = over.sum() / spread.sum(), 1 / np.sqrt(spread.sum())
    q = float(np.sum(over**2 / spread) - over.sum() ** 2 / spread.sum())
    return _pooled(
        float(value), float(error), level, a.size, left_out, method, PETO_SOURCES, q, a.size - 1
    )


def _pooled(  # noqa: PLR0913, PLR0917 - the fields of one value
    value: float,
    error: float,
    level: float,
    studies: int,
    left_out: tuple[int, ...],
    method: str,
    sources: tuple[str, ...],
    q: float | None = None,
    degrees: int | None = None,
) -> PooledCounts:
    if error == 0:
        return PooledCounts(
            value, None, None, None, level, None, studies, left_out, method, sources, NO_SPREAD
        )
    reach = float(ndtri(0.5 + level / 2)) * error
    p = 2 * float(ndtr(-abs(value / error)))
    q_p = float(chdtrc(degrees, q)) if q is not None and degrees else None
    return PooledCounts(
        value, error, value - reach, value + reach, level, p, studies, left_out, method, sources,
        None, q, degrees, q_p,
    )  # fmt: skip


Table = tuple[Floats, Floats, Floats, Floats]


def _read(
    events: npt.ArrayLike,
    n: npt.ArrayLike,
    reference_events: npt.ArrayLike,
    reference_n: npt.ArrayLike,
) -> Table:
    a, n1, c, n2 = (
        np.atleast_1d(np.asarray(one, float)) for one in (events, n, reference_events, reference_n)
    )
    if not np.all((a >= 0) & (a <= n1) & (c >= 0) & (c <= n2) & (n1 > 0) & (n2 > 0)):
        raise ValueError("events are not between 0 and the patients of their group")
    return a, n1, c, n2


def _silent(table: Table, ratio: Ratio) -> npt.NDArray[np.bool_]:
    """Studies that say nothing to a ratio; to a difference each says something."""
    a, n1, c, n2 = table
    none, full = (a == 0) & (c == 0), (a == n1) & (c == n2)
    if ratio == "risk difference":
        return np.zeros(a.size, bool)
    return np.asarray(none | full if ratio == "odds ratio" else none)


def _odds(a: Floats, n1: Floats, c: Floats, n2: Floats) -> tuple[float, float] | None:
    b, d, total = n1 - a, n2 - c, n1 + n2
    r, s = a * d / total, b * c / total
    top, bottom = float(r.sum()), float(s.sum())
    if top == 0 or bottom == 0:
        return None
    p, q = (a + d) / total, (b + c) / total
    variance = (
        np.sum(p * r) / (2 * top**2)
        + np.sum(p * s + q * r) / (2 * top * bottom)
        + np.sum(q * s) / (2 * bottom**2)
    )
    return float(np.log(top / bottom)), float(np.sqrt(variance))


def _risks(a: Floats, n1: Floats, c: Floats, n2: Floats) -> tuple[float, float] | None:
    total = n1 + n2
    top, bottom = float(np.sum(a * n2 / total)), float(np.sum(c * n1 / total))
    if top == 0 or bottom == 0:
        return None
    spread = np.sum((n1 * n2 * (a + c) - a * c * total) / total**2)
    return float(np.log(top / bottom)), float(np.sqrt(spread / (top * bottom)))


def _differences(a: Floats, n1: Floats, c: Floats, n2: Floats) -> tuple[float, float] | None:
    total = n1 + n2
    weight = float(np.sum(n1 * n2 / total))
    value = float(np.sum((a * n2 - c * n1) / total)) / weight
    p = (n1**2 * c - n2**2 * a + n1 * n2 * (n2 - n1) / 2) / total**2
    q = (a * (n2 - c) + c * (n1 - a)) / (2 * total)
    return value, float(np.sqrt(value * p.sum() + q.sum())) / weight


_POOLS: dict[Ratio, Callable[[Floats, Floats, Floats, Floats], tuple[float, float] | None]] = {
    "odds ratio": _odds,
    "risk ratio": _risks,
    "risk difference": _differences,
}
