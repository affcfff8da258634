"""Reducers: one number per patient from a trajectory that is not kept.

A reducer reads an output on a grid of times, with its slope, while a chunk of patients is at hand;
between the points of the grid the output is taken to be the cubic that has its values and slopes
there. Every change of a patient (dose, jump, parameter change) stands on the grid twice, just
before and at it, so that no cubic runs across a jump. The error of that cubic is at most
h^4 / 384 times the output's fourth derivative, h being the length of an interval: a grid twice as
fine makes it sixteen times smaller. Values at days are on the grid themselves and have no such
error. Where a slope leads far beyond what the output does around it (beside a root at zero, a
kink), the cubic is drawn to one between the ends of its interval, and the error is only that of the
grid.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from stromal.errors import Issue
from stromal.kernels.arguments import is_finite, is_listed, is_number, is_one_of
from stromal.kernels.hermite import Cubics

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Direction = Literal["up", "down", "either"]

RESERVED = ("patient", "status", "steps")
"""Columns of a table of patients beside those of reducers."""

STEEP = 4.0
"""A slope is steep where it leads so many times further than the output goes anywhere near."""

AROUND = 4
"""Intervals on either side that are near; some of them may be of hardly any length."""

ROUNDING = 1e-12
"""What an output may go up and down at rest, as a share of it."""

STEEPEST = 3.0
"""Slope of a cubic, as a multiple of the line's, up to which it stays between its ends."""

ROWS = 32
"""Patients looked at together, so that what is computed of them stays near the processor."""


@dataclass(frozen=True, slots=True)
class Track:
    """An output on a grid: `times` (n, T), `values` and `slopes` (n, T), n patients.

    `gentle` says that slopes have been mended, or are not to be read.
    """

    times: Floats
    values: Floats
    slopes: Floats
    gentle: bool = False

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
            return Track(
                times[:, part], self.values[:, part], self.slopes[:, part], gentle=self.gentle
            )
        times, values, slopes = (_pick(one, wanted) for one in (times, self.values, self.slopes))
        return Track(times, values, slopes, gentle=self.gentle)

    def mended(self) -> Track:
        """The track itself; where its cubics cannot follow a slope, a track with lesser ones.

        That is so where a value is finite and its slope is not, and where a slope is steep: beside
        a root at zero, a kink, or a decay much faster than the grid. The steeper it is, the more
        the cubic of its interval is drawn to one that stays between its ends.

        Points of such a track stand twice, as the end of one interval and the start of the next,
        each with a slope of its own; the intervals of length zero between them change nothing.

        Examples
        --------
        >>> steep = Track(np.array([[0.0, 2.0]]), np.array([[0.0, 2.0]]), np.array([[1e9, 0.5]]))
        >>> steep.mended().slopes
        array([[3. , 0.5]])
        """
        if self.gentle:
            return self
        firsts = range(0, len(self.times), ROWS)
        lesser = [_lessen(self._rows(first)) for first in firsts]
        if not any(lesser):
            return replace(self, gentle=True)
        twice = np.repeat(np.arange(self.times.shape[1]), 2)[1:-1]
        times, values, slopes = (part[:, twice] for part in (self.times, self.values, self.slopes))
        for first, found in zip(firsts, lesser, strict=True):
            if found:
                slopes[first : first + ROWS, ::2], slopes[first : first + ROWS, 1::2] = found
        return Track(times, values, slopes, gentle=True)

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


def _lessen(track: Track) -> tuple[Floats, Floats] | None:
    """Slopes at the start and the end of every interval, (n, T - 1); None where none is steep."""
    with np.errstate(all="ignore"):
        length, rise = np.diff(track.times, axis=1), np.diff(track.values, axis=1)
        near, far = length * track.slopes[:, :-1], length * track.slopes[:, 1:]
        size = np.abs(rise) + ROUNDING * np.abs(track.values[:, :-1])
        if _is_gentle(size, np.abs(near), np.abs(far)):
            return None
        around = _largest_near(size)
        ends = [_End(near, rise, _bound(around, far)), _End(far, rise, _bound(around, near))]
        steep = [end.steepness() for end in ends]
        share = np.where(np.isfinite(rise), np.maximum(*steep), 0.0)
        if not share.any():
            return None
        lesser = [end.drawn(share, own) / length for end, own in zip(ends, steep, strict=True)]
        start, stop = (
            np.where(share > 0.0, np.nan_to_num(less), slopes)
            for less, slopes in zip(
                lesser, (track.slopes[:, :-1], track.slopes[:, 1:]), strict=True
            )
        )
    return start, stop


def _is_gentle(size: Floats, near: Floats, far: Floats) -> bool:
    """Whether no slope can be steep, seen from its own interval alone."""
    steep = (near > STEEP * np.maximum(size, far)) | (far > STEEP * np.maximum(size, near))
    return bool(np.isfinite(near.sum() + far.sum()) and not steep.any())


def _largest_near(sizes: Floats) -> Floats:
    """The largest of each row within `AROUND` places, (n, T - 1)."""
    largest = sizes.copy()
    for shift in range(1, min(AROUND, sizes.shape[1] - 1) + 1):
        np.fmax(largest[:, shift:], sizes[:, :-shift], out=largest[:, shift:])
        np.fmax(largest[:, :-shift], sizes[:, shift:], out=largest[:, :-shift])
    return largest


def _bound(around: Floats, other: Floats) -> Floats:
    """How far a slope may lead that is not steep, the other end of its interval being `other`."""
    return STEEP * np.fmax(around, np.where(np.isfinite(other), np.abs(other), 0.0))


@dataclass(frozen=True, slots=True)
class _End:
    """One end of every interval: its slope times its length, the rise, and what is not steep."""

    slope: Floats
    rise: Floats
    bound: Floats

    def steepness(self) -> Floats:
        """0 up to the bound, rising to 1 at a multiple of it; 1 for what is no finite number."""
        share = np.clip((np.abs(self.slope) / self.bound - 1.0) / (STEEP - 1.0), 0.0, 1.0)
        return np.where(np.isfinite(self.slope), np.nan_to_num(share), 1.0)

    def drawn(self, share: Floats, steepness: Floats) -> Floats:
        """The slope, drawn by a share to one whose cubic stays between the ends."""
        most = STEEPEST * self.rise
        bounded = np.clip(np.nan_to_num(self.slope), -self.bound, self.bound)
        calm = np.clip(bounded, np.minimum(most, 0.0), np.maximum(most, 0.0))
        calm = np.where(steepness > 0.0, np.where(np.isnan(self.slope), self.rise, most), calm)
        return bounded + share * (calm - bounded)


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
        if isinstance(times, str) or not is_listed(times):
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
        part = track.mended().window(self.after, self.until)
        with np.errstate(invalid="ignore", over="ignore"):
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
