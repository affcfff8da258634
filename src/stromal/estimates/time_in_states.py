"""Mean time in each of several states up to a day, and its differences between groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import chdtrc, ndtri

from stromal.estimates.estimate import Estimate
from stromal.estimates.state_course import Courses, follow_states, read_courses
from stromal.estimates.state_occupation import OCCUPATION_SOURCES
from stromal.estimates.times import round_day

_METHOD = (
    "area under the Aalen-Johansen probability, infinitesimal jackknife variance, Wald interval"
)
_DIFFERENCE = "difference of mean times in a state, infinitesimal jackknife, Wald interval"
_TEST = "Wald test of equal mean times in a state"


@dataclass(frozen=True, slots=True)
class TimeInStates:
    """Mean time [d] in each state within the first days, by its name, with standard errors [d].

    `times` is empty where nothing can be estimated, and `reason` says why.
    """

    times: dict[str, Estimate]
    errors: dict[str, float]
    until: float
    n: int
    events: int
    method: str
    sources: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TimeTest:
    """A test that groups have one mean time in a state; None where nothing can be tested."""

    statistic: float | None
    degrees: int
    p_value: float | None
    n: int
    events: int
    method: str
    sources: tuple[str, ...]
    reason: str = ""


def estimate_time_in_states(
    stays: pl.DataFrame, until: float, *, start_day: float = 0.0, level: float = 0.95
) -> TimeInStates:
    """Estimate the mean time in each state from a day on, up to another.

    The areas under the probabilities of the states, which add up to all days. Nothing is estimated
    where all who are still in a state that others left were followed for a shorter time: nobody
    knows how they go on. The variance is that of the infinitesimal jackknife, with all stays of a
    patient together and the shares of the start those of a sample.

    Parameters
    ----------
    stays
        As for `estimate_state_occupation`.
    until
        Last day [d] of the time that is looked at.
    start_day
        First day [d] of it.
    level
        Level of the intervals.

    Returns
    -------
    TimeInStates
        Days [d] in the order of the states' names.

    Examples
    --------
    >>> stays = pl.DataFrame({"subject": [1, 1, 2, 3], "entry_day": [0.0, 4, 0, 0],
    ...     "day": [4.0, 9, 6, 20], "state": ["well", "ill", "well", "well"],
    ...     "into": ["ill", "dead", "dead", None]})
    >>> found = estimate_time_in_states(stays, 12)
    >>> {state: round(time.value, 3) for state, time in found.times.items()}
    {'dead': 3.0, 'ill': 1.667, 'well': 7.333}

    Witness: R survival::survfit of several states with rmean, tests/reference/time_in_states.
    """
    courses, end = read_courses(stays, start_day), round_day(until)
    reason = courses.reason or _refuse(courses, end)
    times: dict[str, Estimate] = {}
    errors: dict[str, float] = {}
    sources = OCCUPATION_SOURCES
    if not reason:
        area, error = _integrate(courses, end)
        reach = float(ndtri(0.5 + level / 2)) * error
        whole = end - courses.begun
        for place, state in enumerate(courses.states):
            spread = bool(error[place] > 0)
            times[state] = Estimate(
                float(area[place]),
                max(float(area[place] - reach[place]), 0.0) if spread else None,
                min(float(area[place] + reach[place]), whole) if spread else None,
                level,
                courses.n,
                courses.moves,
                _METHOD,
                sources,
                "Wald",
            )
            errors[state] = float(error[place])
    return TimeInStates(times, errors, end, courses.n, courses.moves, _METHOD, sources, reason)


def _refuse(courses: Courses, until: float) -> str:
    """Return why the time up to a day cannot be known; empty where it can."""
    if until <= courses.begun:
        return "it ends on the day of the start or before"
    if courses.end.max() >= until:
        return ""
    left = set(courses.state.tolist())
    last = list(follow_states(courses))[-1]
    open_ones = [
        courses.states[place] for place in left if last.probability[place] > 0
    ]  # fmt: skip
    return "nobody was followed to its last day" if open_ones else ""


def _integrate(
    courses: Courses, until: float
) -> tuple[np.typing.NDArray[np.float64], np.typing.NDArray[np.float64]]:
    """Return areas under the probabilities, and their standard errors, shape (states,)."""
    steps = [step for step in follow_states(courses, sampled=True) if step.day < until]
    ends = [*(step.day for step in steps[1:]), until]
    area = np.zeros(len(courses.states))
    influence = np.zeros_like(steps[0].influence)
    for step, end in zip(steps, ends, strict=True):
        area = area + (end - step.day) * step.probability
        influence += (end - step.day) * step.influence
    # Sums in order of size are the same for any order of the patients.
    return area, np.sqrt(np.sort(influence**2, axis=0).sum(axis=0))


def compare_time_in_state(
    found: TimeInStates, reference: TimeInStates, state: str, level: float = 0.95
) -> tuple[Estimate, str]:
    """Return the difference of the mean times of two groups in a state, or why there is none.

    A state that a group never enters is one in which it spends no time.

    Parameters
    ----------
    found, reference
        The groups; the reference is taken away.
    state
        Name of the state.
    level
        Level of the interval.

    Examples
    --------
    >>> rows = {"entry_day": [0.0, 0], "state": ["well"] * 2, "into": ["dead", None]}
    >>> one, other = (pl.DataFrame({"subject": [1, 2], "day": [day, 20.0], **rows})
    ...               for day in (10.0, 4.0))
    >>> both = (estimate_time_in_states(group, 12) for group in (one, other))
    >>> compare_time_in_state(*both, "well")[0].value
    3.0
    """
    reason = found.reason or reference.reason
    value = low = high = None
    if not reason:
        one, first = _of(found, state)
        other, second = _of(reference, state)
        value = one - other
        error = math.hypot(first, second)
        if error > 0:
            reach = float(ndtri(0.5 + level / 2)) * error
            low, high = value - reach, value + reach
    effect = Estimate(
        value,
        low,
        high,
        level,
        found.n + reference.n,
        found.events + reference.events,
        _DIFFERENCE,
        OCCUPATION_SOURCES,
        "Wald",
    )
    return effect, reason


def compare_times_in_state(groups: Sequence[TimeInStates], state: str) -> TimeTest:
    """Test the hypothesis that groups have one mean time in a state.

    Parameters
    ----------
    groups
        Two groups or more.
    state
        Name of the state.
    """
    reason = next((group.reason for group in groups if group.reason), "")
    statistic = p_value = None
    degrees = max(len(groups) - 1, 0)
    pairs = [] if reason else [_of(group, state) for group in groups]
    if not reason and len(groups) < 2:
        reason = "there are no two groups"
    if not reason and any(error == 0 for _, error in pairs):
        reason = "times do not differ between the patients of a group"
    if not reason:
        values = np.array([value for value, _ in pairs])
        weights = np.array([error**-2 for _, error in pairs])
        middle = float(weights @ values / weights.sum())
        statistic = float(weights @ (values - middle) ** 2)
        p_value = float(chdtrc(degrees, statistic))
    return TimeTest(
        statistic,
        degrees,
        p_value,
        sum(group.n for group in groups),
        sum(group.events for group in groups),
        _TEST,
        OCCUPATION_SOURCES,
        reason,
    )


def _of(found: TimeInStates, state: str) -> tuple[float, float]:
    """Return the mean time in a state and its error; none of both where nobody entered it."""
    if state not in found.times:
        return 0.0, 0.0
    return float(found.times[state].value or 0.0), found.errors[state]
