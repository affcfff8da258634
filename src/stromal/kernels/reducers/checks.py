"""What can be wrong with the parts of a reducer; a part of one name means the same in all."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, get_args

import numpy as np

from stromal.errors import Issue
from stromal.kernels.arguments import is_finite, is_listed, is_number, is_one_of, is_whole
from stromal.kernels.reducers.per_patient import PerPatient

Direction = Literal["up", "down", "either"]
Side = Literal["above", "below"]

Check = Callable[[str, Any], Iterator[Issue]]


def _check_output(kind: str, output: object) -> Iterator[Issue]:
    if not isinstance(output, str):
        yield Issue(f"the output of {kind} is {output!r}", hint="give its name")


def _check_label(kind: str, label: object) -> Iterator[Issue]:
    if not (label is None or isinstance(label, str)):
        yield Issue(f"the label of {kind} is {label!r}", hint="give a name")


def _check_threshold(kind: str, threshold: object) -> Iterator[Issue]:
    if not is_finite(threshold):
        yield Issue(f"the threshold of {kind} is {threshold!r}", hint="give a finite number")


def _check_direction(kind: str, direction: object) -> Iterator[Issue]:
    if not is_one_of(direction, get_args(Direction)):
        message = f"the direction of {kind} is {direction!r}"
        yield Issue(message, hint="give up, down or either")


def _check_side(kind: str, side: object) -> Iterator[Issue]:
    if not is_one_of(side, get_args(Side)):
        yield Issue(f"the side of {kind} is {side!r}", hint="give above or below")


def _check_times(kind: str, times: object) -> Iterator[Issue]:
    if isinstance(times, str) or not is_listed(times):
        yield Issue(f"the times of {kind} are {times!r}", hint="give a list of times")
    elif not all(is_finite(time) for time in times):
        hint = "give a list of finite numbers"
        yield Issue(f"the times of {kind} are {times!r}", hint=hint)


def _check_window(kind: str, window: object) -> Iterator[Issue]:
    if window is None:
        return
    if not isinstance(window, tuple) or len(window) != len(("from", "to")):
        hint = "give both ends, such as (0, 28); None is the start or the end of the run"
        yield Issue(f"the window of {kind} is {window!r}", hint=hint)
        return
    for end, time, never in (("from", window[0], math.inf), ("to", window[1], -math.inf)):
        if isinstance(time, PerPatient):
            if np.any(time.times == never):
                hint = "give NaN where a patient has no window"
                yield Issue(f"the window of {kind} is {end} {never} for a patient", hint=hint)
        elif time is None:
            pass
        elif not is_number(time) or math.isnan(time):
            hint = "give a time, a time for each patient, or None"
            yield Issue(f"the window of {kind} is {end} {time!r}", hint=hint)
        elif float(time) == never:
            hint = "give None, or a time of the run"
            yield Issue(f"the window of {kind} is {end} {time}, beyond every run", hint=hint)


def _check_days(kind: str, days: object) -> Iterator[Issue]:
    if not is_finite(days) or float(days) < 0.0:
        yield Issue(f"the days of {kind} are {days!r}", hint="give a number of days, 0 or more")


def _check_count(kind: str, count: object) -> Iterator[Issue]:
    if not is_whole(count) or int(count) < 1:
        yield Issue(f"the count of {kind} is {count!r}", hint="give a whole number, 1 or more")


def _check_relative(kind: str, relative: object) -> Iterator[Issue]:
    if not isinstance(relative, bool | np.bool_):
        yield Issue(f"`relative` of {kind} is {relative!r}", hint="give True or False")


def _check_day(kind: str, day: object) -> Iterator[Issue]:
    if not (isinstance(day, PerPatient) or is_finite(day)):
        hint = "give a finite number, or one for each patient"
        yield Issue(f"a day of {kind} is {day!r}", hint=hint)


def _check_visits(kind: str, visits: object) -> Iterator[Issue]:
    if isinstance(visits, Mapping):
        for name, day in visits.items():
            if not isinstance(name, str):
                yield Issue(f"a visit of {kind} is named {name!r}", hint="give it a name")
            yield from _check_day(kind, day)
        return
    rows = visits.times if isinstance(visits, PerPatient) else None
    if rows is None:
        if not isinstance(visits, tuple) or not all(is_finite(day) for day in visits):
            hint = "give a list of days, or an array with a row of days for each patient"
            yield Issue(f"the visits of {kind} are {visits!r}", hint=hint)
            return
        rows = np.array([visits], np.float64)
    # Patients with fewer visits end with NaN; a gap before a visit would look like a sequence.
    if np.any((np.diff(rows, axis=1) <= 0) | (np.isnan(rows[:, :-1]) & ~np.isnan(rows[:, 1:]))):
        hint = "sort them, each day once; missing ones of a patient come last"
        yield Issue(f"the visits of {kind} are out of order", hint=hint)


CHECKS: Mapping[str, Check] = {
    "output": _check_output,
    "label": _check_label,
    "threshold": _check_threshold,
    "direction": _check_direction,
    "side": _check_side,
    "times": _check_times,
    "window": _check_window,
    "days": _check_days,
    "count": _check_count,
    "relative": _check_relative,
    "day": _check_day,
    "baseline": _check_day,
    "visits": _check_visits,
}
"""The check of each part, by its name."""
