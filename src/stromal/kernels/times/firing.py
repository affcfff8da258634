"""When events are executed, patient by patient, before anything is integrated."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stromal.errors import InvalidInput, Issue
from stromal.kernels.status import Status
from stromal.kernels.times.clock import Clock
from stromal.kernels.times.spans import Floats, Places, Spans, split_spans


class Firings(NamedTuple):
    """Executions of changes: of which group, when, in which order of an instant, which change."""

    group: Places
    time: Floats
    rank: Places
    change: Places

    def numbered(self, made: tuple[int, ...]) -> Firings:
        """Those of changes that a program makes, by its numbers."""
        kept = np.isin(self.change, made)
        numbers = np.searchsorted(made, self.change[kept]) if made else self.change[kept]
        return Firings(self.group[kept], self.time[kept], self.rank[kept], numbers)


_NONE = Firings(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64))


def fire(
    clock: Clock, spans: Spans, known: Floats | None
) -> tuple[Spans, Firings, NDArray[np.int8]]:
    """Spans with what known states are in them, executions of events, and statuses of groups."""
    groups = int(spans.group.max()) + 1
    statuses = np.zeros(groups, np.int8)
    if not clock.alarms:
        return spans, _NONE, statuses
    issues = [
        Issue(
            f"event {alarm.name} has a delay, a priority or a trigger that other events move, "
            "which is not supported",
            hint="write the trigger with time and parameters",
        )
        for alarm in clock.alarms
        if alarm.follows or alarm.delay is not None or alarm.priority is not None
    ]
    if issues:
        raise InvalidInput(issues)
    static = tuple(dial for dial in clock.dials if not dial.follows)
    cut, endless = split_spans(clock, spans, static)
    statuses[endless] = Status.ENDLESS
    return spans, _fire_at_times(clock, cut, goes_on=known is not None), statuses


def _fire_at_times(clock: Clock, spans: Spans, *, goes_on: bool) -> Firings:
    """Events whose triggers nothing but time and parameters decide: each as it becomes true."""
    outputs = clock.read(spans.values, spans.begin)
    fresh = np.append(True, spans.group[1:] != spans.group[:-1])
    found = []
    for number, alarm in enumerate(clock.alarms):
        now = outputs[alarm.trigger] > 0.5
        before = np.append(False, now[:-1])
        before[fresh] = now[fresh] if goes_on else alarm.true_before
        rises = np.flatnonzero(now & ~before)
        rank = np.where(spans.rank[rises] == 0, 0, spans.rank[rises] + 1)
        found.append(
            Firings(spans.group[rises], spans.begin[rises], rank, np.full(rises.size, number))
        )
    return Firings(*(np.concatenate(parts) for parts in zip(*found, strict=True)))
