"""Axes of effects: where a share, a ratio or a difference lies, and the ticks that are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, exp, floor, isfinite, log, log10
from typing import Literal

from stromal.report.words import render_number

EffectScale = Literal["share", "log-odds", "ratio", "difference", "amount"]
"""`share`, `difference` and `amount` (which has no value of no effect) lie on a straight axis,
`ratio` by its logarithm; `log-odds` are shares by their log odds."""

_SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
_FEW = ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0))
_LEAST_ODDS = 1.5
_OUTLIER = 1.5


@dataclass(frozen=True, slots=True)
class EffectAxis:
    """An axis: its ends, and its ticks as places with what is written there.

    Places are what `place_effect` gives for values that readers know.
    """

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def clip(self, place: float) -> float:
        """Return the place, moved to the nearer end where it lies outside."""
        return min(max(place, self.low), self.high)


def place_effect(value: float, scale: EffectScale) -> float:
    """Return where a share, a ratio or a difference lies on its axis.

    Examples
    --------
    >>> place_effect(1.0, "ratio"), place_effect(0.5, "log-odds"), place_effect(0.5, "share")
    (0.0, 0.0, 0.5)
    """
    if scale == "ratio":
        return log(value) if value > 0 else float("-inf")
    if scale == "log-odds":
        if not 0 < value < 1:
            return float("-inf") if value <= 0 else float("inf")
        return log(value / (1 - value))
    return float(value)


def choose_axis(places: Sequence[float], scale: EffectScale, *, most: int = 7) -> EffectAxis:
    """Return an axis that holds the places, with ticks at numbers that are easily read.

    A straight axis of shares runs from 0 to 100 %. Places far from the others, such as the end of
    a ratio's interval of a small study, do not stretch the axis: whoever draws them cuts them.

    Parameters
    ----------
    places
        Of points and ends of intervals; those that are not finite are left out.
    scale
        What they are.
    most
        Ticks, at most.

    Examples
    --------
    >>> axis = choose_axis([place_effect(ratio, "ratio") for ratio in (0.3, 0.66, 2.1)], "ratio")
    >>> [label for _, label in axis.ticks]
    ['0.5', '1', '2']
    >>> choose_axis([0.4], "share").ticks[-1]
    (1.0, '100')
    """
    if scale == "share":
        return EffectAxis(0.0, 1.0, tuple((k / 4, str(25 * k)) for k in range(5)))
    known = sorted(place for place in places if isfinite(place))
    if not known:
        known = [0.0]
    low, high = _trim(known)
    if scale == "ratio":
        return _axis_of_ratios(low, high, most)
    if scale == "log-odds":
        return _axis_of_odds(low, high, most)
    return _straight_axis(low, high, most)


def _trim(known: Sequence[float]) -> tuple[float, float]:
    """Ends without outliers: those beyond the quartiles by more than some of their distances."""
    low, high = known[0], known[-1]
    if len(known) < 8:
        return low, high
    first, third = known[len(known) // 4], known[3 * len(known) // 4]
    reach = _OUTLIER * 2 * (third - first)
    return max(low, first - reach), min(high, third + reach)


def _axis_of_ratios(low: float, high: float, most: int) -> EffectAxis:
    """Ticks at 1, 2 and 5 times powers of ten, fewer where the axis is long; 1 is among them."""
    low, high = min(low, log(0.5)), max(high, log(2.0))
    ticks: list[float] = []
    for heads in reversed(_FEW):
        powers = range(floor(low / log(10)) - 1, ceil(high / log(10)) + 2)
        values = [head * 10.0**power for power in powers for head in heads]
        ticks = [tick for value in values if low - 1e-9 <= (tick := log(value)) <= high + 1e-9]
        if len(ticks) <= most:
            break
    step = ceil(len(ticks) / most)
    # whatever is left out, no effect keeps its tick
    kept = [tick for place, tick in enumerate(ticks) if (place - ticks.index(0.0)) % step == 0]
    pad = 0.02 * (high - low)
    return EffectAxis(low - pad, high + pad, tuple((tick, _ratio_label(tick)) for tick in kept))


def _ratio_label(place: float) -> str:
    value = exp(place)
    digits = max(0, -floor(log10(value) + 1e-9))
    return f"{value:.{digits}f}"


def _axis_of_odds(low: float, high: float, most: int) -> EffectAxis:
    """Ticks at shares, those near 0 and 100 % further apart than they are as shares."""
    spare = max(0.0, _LEAST_ODDS - (high - low)) / 2
    low, high = low - spare, high + spare
    places = [log(share / (1 - share)) for share in _SHARES]
    ticks = _around(places, low, high)
    while len(ticks) > most:
        ticks = ticks[::2]
    shares = [1 / (1 + exp(-tick)) for tick in ticks]
    marks = tuple((tick, f"{100 * share:.0f}") for tick, share in zip(ticks, shares, strict=True))
    return EffectAxis(min(low, ticks[0]), max(high, ticks[-1]), marks)


def _straight_axis(low: float, high: float, most: int) -> EffectAxis:
    low, high = min(low, 0.0), max(high, 0.0)
    width = high - low or 1.0
    power = 10.0 ** floor(log10(width / most))
    step = next(
        head * power for head in (1.0, 2.0, 2.5, 5.0, 10.0, 20.0) if width / (head * power) < most
    )
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    last = max(last, first + 1)
    digits = next(d for d in range(9) if abs(round(step, d) - step) < 1e-9 * step)
    marks = tuple((step * k, render_number(step * k, digits)) for k in range(first, last + 1))
    return EffectAxis(marks[0][0], marks[-1][0], marks)


def _around(places: Sequence[float], low: float, high: float) -> list[float]:
    """Places from the last at or below `low` to the first at or above `high`."""
    below = [place for place in places if place <= low + 1e-9] or [places[0]]
    above = [place for place in places if place >= high - 1e-9] or [places[-1]]
    kept = [place for place in places if below[-1] <= place <= above[0]]
    return kept if len(kept) > 1 else [below[-1], above[0]]
