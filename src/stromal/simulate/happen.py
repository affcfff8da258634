"""When events happen: a cumulative hazard passes a drawn limit, or an output a threshold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from stromal.models.ports import EventPort
from stromal.simulate.streams import Streams

Floats = NDArray[np.float64]


def find_event_days(
    name: str, port: EventPort, times: Floats, outputs: Mapping[str, Floats], streams: Streams
) -> Floats:
    """Find the day of an event of each patient.

    Parameters
    ----------
    name
        Of the event; it has random numbers of its own.
    port
        A hazard [1/day], a cumulative one, or an output and its threshold.
    times
        Days that outputs were read on, (T,).
    outputs
        By name, (N, T).
    streams
        Random numbers of these patients.

    Returns
    -------
    array
        Day of the event, (N,), NaN where it does not happen within these days. Between two days
        the hazard, or the output, is taken to change in a straight line.

    Examples
    --------
    >>> port = EventPort(output="PLT", threshold=20.0, direction="below")
    >>> course = {"PLT": np.array([[30.0, 10.0], [30.0, 25.0]])}
    >>> find_event_days("bleeding", port, np.array([0.0, 4.0]), course, Streams(1, np.arange(2)))
    array([ 2., nan])
    """
    if port.hazard is None:
        sign = 1.0 if port.direction == "above" else -1.0
        limit = np.full(1, sign * (port.threshold or 0.0))
        return _first_above(times, sign * outputs[port.output or ""], limit)
    course = outputs[port.hazard]
    if port.cumulative:
        total = course - course[:, :1]
    else:
        steps = np.diff(times) * 0.5 * (course[:, 1:] + course[:, :-1])
        total = np.concatenate([np.zeros((len(course), 1)), np.cumsum(steps, axis=1)], axis=1)
    limits = -np.log(streams.uniforms(f"event\0{name}"))
    return _first_above(times, total, limits)


def _first_above(times: Floats, course: Floats, limits: Floats) -> Floats:
    """Day on which each course first reaches its limit; the first day where it begins there."""
    above = course >= limits[:, None]
    reached = above.any(axis=1)
    at = above.argmax(axis=1)
    before = np.maximum(at - 1, 0)
    rows = np.arange(len(course))
    low, high = course[rows, before], course[rows, at]
    rise = np.where(at > 0, high - low, 1.0)
    part = np.where(at > 0, (np.broadcast_to(limits, len(course)) - low) / rise, 0.0)
    days = times[before] + part * (times[at] - times[before])
    return np.where(reached, days, np.nan)
