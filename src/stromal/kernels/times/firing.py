"""When events are executed, worked out for all patients at once before anything is integrated.

Each group of patients is followed from one instant to the next at which something happens: a
trigger becomes true (what it will do is put in a queue) or false (what is not persistent leaves
it), or the time of something in the queue has come. At one instant the highest priority goes
first, then the order of the model; after each execution triggers are looked at again, as the SBML
specification has it (Level 3 Version 2, section 4.11.6).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stromal.errors import InvalidInput, Issue
from stromal.kernels.status import Status
from stromal.kernels.times.clock import Clock, Numbers
from stromal.kernels.times.spans import (
    MOST_STOPS,
    Floats,
    Places,
    Spans,
    Truths,
    after,
    split_spans,
)

AFTER = 1
"""Added to the rank of an execution for what follows from it at the same instant."""


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


class Fired(NamedTuple):
    """Spans with what known states are in them, executions of events, and statuses of groups."""

    spans: Spans
    firings: Firings
    statuses: NDArray[np.int8]


_NONE = Firings(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64))


def fire(clock: Clock, spans: Spans, known: Floats | None) -> Fired:
    """Work out every execution of an event in the spans.

    Parameters
    ----------
    clock
        Of the kernel.
    spans
        Between changes that the caller makes; of every group at least one.
    known
        Known states (G, K) of groups whose run goes on, else None.

    Raises
    ------
    InvalidInput
        An event is triggered again while values that it took are kept for its delay.
    """
    groups = int(spans.group.max()) + 1
    statuses = np.zeros(groups, np.int8)
    if not clock.alarms:
        return Fired(spans, _NONE, statuses)
    static = tuple(dial for dial in clock.dials if not dial.follows)
    cut, endless = split_spans(spans, static)
    statuses[endless] = Status.ENDLESS
    if not any(alarm.waits or alarm.follows for alarm in clock.alarms) and not clock.known:
        return Fired(spans, _fire_at_times(clock, cut, goes_on=known is not None), statuses)
    following = _Following(clock, cut, statuses, known)
    following.run()
    return Fired(following.course(), following.firings(), statuses)


def _fire_at_times(clock: Clock, spans: Spans, *, goes_on: bool) -> Firings:
    """Events whose triggers nothing but time and parameters decide: each as it becomes true."""
    outputs = clock.reader.read(spans.values, spans.begin)
    fresh = np.append(True, spans.group[1:] != spans.group[:-1])
    found = []
    for alarm in clock.alarms:
        now = outputs[alarm.trigger] > 0.5
        before = np.append(False, now[:-1])
        before[fresh] = now[fresh] if goes_on else alarm.true_before
        rises = np.flatnonzero(now & ~before)
        rank = np.where(spans.rank[rises] == 0, 0, spans.rank[rises] + AFTER)
        number = np.full(rises.size, alarm.number)
        found.append(Firings(spans.group[rises], spans.begin[rises], rank, number))
    return Firings(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


@dataclass(slots=True, eq=False)
class _Following:
    """Groups (G) on their way: where each is, its known states, its triggers and its queue.

    `at` is the span of each, `time` the instant. `true` (A, G) are triggers as they were last.
    `due` (A, D, G) are times in the queue, infinite where there is none, and `taken` (A, D, K, G)
    the values for known states that wait with them. `turn` counts what was done at `instant`.
    """

    clock: Clock
    spans: Spans
    statuses: NDArray[np.int8]
    start: Floats | None
    at: Places = field(init=False)
    last: Places = field(init=False)
    time: Floats = field(init=False)
    known: Floats = field(init=False)
    true: Truths = field(init=False)
    fresh: Truths = field(init=False)
    due: Floats = field(init=False)
    taken: Floats = field(init=False)
    instant: Floats = field(init=False)
    turn: Places = field(init=False)
    count: Places = field(init=False)
    begun: Floats = field(init=False)
    rank: Places = field(init=False)
    fired: list[Firings] = field(default_factory=list)
    pieces: list[Spans] = field(default_factory=list)

    def __post_init__(self) -> None:
        clock, spans = self.clock, self.spans
        groups, alarms = self.statuses.size, len(clock.alarms)
        self.at = np.flatnonzero(np.append(True, spans.group[1:] != spans.group[:-1]))
        self.last = np.append(self.at[1:], spans.group.size) - 1
        self.time = spans.begin[self.at].copy()
        self.true = np.zeros((alarms, groups), np.bool_)
        self.true |= np.array([[alarm.true_before] for alarm in clock.alarms])
        self.fresh = np.full(groups, self.start is not None)
        self.due = np.full((alarms, 1, groups), np.inf)
        self.taken = np.zeros((alarms, 1, len(clock.known), groups))
        self.instant = np.full(groups, -np.inf)
        self.turn, self.count = np.zeros(groups, np.int64), np.zeros(groups, np.int64)
        self.begun, self.rank = self.time.copy(), np.zeros(groups, np.int64)
        if self.start is None:
            first = clock.reader.read(spans.values[:, self.at], self.time)
            self.known = first[list(clock.initial)].astype(np.float64)
        else:
            self.known = self.start.T.copy()

    def run(self) -> None:
        """Follow every group to the end of its spans."""
        active = np.flatnonzero(self.statuses == Status.DONE)
        while active.size:
            ended = self._step(active)
            lost = (self.count[active] > MOST_STOPS) & (self.statuses[active] == Status.DONE)
            self.statuses[active[lost]] = Status.ENDLESS
            active = active[~ended & (self.statuses[active] == Status.DONE)]

    def firings(self) -> Firings:
        """Every execution so far."""
        columns = zip(*self.fired, strict=True)
        return Firings(*map(np.concatenate, columns)) if self.fired else _NONE

    def course(self) -> Spans:
        """Spans in which known states are constant, all groups together."""
        given_up = np.flatnonzero(self.statuses != Status.DONE)
        parts = [*self.pieces, self.spans.take(np.isin(self.spans.group, given_up))]
        whole = Spans(
            np.concatenate([part.group for part in parts]),
            np.concatenate([part.begin for part in parts]),
            np.concatenate([part.end for part in parts]),
            np.concatenate([part.rank for part in parts]),
            np.concatenate([part.values for part in parts], axis=1),
        )
        return whole.take(np.lexsort((whole.rank, whole.begin, whole.group)))

    def _step(self, active: Places) -> Truths:
        """Bring each group to its next instant; which of them have come to the end."""
        clock, near = self.clock, self._ahead(active)
        outputs = clock.reader.read(near.values, near.begin)
        true = np.stack([outputs[alarm.trigger] > 0.5 for alarm in clock.alarms])
        first = np.append(True, near.group[1:] != near.group[:-1])
        before = np.concatenate([true[:, :1], true[:, :-1]], axis=1)
        before[:, first] = np.where(self.fresh[active], true[:, first], self.true[:, active])
        self.fresh[active] = False
        waiting = (self.due[:, :, active].min(axis=1) < np.inf)[:, near.group]
        fleeting = np.array([[not alarm.persistent] for alarm in clock.alarms])
        rises, falls = true & ~before, ~true & waiting & fleeting
        turns = (rises | falls).any(axis=0)
        starts = np.flatnonzero(first)
        soonest = np.minimum.reduceat(np.where(turns, near.begin, np.inf), starts)
        due = self.due[:, :, active].min(axis=(0, 1))
        turning = np.isfinite(soonest) & (soonest <= due)
        striking = ~turning & (due < self.spans.end[self.at[active]])
        until = np.where(turning, soonest, np.where(striking, due, np.inf))
        place = np.append(starts[1:], near.group.size) - 1
        place -= np.add.reduceat(near.begin > until[near.group], starts)
        self.true[:, active] = true[:, place]
        self._leave_queue(active[turning], falls[:, place[turning]])
        self._enter_queue(active[turning], near.begin[place[turning]],
                          outputs[:, place[turning]], rises[:, place[turning]])  # fmt: skip
        if striking.any():
            self._execute(active[striking], near.take(place[striking]), due[striking])
        return self._advance(active, ~(turning | striking))

    def _ahead(self, active: Places) -> Spans:
        """What is left of the span of each group, cut where switches that events move change."""
        rest = self.spans.take(self.at[active])
        offset = len(self.clock.given)
        rest.values[offset : offset + len(self.clock.known)] = self.known[:, active]
        own = Spans(np.arange(active.size), self.time[active], rest.end, rest.rank, rest.values)
        moved = tuple(dial for dial in self.clock.dials if dial.follows)
        cut, endless = split_spans(own, moved)
        self.count[active[endless]] = MOST_STOPS + 1
        return cut

    def _leave_queue(self, groups: Places, falls: Truths) -> None:
        """What is not persistent is dropped where its trigger became false."""
        for number in range(len(self.clock.alarms)):
            self.due[number][:, groups[falls[number]]] = np.inf

    def _enter_queue(self, groups: Places, times: Floats, outputs: Numbers, rises: Truths) -> None:
        """Triggers that became true put what they bring about in the queue, with its values."""
        self.time[groups] = times
        for number, alarm in enumerate(self.clock.alarms):
            mine = np.flatnonzero(rises[number])
            if not mine.size:
                continue
            who, now = groups[mine], times[mine]
            delay = np.zeros(who.size) if alarm.delay is None else outputs[alarm.delay, mine]
            wrong = np.isnan(delay) | (delay < 0)
            self.statuses[who[wrong]] = Status.BAD_PARAMETERS
            slot = self._find_slot(number, who)
            if alarm.take is not None:
                if slot.any():
                    raise InvalidInput([_overlap(alarm.name)])
                self._record(who, now, alarm.take)
            self.due[number, slot, who] = np.where(wrong, np.inf, now + delay)
            for state, output in alarm.updates:
                self.taken[number, slot, state, who] = outputs[output, mine]

    def _find_slot(self, number: int, who: Places) -> Places:
        """A free place in the queue of each group; the queue grows where there is none."""
        busy = np.isfinite(self.due[number][:, who])
        if busy.all(axis=0).any():
            self.due = np.concatenate([self.due, np.full_like(self.due[:, :1], np.inf)], axis=1)
            self.taken = np.concatenate([self.taken, np.zeros_like(self.taken[:, :1])], axis=1)
            busy = np.isfinite(self.due[number][:, who])
        return np.asarray(np.argmin(busy, axis=0))

    def _execute(self, groups: Places, here: Spans, times: Floats) -> None:
        """Of what is due in each group, execute what has the highest priority."""
        self.time[groups] = times
        outputs = self.clock.reader.read(here.values, times)
        ready = self.due[:, :, groups] == times
        weight = np.full(ready.shape, -np.inf)
        for number, alarm in enumerate(self.clock.alarms):
            if alarm.priority is not None:
                weight[number] = np.nan_to_num(outputs[alarm.priority], nan=-np.inf)
        best = np.where(ready, weight, -np.inf).max(axis=(0, 1))
        chosen = np.argmax((ready & (weight == best)).reshape(-1, groups.size), axis=0)
        numbers, slots = np.divmod(chosen, ready.shape[1])
        for number, alarm in enumerate(self.clock.alarms):
            mine = np.flatnonzero(numbers == number)
            who, slot = groups[mine], slots[mine]
            if not mine.size:
                continue
            rank = self._record(who, times[mine], alarm.number)
            self.due[number, slot, who] = np.inf
            if not alarm.updates:
                continue
            self._close(who, after(times[mine]), times[mine], rank + AFTER)
            for state, output in alarm.updates:
                late = outputs[output, mine]
                self.known[state, who] = (
                    self.taken[number, slot, state, who] if alarm.early else late
                )

    def _record(self, groups: Places, times: Floats, change: int) -> Places:
        """Note an execution; its rank among what happens at its instant."""
        here = self.at[groups]
        again = self.instant[groups] == times
        self.turn[groups] = np.where(again, self.turn[groups] + 1, 0)
        self.instant[groups] = times
        self.count[groups] += 1
        late = (times == self.spans.begin[here]) & (self.spans.rank[here] > 0)
        base = np.where(late, self.spans.rank[here] + AFTER, 0)
        rank = np.asarray(base + 2 * self.turn[groups])
        self.fired.append(Firings(groups, times, rank, np.full(groups.size, change)))
        return rank

    def _close(self, groups: Places, ends: Floats, begins: Floats, rank: Places) -> None:
        """End the piece that each group is in, and begin the next."""
        values = self.spans.values[:, self.at[groups]]
        offset = len(self.clock.given)
        values[offset : offset + len(self.clock.known)] = self.known[:, groups]
        own = self.begun[groups], ends, self.rank[groups]
        self.pieces.append(Spans(groups, *own, values))
        self.begun[groups], self.rank[groups] = begins, rank

    def _advance(self, active: Places, passing: Truths) -> Truths:
        """Groups with nothing more in their span go to the next; which have none."""
        groups = active[passing]
        ended = passing.copy()
        ended[passing] = self.at[groups] == self.last[groups]
        final = active[ended]
        ends = self.spans.end[self.at[final]]
        self._close(final, ends, ends, self.rank[final])
        more = groups[self.at[groups] < self.last[groups]]
        following = self.at[more] + 1
        changed = self.spans.rank[following] > 0  # the caller changes a parameter
        who = more[changed]
        ends, begins = self.spans.end[self.at[who]], self.spans.begin[following[changed]]
        self._close(who, ends, begins, self.spans.rank[following[changed]])
        self.at[more] = following
        self.time[more] = self.spans.begin[following]
        return ended


def _overlap(name: str) -> Issue:
    return Issue(
        f"event {name} is triggered again before what it set in motion is done, which is not "
        "supported",
        hint="make its delay shorter than the time between its triggers, or let it take values "
        "when it is executed",
    )
