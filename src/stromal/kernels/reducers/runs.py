"""Runs: stretches of time that an output spends on one side of a threshold without a break."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stromal.errors import Issue
from stromal.kernels.reducers.checks import Side
from stromal.kernels.reducers.extremes import time_of_smallest
from stromal.kernels.reducers.spans import Spans, find_spans
from stromal.kernels.reducers.window import Windowed
from stromal.kernels.track import Track

Floats = NDArray[np.float64]

ROUNDING = 8.0
"""Rounding errors of a time by which lengths of runs may differ and still be equal."""


@dataclass(frozen=True, slots=True)
class LongestBelow(Windowed):
    """Longest run of an output below a threshold: its length, its start, whether it is cut.

    Three numbers: the length, 0 where the output is never below; the start, the first one of equal
    runs; and `censored`, 1 where the window's start or end cuts the run, which is then at least so
    long, else 0.

    Examples
    --------
    >>> line = Track(np.array([[0.0, 2.0]]), np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]]))
    >>> LongestBelow("ANC", 0.5).reduce(line)
    array([[0.5, 0. , 1. ]])
    """

    threshold: float

    @property
    def columns(self) -> tuple[str, ...]:
        """The name, with `[from]` and `[censored]`."""
        return _with(self.name, "from", "censored")

    def _word(self) -> str:
        return f"longest_below_{self.threshold:g}"

    def _within(self, track: Track) -> Floats:
        return _longest(find_spans(track, self.threshold, "below"), len(track.times))


@dataclass(frozen=True, slots=True)
class LongestAbove(Windowed):
    """Longest run of an output at or above a threshold: its length, its start, whether it is cut.

    The three numbers are those of `LongestBelow`.

    Examples
    --------
    >>> line = Track(np.array([[0.0, 2.0]]), np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]]))
    >>> LongestAbove("ANC", 0.5).reduce(line)
    array([[1.5, 0.5, 1. ]])
    """

    threshold: float

    @property
    def columns(self) -> tuple[str, ...]:
        """The name, with `[from]` and `[censored]`."""
        return _with(self.name, "from", "censored")

    def _word(self) -> str:
        return f"longest_above_{self.threshold:g}"

    def _within(self, track: Track) -> Floats:
        return _longest(find_spans(track, self.threshold, "above"), len(track.times))


@dataclass(frozen=True, slots=True)
class EpisodesBelow(Windowed):
    """Number of runs of an output below a threshold, those included that the window cuts.

    An output that rests at its threshold crosses it as often as the error of the solver says: give
    `days` to count only runs of at least so long.

    Examples
    --------
    >>> dip = Track(np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]]), np.array([[-1.0, 1.0]]))
    >>> EpisodesBelow("ANC", 0.75).reduce(dip), EpisodesBelow("ANC", 0.75, days=3.0).reduce(dip)
    (array([1.]), array([0.]))
    """

    threshold: float
    days: float = 0.0

    def _word(self) -> str:
        return f"episodes_below_{self.threshold:g}{_lasting(self.days)}"

    def _within(self, track: Track) -> Floats:
        return _count(find_spans(track, self.threshold, "below"), self.days, len(track.times))


@dataclass(frozen=True, slots=True)
class EpisodesAbove(Windowed):
    """Number of runs of an output at or above a threshold, those included that the window cuts.

    Examples
    --------
    >>> dip = Track(np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]]), np.array([[-1.0, 1.0]]))
    >>> EpisodesAbove("CRP", 0.75).reduce(dip)
    array([2.])
    """

    threshold: float
    days: float = 0.0

    def _word(self) -> str:
        return f"episodes_above_{self.threshold:g}{_lasting(self.days)}"

    def _within(self, track: Track) -> Floats:
        return _count(find_spans(track, self.threshold, "above"), self.days, len(track.times))


@dataclass(frozen=True, slots=True)
class FirstRun(Windowed):
    """First time from which an output stays on one side of a threshold for some days.

    The output is looked at all the time; `FirstRunAtVisits` looks at visits only. A run that the
    window's start cuts begins there. Two numbers: the time, NaN where there is no such run; and
    `unconfirmed`, the start of a run at the window's end that is too short to tell, where nothing
    came before.

    Examples
    --------
    >>> line = Track(np.array([[0.0, 2.0]]), np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]]))
    >>> FirstRun("ANC", 0.5, "above", days=1.0).reduce(line)
    array([[0.5, nan]])
    >>> FirstRun("ANC", 0.5, "above", days=3.0).reduce(line)
    array([[nan, 0.5]])
    """

    threshold: float
    side: Side = "above"
    days: float = 0.0

    @property
    def columns(self) -> tuple[str, ...]:
        """The name, with `[unconfirmed]`."""
        return _with(self.name, "unconfirmed")

    def _word(self) -> str:
        return f"first_run_{self.side}_{self.threshold:g}{_lasting(self.days)}"

    def _within(self, track: Track) -> Floats:
        spans = find_spans(track, self.threshold, self.side)
        return np.stack(_first(spans, self.days, len(track.times)), axis=1)

    def _check_together(self) -> list[Issue]:
        # A base class by its name: `super()` does not know a class that slots have made anew.
        return [*Windowed._check_together(self), *_check_length(self, self.days)]


@dataclass(frozen=True, slots=True)
class ReturnAbove(Windowed):
    """First time after its minimum at which an output is back at or above a threshold.

    With `days`, the first time from which it stays there for so long. What a guideline calls
    recovery is said by an endpoint; this is the trajectory's own. Three numbers: the time, NaN
    where there is none; `fell`, 0 where the output is never below the threshold, so that there is
    nothing to return from, else 1; and `unconfirmed`, as `FirstRun` has it.

    Examples
    --------
    >>> dip = Track(np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]]), np.array([[-1.0, 1.0]]))
    >>> ReturnAbove("ANC", 0.625).reduce(dip)
    array([[1.5, 1. , nan]])
    """

    threshold: float
    days: float = 0.0

    @property
    def columns(self) -> tuple[str, ...]:
        """The name, with `[fell]` and `[unconfirmed]`."""
        return _with(self.name, "fell", "unconfirmed")

    def _word(self) -> str:
        return f"return_above_{self.threshold:g}{_lasting(self.days)}"

    def _within(self, track: Track) -> Floats:
        patients = len(track.times)
        lowest = time_of_smallest(track)
        below = find_spans(track, self.threshold, "below")
        fell = np.zeros(patients)
        fell[below.rows] = 1.0
        above = find_spans(track, self.threshold, "above")
        above = above.where((above.starts >= lowest[above.rows]) & (fell[above.rows] > 0.0))
        first, unconfirmed = _first(above, self.days, patients)
        return np.stack([first, fell, unconfirmed], axis=1)

    def _check_together(self) -> list[Issue]:
        return [*Windowed._check_together(self), *_check_length(self, self.days)]


def _longest(spans: Spans, patients: int) -> Floats:
    """Return length, start and whether it is cut of each patient's longest span, (n, 3)."""
    found = np.tile([0.0, np.nan, 0.0], (patients, 1))
    longest = np.full(patients, -np.inf)
    np.maximum.at(longest, spans.rows, spans.lengths)
    # Ends are rounded as times are, so that cycles of one length differ in their last bits.
    equal = spans.lengths >= longest[spans.rows] - ROUNDING * np.spacing(np.abs(spans.ends))
    chosen = spans.where(equal)
    rows, first = np.unique(chosen.rows, return_index=True)
    found[rows, 0] = chosen.lengths[first]
    found[rows, 1] = chosen.starts[first]
    found[rows, 2] = (chosen.cut_at_start | chosen.cut_at_end)[first]
    return found


def _count(spans: Spans, days: float, patients: int) -> Floats:
    """Return the number of spans of at least some days, (n,)."""
    long = spans.rows[spans.lengths >= days]
    return np.bincount(long, minlength=patients).astype(np.float64)


def _first(spans: Spans, days: float, patients: int) -> tuple[Floats, Floats]:
    """Return the start of the first span that is long enough, and of one that is cut too early."""
    first, unconfirmed = np.full(patients, np.nan), np.full(patients, np.nan)
    long = spans.lengths >= days
    np.fmin.at(first, spans.rows[long], spans.starts[long])
    short = spans.cut_at_end & ~long
    unconfirmed[spans.rows[short]] = spans.starts[short]
    return first, np.where(np.isnan(first), unconfirmed, np.nan)


def _check_length(reducer: Windowed, days: float) -> list[Issue]:
    """Refuse runs that no window is long enough for."""
    after, until = reducer._ends()
    if np.all(np.asarray(until) - np.asarray(after) >= days):
        return []
    message = f"{reducer.name}: a window is shorter than {days:g} days"
    return [Issue(message, hint="let the window be longer, or ask for fewer days")]


def _with(name: str, *parts: str) -> tuple[str, ...]:
    return name, *(f"{name}[{part}]" for part in parts)


def _lasting(days: float) -> str:
    return f"_for_{days:g}" if days else ""
