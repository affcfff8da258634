"""The studies that answer a question, pooled: every model, and the one that is told.

Told is the random-effects mean (REML, Knapp-Hartung). Where a study has an empty cell, which leaves
it without a variance, the model of counts stands instead: binomial with random log odds for shares,
Mantel and Haenszel's for comparisons; nothing is added to a cell. One study is shown with its own
interval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import polars as pl

from stromal.estimates.estimate import Estimate
from stromal.estimates.proportion import estimate_proportion
from stromal.estimates.two_proportions import compare_two_proportions
from stromal.evidence.pool.binomial import PooledShare, pool_binomial
from stromal.evidence.pool.counts import PooledCounts, Ratio, pool_mantel_haenszel
from stromal.evidence.pool.effects import (
    Effects,
    log_odds_ratios,
    log_risk_ratios,
    logit_proportions,
    risk_differences,
)
from stromal.evidence.pool.inverse_variance import EQUAL, Pooled, as_wald, pool_effects

LEVEL = 0.95

NO_STUDY = "no study answers"
NO_EFFECT = "no study has counts, or an interval, from which an effect could be worked out"
NARROW = "Knapp and Hartung's interval is narrower than Wald's, which stands here"
TWO = "two studies: how studies differ is hardly known, and the interval is as wide"
ONE = "one study: its own interval, nothing is pooled"

COUNTS = ("events", "total", "reference_events", "reference_total")
RATIOS: Mapping[str, Ratio] = MappingProxyType(
    {
        "risk_ratio": "risk ratio",
        "odds_ratio": "odds ratio",
        "risk_difference": "risk difference",
    }
)

Counted = tuple[PooledShare | None, PooledCounts | None]
"""What the models of counts give: of shares, of comparisons."""


@dataclass(frozen=True, slots=True)
class Told:
    """The number of a question as readers know it: a share, a ratio.

    `reason` says why there is none, or what to mind of it.
    `studies` and `patients` are those behind it, of both groups in a comparison; `prediction` is
    the interval of a new study's true effect.
    """

    value: float | None
    low: float | None
    high: float | None
    prediction: tuple[float, float] | None
    level: float
    studies: int
    patients: int
    events: int
    model: str
    method: str
    sources: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class PooledStudies:
    """Studies pooled by every model, and what is told.

    `effects` have the places of the rows that were given. `binomial` is of shares, `counted` of
    comparisons (Mantel and Haenszel); None for the other.
    """

    scale: str
    effects: Effects
    common: Pooled
    random: Pooled
    binomial: PooledShare | None
    counted: PooledCounts | None
    told: Told


def pool_rows(rows: pl.DataFrame, scale: str) -> PooledStudies:
    """Pool the rows that answer a question.

    Parameters
    ----------
    rows
        One for each study: `events` of `total`, in a comparison `reference_events` of
        `reference_total`, and `why` a row has no effect, null where it has one.
    scale
        Scale of the question: `proportion`, `risk_ratio`, `odds_ratio`, `risk_difference`; of
        others nothing is pooled.

    Returns
    -------
    PooledStudies
        Shares and differences [1], ratios [1], each with its interval of 95 %.

    Examples
    --------
    >>> rows = pl.DataFrame({"events": [46, 157, 38], "total": [75, 241, 54], "why": [None] * 3})
    >>> told = pool_rows(rows, "proportion").told
    >>> f"{told.value:.3f} ({told.low:.3f} to {told.high:.3f}), {told.patients} patients"
    '0.651 (0.567 to 0.726), 370 patients'

    Witness: R metafor::rma and rma.mh, tests/reference/pool.
    """
    effects = measure_rows(rows, scale)
    known = rows.filter(pl.col("why").is_null())
    random, common = pool_effects(effects), pool_effects(effects, "common")
    binomial, counted = _pool_shares(known, scale), _pool_counts(known, scale)
    told = _tell(known, scale, random, lambda: (binomial, counted))
    if not rows.height:
        told = replace(told, reason=NO_STUDY)
    return PooledStudies(scale, effects, common, random, binomial, counted, told)


def tell_rows(rows: pl.DataFrame, scale: str) -> Told:
    """Return what is told of rows alone: only the model that is told is fitted.

    Parameters
    ----------
    rows, scale
        As of `pool_rows`.

    Examples
    --------
    >>> rows = pl.DataFrame({"events": [46, 157, 38], "total": [75, 241, 54], "why": [None] * 3})
    >>> tell_rows(rows, "proportion") == pool_rows(rows, "proportion").told
    True
    """
    effects = measure_rows(rows, scale)
    known = rows.filter(pl.col("why").is_null())

    def count() -> Counted:
        return _pool_shares(known, scale), _pool_counts(known, scale)

    told = _tell(known, scale, pool_effects(effects, described=False), count)
    return told if rows.height else replace(told, reason=NO_STUDY)


def _pool_shares(known: pl.DataFrame, scale: str) -> PooledShare | None:
    if scale != "proportion":
        return None
    return pool_binomial(known["events"].to_numpy(), known["total"].to_numpy())


def _pool_counts(known: pl.DataFrame, scale: str) -> PooledCounts | None:
    if scale not in RATIOS or not known.height:
        return None
    return pool_mantel_haenszel(*_columns(known), ratio=RATIOS[scale])


def measure_rows(rows: pl.DataFrame, scale: str) -> Effects:
    """Return the effects of rows, in their order; those with `why` have none.

    Examples
    --------
    >>> rows = pl.DataFrame({"events": [18, None], "total": [33, None], "why": [None, "no count"]})
    >>> found = measure_rows(rows, "proportion")
    >>> found.values.round(3), found.reasons
    (array([0.182,   nan]), ((1, 'no count'),))
    """
    why = rows["why"].to_list()
    known = np.array([text is None for text in why], bool)
    empty = np.full(known.size, np.nan)
    told = [(place, text) for place, text in enumerate(why) if text is not None]
    if not known.any():
        return Effects(empty, empty, scale.replace("_", " "), reasons=tuple(told))
    own = rows.filter(pl.Series(known))
    found = _MEASURES[scale](own)
    values, variances = empty.copy(), empty.copy()
    values[known], variances[known] = found.values, found.variances
    places = np.flatnonzero(known)
    told += [(int(places[place]), text) for place, text in found.reasons]
    return replace(found, values=values, variances=variances, reasons=tuple(sorted(told)))


def _columns(rows: pl.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    a, n1, c, n2 = (rows[name].to_numpy() for name in COUNTS)
    return a, n1, c, n2


_MEASURES: dict[str, Callable[[pl.DataFrame], Effects]] = {
    "proportion": lambda rows: logit_proportions(
        rows["events"].to_numpy(), rows["total"].to_numpy()
    ),
    "risk_ratio": lambda rows: log_risk_ratios(*_columns(rows)),
    "odds_ratio": lambda rows: log_odds_ratios(*_columns(rows)),
    "risk_difference": lambda rows: risk_differences(*_columns(rows)),
}


def estimate_row(row: Mapping[str, int | None], scale: str) -> Estimate:
    """Estimate what one study says, from its counts, with its own interval.

    Shares have the interval of Clopper and Pearson; ratios and differences those of the house.

    Examples
    --------
    >>> found = estimate_row({"events": 8, "total": 18}, "proportion")
    >>> f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"
    '0.444 (0.215 to 0.692)'
    """
    events, total = row["events"] or 0, row["total"] or 0
    if scale == "proportion":
        return estimate_proportion(events, total, LEVEL)
    reference = (row["reference_events"] or 0, row["reference_total"] or 0)
    both = compare_two_proportions((events, total), reference, LEVEL)
    return {
        "risk_ratio": both.risk_ratio,
        "odds_ratio": both.odds_ratio,
        "risk_difference": both.difference,
    }[scale]


def _tell(
    known: pl.DataFrame,
    scale: str,
    random: Pooled,
    count: Callable[[], Counted],
) -> Told:
    """The model that is told: random effects, else that of counts, else the one study there is."""
    totals = ("total", "reference_total") if scale in RATIOS else ("total",)
    events = ("events", "reference_events") if scale in RATIOS else ("events",)
    empty = Told(
        None, None, None, None, LEVEL, known.height, 0, 0, "none", "", (), NO_EFFECT,
    )  # fmt: skip
    if not known.height:
        return empty
    empty = replace(empty, patients=_sum(known, totals), events=_sum(known, events))
    if known.height == 1:
        one = estimate_row(known.row(0, named=True), scale)
        reason = ONE if one.value is not None else "one study, in which it is not defined"
        return replace(
            empty, value=one.value, low=one.low, high=one.high, model="one study",
            method=f"one study, {one.method}", sources=one.sources, reason=reason,
        )  # fmt: skip
    if random.studies == known.height:
        return _tell_random(empty, random)
    binomial, counted = count()
    if binomial is not None:
        return replace(
            empty, value=binomial.value, low=binomial.low, high=binomial.high,
            prediction=binomial.prediction, model="counts", method=binomial.method,
            sources=binomial.sources, reason=binomial.reason or "",
        )  # fmt: skip
    return _tell_counted(empty, counted, random.effects)


def _tell_random(empty: Told, random: Pooled) -> Told:
    """The random-effects mean, by the wider of the Knapp-Hartung and Wald's intervals.

    Few studies that happen to agree make Knapp and Hartung's narrower than what sampling alone
    allows.
    """
    wald = as_wald(random)
    narrow = _width(random) < _width(wald)
    shown = wald if narrow else random
    value, low, high = shown.shown()
    ends = None
    if shown.prediction is not None:
        first, last = (shown.effects.show(end) for end in shown.prediction)
        ends = first, last
    reasons = [*random.reasons]
    if narrow:
        reasons.append(NARROW)
    elif random.studies == 2 and EQUAL not in reasons:
        reasons.append(TWO)
    return replace(
        empty, value=value, low=low, high=high, prediction=ends, model="random effects",
        method=shown.method, sources=shown.sources, reason="; ".join(reasons),
    )  # fmt: skip


def _width(pooled: Pooled) -> float:
    return 0.0 if pooled.low is None or pooled.high is None else pooled.high - pooled.low


def _tell_counted(empty: Told, counted: PooledCounts | None, effects: Effects) -> Told:
    if counted is None:
        return empty
    value, low, high = (
        None if end is None else effects.show(end)
        for end in (counted.value, counted.low, counted.high)
    )
    return replace(
        empty, value=value, low=low, high=high, model="counts", method=counted.method,
        sources=counted.sources, reason=counted.reason or "",
    )  # fmt: skip


def _sum(rows: pl.DataFrame, names: tuple[str, ...]) -> int:
    return sum(int(rows[name].sum()) for name in names)
