"""Values of an output on days, and what follows from those days alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stromal.errors import Issue
from stromal.frozen import freeze
from stromal.kernels.arguments import is_finite, is_listed
from stromal.kernels.reducers.checks import Side
from stromal.kernels.reducers.per_patient import PerPatient, read_per_patient
from stromal.kernels.reducers.reducer import Reducer
from stromal.kernels.track import Track, pick

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _OnDays(Reducer):
    """Reads points alone; values before a patient's failure stay."""

    label: str | None = field(default=None, kw_only=True)

    @property
    def whole_grid(self) -> bool:
        """Only days themselves are read."""
        return False


@dataclass(frozen=True, slots=True)
class ValueAt(_OnDays):
    """Values of an output at given times; a change at that instant has been made.

    Examples
    --------
    >>> ValueAt("ANC", (14.0, 28.0)).name
    'value_at(ANC)'
    """

    times: tuple[float, ...]

    @property
    def name(self) -> str:
        """Name of the result."""
        return self.label or f"value_at({self.output})"

    @property
    def columns(self) -> tuple[str, ...]:
        """The name with each time: `value_at(ANC)[14]`."""
        return tuple(f"{self.name}[{time:g}]" for time in self.times)

    @property
    def points(self) -> tuple[float, ...]:
        """The times."""
        return tuple(float(time) for time in self.times)

    def reduce(self, track: Track) -> Floats:
        """Return values at each time, (n, width)."""
        found = np.stack([_value_at(track, time) for time in self.times], axis=1)
        return found[:, 0] if self.width == 1 else found


@dataclass(frozen=True, slots=True)
class AtVisits(_OnDays):
    """Values of an output at visits by name, whose days may be each patient's own.

    `visits` holds a day for each name, or an array with one for each patient, NaN where a patient
    has no such visit and so no value. A change on that day has been made.

    Examples
    --------
    >>> AtVisits("ANC", {"baseline": 0.0, "end of treatment": [28.0, 21.0]}).columns
    ('at(ANC)[baseline]', 'at(ANC)[end of treatment]')
    """

    visits: Any

    def __post_init__(self) -> None:
        """Take a copy of the days."""
        if isinstance(self.visits, Mapping):
            days = {name: read_per_patient(day) for name, day in self.visits.items()}
            object.__setattr__(self, "visits", freeze(days))

    @property
    def name(self) -> str:
        """Name of the result."""
        return self.label or f"at({self.output})"

    @property
    def columns(self) -> tuple[str, ...]:
        """The name with each visit."""
        return tuple(f"{self.name}[{visit}]" for visit in self.visits)

    @property
    def points(self) -> tuple[float, ...]:
        """Days that all patients share."""
        return tuple(float(day) for day in self.visits.values() if is_finite(day))

    def reduce(self, track: Track) -> Floats:
        """Return values at each visit, (n, width)."""
        found = np.stack([_value_at(track, day) for day in self.visits.values()], axis=1)
        return found[:, 0] if self.width == 1 else found

    def _check_field(self, name: str) -> list[Issue]:
        if name == "visits" and not isinstance(self.visits, Mapping):
            hint = 'give days by name, such as {"baseline": 0, "day 28": 28}'
            return [Issue(f"the visits of AtVisits are {self.visits!r}", hint=hint)]
        return Reducer._check_field(self, name)


@dataclass(frozen=True, slots=True)
class Change(_OnDays):
    """Change of an output from a baseline to a day; relative to the baseline where that is asked.

    Both days may be arrays with one for each patient, NaN where a patient has none. The relative
    change is 0.2 for a rise by a fifth; it is NaN where the baseline is zero. Changes that are made
    on the day of the baseline, such as a first dose, have been made: name a time before it to read
    what was there before.

    Examples
    --------
    >>> line = Track(np.array([[0.0, 2.0]]), np.array([[4.0, 3.0]]), np.array([[0.0, 0.0]]))
    >>> Change("PLT", 2.0, 0.0).reduce(line), Change("PLT", 2.0, 0.0, relative=True).reduce(line)
    (array([-1.]), array([-0.25]))
    """

    day: Any
    baseline: Any
    relative: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        """Take a copy of the days."""
        object.__setattr__(self, "day", read_per_patient(self.day))
        object.__setattr__(self, "baseline", read_per_patient(self.baseline))

    @property
    def name(self) -> str:
        """Name of the result."""
        days = (self.day, self.baseline)
        said = [f"{day:g}" if is_finite(day) else "own" for day in days]
        word = "relative_change" if self.relative else "change"
        return self.label or f"{word}_{said[1]}_to_{said[0]}({self.output})"

    @property
    def points(self) -> tuple[float, ...]:
        """Days that all patients share."""
        return tuple(float(day) for day in (self.day, self.baseline) if is_finite(day))

    def reduce(self, track: Track) -> Floats:
        """Return the change of each patient, (n,)."""
        before, now = _value_at(track, self.baseline), _value_at(track, self.day)
        if not self.relative:
            return now - before
        missing = np.full(len(now), np.nan)
        np.divide(now - before, np.abs(before), out=missing, where=before != 0.0)
        return missing


@dataclass(frozen=True, slots=True)
class FirstRunAtVisits(_OnDays):
    """First of several successive visits on one side of a threshold.

    What lies between visits is not looked at; `FirstRun` does that. `visits` is a list of days, or
    an array (N, V) with a row for each patient, which ends with NaN where a patient has fewer. Two
    numbers: the day, NaN where there is none; and `unconfirmed`, the first of the visits up to the
    last known one that are on that side but too few.

    Examples
    --------
    >>> days = np.array([[0.0, 1.0, 2.0, 3.0]])
    >>> track = Track(days, np.array([[0.1, 0.6, 0.6, 0.7]]), np.zeros((1, 4)))
    >>> FirstRunAtVisits("ANC", 0.5, "above", visits=range(4), count=3).reduce(track)
    array([[ 1., nan]])
    """

    threshold: float
    side: Side = "above"
    visits: Any = field(kw_only=True)
    count: int = field(default=1, kw_only=True)

    def __post_init__(self) -> None:
        """Take a copy of the visits."""
        days = read_per_patient(self.visits, dimensions=2)
        if is_listed(days) and not isinstance(days, str | Mapping | PerPatient):
            days = tuple(days)
        object.__setattr__(self, "visits", days)

    @property
    def name(self) -> str:
        """Name of the result."""
        word = f"first_of_{self.count}_visits_{self.side}_{self.threshold:g}"
        return self.label or f"{word}({self.output})"

    @property
    def columns(self) -> tuple[str, ...]:
        """The name, with `[unconfirmed]`."""
        return self.name, f"{self.name}[unconfirmed]"

    @property
    def points(self) -> tuple[float, ...]:
        """Visits that all patients share."""
        shared = () if isinstance(self.visits, PerPatient) else self.visits
        return tuple(float(day) for day in shared)

    def reduce(self, track: Track) -> Floats:
        """Return the first day of each patient's run, and of one that is too short, (n, 2)."""
        own = isinstance(self.visits, PerPatient)
        days = self.visits.times if own else np.tile(self.points, (len(track.times), 1))
        columns = range(days.shape[1])
        values = np.stack([_value_at(track, PerPatient(days[:, i])) for i in columns], axis=1)
        reached = values >= self.threshold if self.side == "above" else values < self.threshold
        # `length` of a visit: how many up to it are on that side in a row.
        length = np.zeros((len(days), len(columns) + 1), np.int64)
        for i in columns:
            length[:, i + 1] = np.where(reached[:, i], length[:, i] + 1, 0)
        confirmed = length[:, 1:] >= self.count
        everyone = np.arange(len(days))
        begin = np.argmax(confirmed, axis=1) - (self.count - 1)
        first = np.where(confirmed.any(axis=1), days[everyone, begin], np.nan)
        last = np.sum(~np.isnan(values), axis=1)
        waiting = length[everyone, last]
        open_run = np.isnan(first) & (waiting > 0)
        unconfirmed = np.where(
            open_run, days[everyone, np.minimum(last - waiting, len(columns) - 1)], np.nan
        )
        return np.stack([first, unconfirmed], axis=1)

    def _check_field(self, name: str) -> list[Issue]:
        if name == "visits" and isinstance(self.visits, Mapping):
            hint = "give a list of days, or an array with a row of days for each patient"
            return [Issue(f"the visits of FirstRunAtVisits are {self.visits!r}", hint=hint)]
        return Reducer._check_field(self, name)

    def _check_together(self) -> list[Issue]:
        own = isinstance(self.visits, PerPatient)
        visits = self.visits.times.shape[1] if own else len(self.visits)
        if visits >= self.count:
            return []
        message = f"{self.name}: there are {visits} visits, of which {self.count} are to confirm"
        return [Issue(message, hint="give more visits, or a smaller `count`")]


def _value_at(track: Track, day: Any) -> Floats:  # noqa: ANN401 - a number, or `PerPatient`
    """Return the value of each patient on a day, (n,); NaN where the patient has no such day."""
    when = day.times[:, None] if isinstance(day, PerPatient) else float(day)
    last = np.sum(track.times <= when, axis=1) - 1
    found = pick(track.values, last[:, None])[:, 0]
    return np.where(np.isnan(day.times), np.nan, found) if isinstance(day, PerPatient) else found
