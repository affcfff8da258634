"""The timeline of a run with everything on it that happens at times known before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stromal.kernels.compile.program import Program
from stromal.kernels.status import Status
from stromal.kernels.timeline import Kind, Timeline
from stromal.kernels.times.clock import Clock
from stromal.kernels.times.firing import Firings, fire
from stromal.kernels.times.spans import Floats, Places, Spans, Truths, after, split_spans

SWITCHES, GIVEN, LATE = -1, 1_000_000, 2_000_000
"""Order within an instant: switches that time moves, then the model's own changes in their order,
each with the switches that it moves, then what the caller gives, and last, where the caller changed
a parameter, switches and changes that come of it."""


class Timed(NamedTuple):
    """Parameters (N, P) with switches as they are at the start, what happens, and who cannot run.

    `ended` (N,) holds codes of `Status`: done where nothing is wrong.
    """

    parameters: Floats
    timeline: Timeline
    ended: NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """When patients are looked at: the run's window, and what is known where it goes on.

    `known` (N, K) are the known states at the start of a run that goes on, else None.
    """

    start: float
    end: float
    known: Floats | None = None


def plan_known_times(
    clock: Clock | None,
    program: Program,
    parameters: Floats,
    timeline: Timeline,
    course: Course,
) -> Timed:
    """Put the model's own changes, and every change of a switch, on the timeline.

    Patients whose times come from equal numbers are worked out once and share a plan.

    Parameters
    ----------
    clock
        Of the kernel; None where nothing happens by itself.
    program
        Of the kernel.
    parameters
        (N, P), with any numbers where switches are.
    timeline
        What the caller gives.
    course
        The window of the run.
    """
    ended = np.zeros(len(parameters), np.int8)
    if clock is None or not len(parameters):
        return Timed(parameters, timeline, ended)
    names = program.parameter_names
    given = [names.index(name) for name in clock.given]
    moves = (timeline.kinds == Kind.PARAMETER) & np.isin(timeline.targets, given)
    group, first = _group(parameters[:, given], timeline, moves, course.known)
    bad = ~np.isfinite(parameters[first][:, given]).all(axis=1)
    spans = _lay_out(
        clock, parameters[first], given, timeline, timeline.plans[first], moves, course
    )
    known = None if course.known is None else course.known[first]
    spans, firings, statuses = fire(clock, spans, known)
    spans, endless = split_spans(spans, clock.dials)
    statuses[: endless.size][endless] = Status.ENDLESS
    statuses[bad] = Status.DONE  # the back end says what is wrong with its parameters
    columns = {dial.name: dial.place for dial in clock.dials}
    places = np.array([columns[name] for name in clock.hidden], np.int64)
    targets = np.array([names.index(name) for name in clock.hidden], np.int64)
    begins = np.flatnonzero(np.append(True, spans.group[1:] != spans.group[:-1]))
    whole = parameters.copy()
    whole[:, targets] = spans.values[places][:, begins].T[group]
    entries = _entries(spans, firings.numbered(program.made), places, targets)
    return Timed(whole, _merge(timeline, group, first, entries), statuses[group])


def _group(
    rows: Floats, timeline: Timeline, moves: Truths, known: Floats | None
) -> tuple[Places, Places]:
    """The group of each patient (N,), and a patient of each group (G,)."""
    plan_of = np.searchsorted(timeline.offsets, np.flatnonzero(moves), side="right") - 1
    own = np.full(timeline.offsets.size - 1, -1)
    own[plan_of] = plan_of
    keys = np.column_stack([rows, own[timeline.plans], *([] if known is None else [known])])
    if (keys == keys[0]).all():
        return np.zeros(len(keys), np.int64), np.zeros(1, np.int64)
    _, first, group = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return group.ravel(), first


def _lay_out(
    clock: Clock,
    rows: Floats,
    given: list[int],
    timeline: Timeline,
    plans: Places,
    moves: Truths,
    course: Course,
) -> Spans:
    """Spans between the caller's changes of the parameters that times come from.

    A span holds the instant of the change that ends it too: what time brings about at that instant
    comes before what the caller changes.
    """
    count = len(rows)
    values = np.zeros((clock.size, count))
    values[: len(given)] = rows[:, given].T
    column = {target: place for place, target in enumerate(given)}
    at = timeline.offsets[plans].copy()
    last = timeline.offsets[plans + 1]
    begin = np.full(count, course.start)
    parts: list[Spans] = []
    final = float(after(np.array(course.end)))
    rank = np.zeros(count, np.int64)
    while True:
        due = np.flatnonzero(at < last)
        if not due.size:
            break
        entry = at[due]
        at[due] += 1
        due, entry = due[moves[entry]], entry[moves[entry]]
        times = timeline.times[entry]
        # a span that holds no instant: changes before the start, and several at one time
        splits = due[times > begin[due]] if parts or rank.any() else due[times >= course.start]
        when = timeline.times[entry][np.isin(due, splits)]
        parts.append(_span(splits, begin[splits], after(when), rank, values))
        begin[splits], rank[splits] = when, LATE
        places = np.array([column[int(target)] for target in timeline.targets[entry]], np.int64)
        values[places, due] = timeline.amounts[entry]
    parts.append(_span(np.arange(count), begin, np.full(count, final), rank, values))
    whole = Spans(
        np.concatenate([part.group for part in parts]),
        np.concatenate([part.begin for part in parts]),
        np.concatenate([part.end for part in parts]),
        np.concatenate([part.rank for part in parts]),
        np.concatenate([part.values for part in parts], axis=1),
    )
    return whole.take(np.lexsort((whole.rank, whole.begin, whole.group)))


def _span(groups: Places, begin: Floats, end: Floats, rank: Places, values: Floats) -> Spans:
    return Spans(groups, begin, end, rank[groups], values[:, groups].copy())


class _Entries(NamedTuple):
    """What happens to groups: when, in which order, of which kind, to what, with which value."""

    group: Places
    time: Floats
    rank: Places
    kind: Places
    target: Places
    amount: Floats


def _entries(spans: Spans, firings: Firings, places: Places, targets: Places) -> _Entries:
    """Entries of switches where they change, and of events."""
    before, after = spans.values[places, :-1], spans.values[places, 1:]
    turns = (before != after) & (spans.group[1:] == spans.group[:-1])
    which, span = np.nonzero(turns)
    span = span + 1
    rank = np.where(spans.rank[span] == 0, SWITCHES, spans.rank[span])
    return _Entries(
        np.concatenate([spans.group[span], firings.group]),
        np.concatenate([spans.begin[span], firings.time]),
        np.concatenate([rank, firings.rank]),
        np.concatenate(
            [np.full(span.size, Kind.PARAMETER), np.full(firings.time.size, Kind.EVENT)]
        ),
        np.concatenate([targets[which], firings.change]),
        np.concatenate([after[turns], np.zeros(firings.time.size)]),
    )


def _merge(timeline: Timeline, group: Places, first: Places, entries: _Entries) -> Timeline:
    """One timeline of what the caller gives and of the entries of each patient's group."""
    if not entries.time.size:
        return timeline
    groups = first.size
    pairs, plans = np.unique(timeline.plans * groups + group, return_inverse=True)
    old, own = pairs // groups, pairs % groups
    order = np.argsort(entries.group, kind="stable")
    begins = np.searchsorted(entries.group[order], np.arange(groups + 1))
    given, given_plan = _gather(timeline.offsets, old)
    added, added_plan = _gather(begins, own)
    added = order[added]
    plan = np.concatenate([given_plan, added_plan])
    times = np.concatenate([timeline.times[given], entries.time[added]])
    kinds = np.concatenate([timeline.kinds[given], entries.kind[added]])
    rank = np.concatenate([GIVEN + timeline.kinds[given], entries.rank[added]])
    turn = np.arange(plan.size)
    order = np.lexsort((turn, rank, times, plan))
    counts = np.bincount(plan, minlength=pairs.size)
    return Timeline(
        plans=plans.ravel().astype(np.int64),
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        times=times[order],
        kinds=kinds[order].astype(np.int64),
        targets=np.concatenate([timeline.targets[given], entries.target[added]])[order],
        factors=np.concatenate([timeline.factors[given], np.ones(added.size)])[order],
        amounts=np.concatenate([timeline.amounts[given], entries.amount[added]])[order],
    )


def _gather(offsets: Places, wanted: Places) -> tuple[Places, Places]:
    """Places of the entries of each wanted plan, one plan after another, and whose each is."""
    counts = offsets[wanted + 1] - offsets[wanted]
    owner = np.repeat(np.arange(wanted.size), counts)
    start = np.repeat(offsets[wanted] - (np.cumsum(counts) - counts), counts)
    return np.arange(owner.size) + start, owner
