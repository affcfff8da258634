"""Reducers: one number per patient from a trajectory that is not kept.

A reducer reads an output on a grid of times, with its slope, while a chunk of patients is at hand;
between the points of the grid the output is taken to be the cubic that has its values and slopes
there. Every change of a patient (dose, jump, parameter change) stands on the grid twice, just
before and at it, so that no cubic runs across a jump. The error of that cubic is at most
h^4 / 384 times the output's fourth derivative, h being the length of an interval: a grid twice as
fine makes it sixteen times smaller. Values at days are on the grid themselves and have no such
error. Where a slope is far beyond what the output does around it (beside a root at zero, a kink),
the cubic is kept between the ends of its interval, and the error is only that of the grid.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from stromal.errors import Issue
from stromal.kernels.arguments import is_finite, is_number, is_one_of
from stromal.kernels.hermite import Cubics

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Direction = Literal["up", "down", "either"]

RESERVED = ("patient", "status", "steps")
"""Columns of a table of patients beside those of reducers."""

FAR_BEYOND = 4.0
"""So many times what the line, the other end and the intervals beside it have is far beyond."""

ROWS = 32
"""Patients looked at together, so that what is computed of them stays near the processor."""

STEEPEST = 3.0
"""Slope of a cubic, as a multiple of the line's, up to which it stays between its ends."""


@dataclass(frozen=True, slots=True)
class Track:
    """An output on a grid: `times` (n, T), `values` and `slopes` (n, T), n patients."""

    times: Floats
    values: Floats
    slopes: Floats

    def finite(self) -> Mask:
        """Patients whose output is a finite number at every point of the grid, (n,)."""
        return np.asarray(np.isfinite(self.values).all(axis=1))

    def window(self, after: float, until: float) -> Track:
        """The part between two times; points outside are moved onto its nearest end."""
        times = self.times
        first = np.sum(times < after, axis=1)
        last = np.sum(times <= until, axis=1) - 1
        wanted = np.clip(np.arange(times.shape[1])[None, :], first[:, None], last[:, None])
        low, high = int(first.min()), int(last.max()) + 1
        if np.all(first == low) and np.all(last == high - 1):
            part = slice(low, high)
            return Track(times[:, part], self.values[:, part], self.slopes[:, part])
        return Track(*(_pick(array, wanted) for array in (times, self.values, self.slopes)))

    def mended(self) -> Track:
        """The track itself; where its cubics cannot follow a slope, a track with lesser ones.

        That is so where a value is finite and its slope is not, and where a slope is far beyond
        what the output does around it: beside a root at zero, a kink, or a decay much faster than
        the grid. There it becomes three times that of the straight line between the ends of the
        interval, the steepest from which no cubic swings beyond them.

        Points of such a track stand twice, as the end of one interval and the start of the next,
        each with a slope of its own; the intervals of length zero between them change nothing.
        """
        if self.times.shape[1] < 2:
            return self
        firsts = range(0, len(self.times), ROWS)
        steep = [self._rows(first).find_steep() for first in firsts]
        if not any(steep):
            return self
        twice = np.repeat(np.arange(self.times.shape[1]), 2)[1:-1]
        track = Track(*(part[:, twice] for part in (self.times, self.values, self.slopes)))
        for first, found in zip(firsts, steep, strict=True):
            if found:
                _lessen(track._rows(first), found)
        return track

    def find_steep(self) -> tuple[Mask, Mask] | None:
        """Intervals whose slopes cubics cannot follow, at their start and at their end.

        Each (n, T - 1); None where there are none.
        """
        size = np.abs(self.slopes)
        with np.errstate(all="ignore"):
            length, rise = np.diff(self.times, axis=1), np.abs(np.diff(self.values, axis=1))
            near, far = length * size[:, :-1], length * size[:, 1:]
            steep = near > FAR_BEYOND * (rise + far), far > FAR_BEYOND * (rise + near)
            if np.isfinite(size.sum()) and not (steep[0].any() or steep[1].any()):
                return None
        around = rise.copy()
        np.maximum(around[:, 1:], rise[:, :-1], out=around[:, 1:])
        np.maximum(around[:, :-1], rise[:, 1:], out=around[:, :-1])
        at_start, at_end = (
            (found & (slopes > FAR_BEYOND * around)) | (np.isfinite(rise) & ~np.isfinite(slopes))
            for found, slopes in zip(steep, (near, far), strict=True)
        )
        return (at_start, at_end) if at_start.any() or at_end.any() else None

    def _rows(self, first: int) -> Track:
        rows = slice(first, first + ROWS)
        return Track(self.times[rows], self.values[rows], self.slopes[rows])

    def cubics(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Cubics:
        """The cubics of chosen intervals."""
        length = self.times[rows, columns + 1] - self.times[rows, columns]
        return Cubics(
            self.values[rows, columns],
            self.values[rows, columns + 1],
            length * self.slopes[rows, columns],
            length * self.slopes[rows, columns + 1],
        )

    def reach(self) -> tuple[Floats, Floats]:
        """Bounds of the cubic of every interval, from its control points: two of (n, T - 1)."""
        length = np.diff(self.times, axis=1) / 3.0
        near = self.values[:, :-1] + length * self.slopes[:, :-1]
        far = self.values[:, 1:] - length * self.slopes[:, 1:]
        low = np.minimum(np.minimum(near, far), np.minimum(self.values[:, :-1], self.values[:, 1:]))
        high = np.maximum(
            np.maximum(near, far), np.maximum(self.values[:, :-1], self.values[:, 1:])
        )
        return low, high


def _lessen(track: Track, steep: tuple[Mask, Mask]) -> None:
    """Give a track whose points stand twice lesser slopes where they are too steep."""
    length, rise = (np.diff(part, axis=1)[:, ::2] for part in (track.times, track.values))
    for end, found in enumerate(steep):
        slopes = track.slopes[:, end::2]
        times = np.where(np.isnan(slopes[found]), 1.0, STEEPEST)
        with np.errstate(all="ignore"):
            slopes[found] = np.nan_to_num(times * (rise[found] / length[found]))


def _pick(array: Floats, columns: NDArray[np.int64]) -> Floats:
    return np.asarray(np.take_along_axis(array, columns, axis=1))


@dataclass(frozen=True, slots=True)
class Reducer(ABC):
    """What every reducer has: the output it reads, and the window of time it looks at.

    Parameters
    ----------
    output
        Name of the output.
    after, until
        Window, both ends included; the whole run when left out.
    label
        Name of the result; by default the reducer and its output in words.
    """

    output: str

    @property
    @abstractmethod
    def name(self) -> str:
        """Name of the result: `minimum(ANC)`."""

    @property
    def width(self) -> int:
        """How many numbers a patient gets."""
        return 1

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the numbers, as a table of patients has them."""
        return (self.name,)

    @property
    def whole_grid(self) -> bool:
        """Whether the grid between the asked times is read, and not only `points`."""
        return True

    @property
    @abstractmethod
    def points(self) -> tuple[float, ...]:
        """Times that must stand on the grid."""

    @abstractmethod
    def reduce(self, track: Track) -> Floats:
        """The result for each patient of a chunk: (n,), or (n, width)."""

    def check(self) -> list[Issue]:
        """What is wrong with the reducer itself."""
        issues = [*self._check_kinds()]
        if issues:
            return issues
        if getattr(self, "after", -np.inf) > getattr(self, "until", np.inf):
            return [Issue(f"{self.name}: the window ends before it begins", hint="swap its ends")]
        if any(name in RESERVED for name in self.columns):
            message = f"`{self.name}` is a column of every table of patients"
            return [Issue(message, hint="give another `label`")]
        if len(set(self.columns)) < len(self.columns) or not self.columns:
            hint = "give at least one, and times that differ in their first six digits"
            return [Issue(f"{self.name}: times do not make columns of their own", hint=hint)]
        return []

    def _check_kinds(self) -> Iterator[Issue]:
        """What is of the wrong kind, so that nothing else can be said of it."""
        kind = type(self).__name__
        output: object = self.output
        if not isinstance(output, str):
            yield Issue(f"the output of {kind} is {output!r}", hint="give its name")
        label = getattr(self, "label", None)
        if not (label is None or isinstance(label, str)):
            yield Issue(f"the label of {kind} is {label!r}", hint="give a name")
        threshold = getattr(self, "threshold", 0.0)
        if not is_finite(threshold):
            yield Issue(f"the threshold of {kind} is {threshold!r}", hint="give a finite number")
        for end in ("after", "until"):
            time = getattr(self, end, 0.0)
            if not is_number(time) or math.isnan(time):
                yield Issue(f"`{end}` of {kind} is {time!r}", hint="give a time")
            elif float(time) == (math.inf if end == "after" else -math.inf):
                hint = "leave it out, or give a time of the run"
                yield Issue(f"`{end}` of {kind} is {time}, beyond every run", hint=hint)
        direction = getattr(self, "direction", "up")
        if not is_one_of(direction, get_args(Direction)):
            message = f"the direction of {kind} is {direction!r}"
            yield Issue(message, hint="give up, down or either")
        times = getattr(self, "times", ())
        if isinstance(times, str) or not isinstance(times, Iterable):
            yield Issue(f"the times of {kind} are {times!r}", hint="give a list of times")
        elif not all(is_finite(time) for time in times):
            hint = "give a list of finite numbers"
            yield Issue(f"the times of {kind} are {times!r}", hint=hint)


def read_all(reducers: Iterable[Reducer]) -> bool:
    """Whether some reducer reads the whole run, and not only points of its own.

    Examples
    --------
    >>> read_all([ValueAt("ANC", (14.0,))]), read_all([ValueAt("ANC", (14.0,)), Minimum("ANC")])
    (False, True)
    """
    return any(reducer.whole_grid for reducer in reducers)


@dataclass(frozen=True, slots=True)
class _Windowed(Reducer):
    after: float = field(default=-np.inf, kw_only=True)
    until: float = field(default=np.inf, kw_only=True)
    label: str | None = field(default=None, kw_only=True)

    @property
    def name(self) -> str:
        return self.label or f"{self._word()}({self.output})"

    @property
    def points(self) -> tuple[float, ...]:
        return tuple(float(time) for time in (self.after, self.until) if is_finite(time))

    def reduce(self, track: Track) -> Floats:
        part = track.window(self.after, self.until).mended()
        with np.errstate(invalid="ignore"):
            found = self._within(part)
        return np.where(part.finite(), found, np.nan)

    @abstractmethod
    def _word(self) -> str:
        """The reducer in a word."""

    @abstractmethod
    def _within(self, track: Track) -> Floats:
        """The result of a window, (n,)."""


@dataclass(frozen=True, slots=True)
class Minimum(_Windowed):
    """Smallest value of an output, between the points of the grid too.

    Examples
    --------
    >>> fall = Track(np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]]), np.array([[-1.0, 1.0]]))
    >>> Minimum("ANC").name, Minimum("ANC").reduce(fall)
    ('minimum(ANC)', array([0.5]))
    """

    def _word(self) -> str:
        return "minimum"

    def _within(self, track: Track) -> Floats:
        return _smallest(track)


@dataclass(frozen=True, slots=True)
class Maximum(_Windowed):
    """Largest value of an output, between the points of the grid too.

    Examples
    --------
    >>> Maximum("CRP", until=14.0).name
    'maximum(CRP)'
    """

    def _word(self) -> str:
        return "maximum"

    def _within(self, track: Track) -> Floats:
        return -_smallest(Track(track.times, -track.values, -track.slopes))


@dataclass(frozen=True, slots=True)
class Area(_Windowed):
    """Area under an output (its integral over time).

    Examples
    --------
    >>> line = Track(np.array([[0.0, 2.0]]), np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]]))
    >>> Area("drug").reduce(line)
    array([2.])
    """

    def _word(self) -> str:
        return "area"

    def _within(self, track: Track) -> Floats:
        length = np.diff(track.times, axis=1)
        values = 0.5 * (track.values[:, :-1] + track.values[:, 1:])
        bend = (track.slopes[:, :-1] - track.slopes[:, 1:]) / 12.0
        return _total(length * (values + length * bend))


@dataclass(frozen=True, slots=True)
class TimeBelow(_Windowed):
    """How long an output is below a threshold.

    Examples
    --------
    >>> line = Track(np.array([[0.0, 2.0]]), np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]]))
    >>> TimeBelow("ANC", 0.5).reduce(line)
    array([0.5])
    """

    threshold: float

    def _word(self) -> str:
        return f"time_below_{self.threshold:g}"

    def _within(self, track: Track) -> Floats:
        return _time_below(track, self.threshold)


@dataclass(frozen=True, slots=True)
class TimeAbove(_Windowed):
    """How long an output is at or above a threshold.

    Examples
    --------
    >>> line = Track(np.array([[0.0, 2.0]]), np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]]))
    >>> TimeAbove("ANC", 0.5).reduce(line)
    array([1.5])
    """

    threshold: float

    def _word(self) -> str:
        return f"time_above_{self.threshold:g}"

    def _within(self, track: Track) -> Floats:
        below = _time_below(track, self.threshold)
        return (track.times[:, -1] - track.times[:, 0]) - below


@dataclass(frozen=True, slots=True)
class FirstCrossing(_Windowed):
    """First time at which an output crosses a threshold; NaN where it never does.

    To cross upwards is to come from below the threshold to it or above it; a jump counts. An output
    that is above from the start has not crossed.

    Examples
    --------
    >>> line = Track(np.array([[0.0, 2.0]]), np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]]))
    >>> FirstCrossing("ANC", 0.5).reduce(line)
    array([0.5])
    >>> FirstCrossing("ANC", 0.5, "down").reduce(line)
    array([nan])
    """

    threshold: float
    direction: Direction = "up"

    def _word(self) -> str:
        return f"first_crossing_{self.direction}_{self.threshold:g}"

    def _within(self, track: Track) -> Floats:
        rows, columns = _candidates(track, self.threshold)
        places, _, over = track.cubics(rows, columns).crossings(self.threshold)
        rises = over[:, :-1] < 0
        if self.direction != "either":
            places = np.where(rises == (self.direction == "up"), places, np.nan)
        place = np.fmin.reduce(places, axis=1)
        start, end = track.times[rows, columns], track.times[rows, columns + 1]
        inside = start + place * (end - start)
        time = np.where(np.nextafter(start, end) == end, end + 0.0 * place, inside)  # a jump
        first = np.full(len(track.times), np.inf)
        np.fmin.at(first, rows, time)
        return np.where(np.isinf(first), np.nan, first)


@dataclass(frozen=True, slots=True)
class ValueAt(Reducer):
    """Values of an output at given times; a change at that instant has been made.

    Examples
    --------
    >>> ValueAt("ANC", (14.0, 28.0)).name
    'value_at(ANC)'
    """

    times: tuple[float, ...]
    label: str | None = field(default=None, kw_only=True)

    @property
    def name(self) -> str:
        """Name of the result."""
        return self.label or f"value_at({self.output})"

    @property
    def width(self) -> int:
        """One number for each time."""
        return len(self.times)

    @property
    def columns(self) -> tuple[str, ...]:
        """The name with each time: `value_at(ANC)[14]`."""
        return tuple(f"{self.name}[{time:g}]" for time in self.times)

    @property
    def whole_grid(self) -> bool:
        """Only the times themselves are read."""
        return False

    @property
    def points(self) -> tuple[float, ...]:
        """The times."""
        return tuple(float(time) for time in self.times)

    def reduce(self, track: Track) -> Floats:
        """Values at each time, (n, width)."""
        last = [np.sum(track.times <= time, axis=1) - 1 for time in self.times]
        found = _pick(track.values, np.stack(last, axis=1))
        return found[:, 0] if self.width == 1 else found


def _smallest(track: Track) -> Floats:
    """Smallest value on the grid and between its points, (n,)."""
    smallest = track.values.min(axis=1)
    low, _ = track.reach()
    rows, columns = np.nonzero(low < smallest[:, None])
    if len(rows):
        cubics = track.cubics(rows, columns)
        np.minimum.at(smallest, rows, cubics.at(cubics.turns()).min(axis=1))
    return np.asarray(smallest)


def _candidates(track: Track, threshold: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Intervals whose cubic may cross a threshold: rows and columns."""
    low, high = track.reach()
    rows, columns = np.nonzero((low < threshold) & (high >= threshold))
    return rows, columns


def _time_below(track: Track, threshold: float) -> Floats:
    """Time below a threshold, (n,)."""
    length = np.diff(track.times, axis=1)
    below = np.where(track.values[:, :-1] < threshold, length, 0.0)
    rows, columns = _candidates(track, threshold)
    if len(rows):
        places, turns, over = track.cubics(rows, columns).crossings(threshold)
        begins, ends = turns[:, :-1], turns[:, 1:]
        starts_below = over[:, :-1] < 0
        # A piece that crosses is below on one side of the crossing; one that does not, throughout
        # or nowhere.
        until = np.where(np.isnan(places), ends, places)
        share = np.where(starts_below, until - begins, ends - until)
        below[rows, columns] = length[rows, columns] * share.sum(axis=1)
    return _total(below)


def _total(parts: Floats) -> Floats:
    """Sums of rows, added in order of time, so that intervals of length zero change nothing."""
    if parts.shape[1] == 0:
        return np.zeros(len(parts))
    return np.asarray(np.cumsum(parts, axis=1)[:, -1])
