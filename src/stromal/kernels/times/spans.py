"""Intervals in which every switch of a patient is constant, found by solving for their ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stromal.kernels.times.clock import Dial, Equation

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Truths = NDArray[np.bool_]

MOST_STOPS = 100_000
"""Changes of one switch, or executions of events, that a patient may have in a run."""

_AT_ZERO = {"lt": 0.0, "le": 1.0, "gt": 0.0, "ge": 1.0, "eq": 1.0, "ne": 0.0}
_TRUTHS = {
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
}
_TOUCH = 1e-12


LEAST_INSTANT = 1e-25
"""How long an instant near 0 is: the next double would be a step that no solver can make."""


def after(times: Floats) -> Floats:
    """The first times that are later than the given ones, as far as a run can tell.

    Examples
    --------
    >>> after(np.array([0.0, 2.0])).tolist()
    [1e-25, 2.0000000000000004]
    """
    return np.maximum(np.nextafter(times, np.inf), times + LEAST_INSTANT)


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Spans of time of several groups of patients, sorted by group and time.

    `group` (S,) says whose each is; it holds the doubles from `begin` up to, and without, `end`.
    `values` (P, S) are the clock's parameters in it. `rank` (S,) orders what happens at its begin:
    0 where time alone brought it about.
    """

    group: Places
    begin: Floats
    end: Floats
    rank: Places
    values: Floats

    def take(self, chosen: Places | Truths) -> Spans:
        """Some of the spans."""
        return Spans(
            self.group[chosen],
            self.begin[chosen],
            self.end[chosen],
            self.rank[chosen],
            self.values[:, chosen],
        )


def split_spans(spans: Spans, dials: tuple[Dial, ...]) -> tuple[Spans, Truths]:
    """The spans cut where switches change, and those groups (S,) that have too many changes."""
    endless = np.zeros(int(spans.group.max(initial=-1)) + 1, np.bool_)
    for dial in dials:
        spans, more = _split_at(spans, dial)
        endless[more] = True
    return spans, endless


def _split_at(spans: Spans, dial: Dial) -> tuple[Spans, Places]:
    """The spans cut where one switch changes; groups where it does so too often."""
    numbers = dial.reader.read(spans.values, spans.begin, kind=np.longdouble)
    found = [_solve(equation, numbers, spans) for equation in dial.equations]
    count = np.zeros(spans.group.size)
    for _, _, often in found:
        count[often] = np.inf
    span = np.concatenate([np.zeros(0, np.int64), *(where for where, _, _ in found)])
    root = np.concatenate([np.zeros(0), *(times for _, times, _ in found)])
    order = np.lexsort((root, span))
    span, root = span[order], root[order]
    fresh = np.ones(span.size, np.bool_)
    fresh[1:] = (span[1:] != span[:-1]) | (root[1:] != root[:-1])
    span, root = span[fresh], root[fresh]
    pieces = _between(spans, dial, span, root)
    return pieces, np.unique(spans.group[np.isinf(count)])


def _solve(
    equation: Equation, numbers: NDArray[np.floating], spans: Spans
) -> tuple[Places, Floats, Places]:
    """Solutions inside the spans: of which span, and when; and spans that have too many."""
    level = numbers[equation.level]
    none = np.zeros(0, np.int64)
    if equation.period is not None:
        return _solve_periodic(equation, numbers, spans)
    coefficients = [numbers[place] for place in equation.coefficients]
    if len(coefficients) == 2:
        with np.errstate(all="ignore"):
            roots = (level / coefficients[1])[None, :]
    else:
        roots = _roots_of([coefficients[0] - level, *coefficients[1:]])
    times = roots.astype(np.float64)
    inside = np.isfinite(times) & (times >= spans.begin) & (times < spans.end)
    _, span = np.nonzero(inside)
    return span, times[inside], none


def _solve_periodic(
    equation: Equation, numbers: NDArray[np.floating], spans: Spans
) -> tuple[Places, Floats, Places]:
    slope, level = numbers[equation.coefficients[1]], numbers[equation.level]
    period = numbers[equation.period]
    with np.errstate(all="ignore"):
        ends = np.stack([slope * spans.begin - level, slope * spans.end - level]) / period
        low, high = np.ceil(ends.min(axis=0)) - 1, np.floor(ends.max(axis=0)) + 1
        counts = np.where(np.isfinite(high - low) & (slope != 0), high - low + 1, 0.0)
    often = np.flatnonzero(counts > MOST_STOPS)
    counts[often] = 0.0
    sizes = np.maximum(counts, 0.0).astype(np.int64)
    span = np.repeat(np.arange(sizes.size), sizes)
    turn = np.arange(span.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    times = ((level[span] + (low[span] + turn) * period[span]) / slope[span]).astype(np.float64)
    inside = (times >= spans.begin[span]) & (times < spans.end[span])
    return span[inside], times[inside], often


def _roots_of(coefficients: list[NDArray[np.floating]]) -> NDArray[np.floating]:
    """Real roots of polynomials, (degree, S), NaN for those that are none; lowest power first."""
    degree, size = len(coefficients) - 1, coefficients[0].size
    with np.errstate(all="ignore"):
        if degree == 2:
            zeroth, first, second = coefficients
            inner = np.sqrt(first * first - 4 * second * zeroth)
            # the sum of what has one sign loses no digits
            half = -0.5 * (first + np.where(first < 0, -inner, inner))
            straight = second == 0
            return np.stack(
                [
                    np.where(straight, -zeroth / first, half / second),
                    np.where(straight, np.nan, zeroth / half),
                ]
            )
        scaled = np.stack([each / coefficients[-1] for each in coefficients[:-1]])
        companion = np.zeros((size, degree, degree))
        companion[:, np.arange(1, degree), np.arange(degree - 1)] = 1.0
        companion[:, :, -1] = np.where(np.isfinite(scaled), -scaled, 0.0).T
        found = np.linalg.eigvals(companion).T
        real = np.where(np.abs(found.imag) <= 1e-6 * (1 + np.abs(found.real)), found.real, np.nan)
        roots = real.astype(np.longdouble)
        for _ in range(4):  # polished, for eigenvalues have half the digits where roots are close
            value = np.zeros_like(roots)
            slope = np.zeros_like(roots)
            for each in reversed(coefficients):
                slope = slope * roots + value
                value = value * roots + each
            step = value / slope
            roots = np.where(np.isfinite(step), roots - step, roots)
        return roots


def _between(spans: Spans, dial: Dial, span: Places, root: Floats) -> Spans:
    """The spans cut at the roots: before the first, at each, and after each."""
    size = spans.group.size
    counts = np.bincount(span, minlength=size)
    # open intervals: one before the first root of each span, and one after each root
    owner = np.concatenate([np.arange(size), span])
    left = np.concatenate([spans.begin, root])
    order = np.lexsort((np.concatenate([np.zeros(size), np.ones(span.size)]), left, owner))
    # stable: the first interval of a span stands before a root at its begin
    owner, left = owner[order], left[order]
    first = np.zeros(owner.size, np.bool_)
    starts = np.cumsum(counts + 1) - (counts + 1)
    first[starts] = True
    right = np.append(left[1:], 0.0)
    last = np.append(first[1:], True)
    right[last] = spans.end[owner[last]]
    middle = left + 0.5 * (right - left)
    middle = np.where(middle >= right, left, middle)
    inner = dial.reader.read(spans.values, middle, owner, np.longdouble)[dial.value]
    value = _value(dial, inner)
    # what holds at each root itself
    later = np.flatnonzero(~first)
    before = later - 1
    empty = left[before] == right[before]
    there = dial.reader.read(spans.values, left[later], owner[later], np.longdouble)[dial.value]
    at_root = _value_at(dial, value, inner, there, before, later, empty)
    begin = np.concatenate([left[first], left[later], after(left[later])])
    own = np.concatenate([owner[first], owner[later], owner[later]])
    holds = np.concatenate([value[first], at_root, value[later]])
    turn = np.concatenate([np.zeros(first.sum()), np.ones(later.size), np.full(later.size, 2.0)])
    order = np.lexsort((turn, begin, own))
    own, begin, holds = own[order], begin[order], holds[order]
    same = np.append(own[1:] == own[:-1], False)
    end = np.where(same, np.append(begin[1:], 0.0), spans.end[own])
    kept = begin < end
    own, begin, end, holds = own[kept], begin[kept], end[kept], holds[kept]
    return _joined(spans, dial, own, begin, end, holds)


def _joined(
    spans: Spans, dial: Dial, own: Places, begin: Floats, end: Floats, holds: Floats
) -> Spans:
    """Neighbours of one span with the same value made one, and the value written down."""
    fresh = np.ones(own.size, np.bool_)
    fresh[1:] = (own[1:] != own[:-1]) | (holds[1:] != holds[:-1])
    closes = np.append(fresh[1:], True)[: own.size]
    own_kept, begun = own[fresh], begin[fresh]
    values = spans.values[:, own_kept].copy()
    values[dial.place] = holds[fresh]
    rank = np.where(begun == spans.begin[own_kept], spans.rank[own_kept], 0)
    return Spans(spans.group[own_kept], begun, end[closes], rank, values)


def _value(dial: Dial, of: NDArray[np.floating]) -> Floats:
    """The value of a switch where nothing crosses; 0 where its expression has no value."""
    if dial.relation == "floor":
        return np.asarray(np.where(np.isfinite(of), np.floor(of), 0.0), np.float64)
    return np.asarray(_TRUTHS[dial.relation](of, 0.0), np.float64)


def _value_at(
    dial: Dial,
    value: Floats,
    inner: NDArray[np.floating],
    there: NDArray[np.floating],
    before: Places,
    later: Places,
    empty: Truths,
) -> Floats:
    """The value at each root, from those before and after it."""
    held, holds = np.where(empty, value[later], value[before]), value[later]
    if dial.relation == "floor":
        # at a whole number the floor is that number, though rounding may leave a little less
        near = np.round(there.astype(np.float64))
        whole = np.abs(there - near) <= _TOUCH * (1.0 + np.abs(near))
        return np.where(whole, near, np.maximum(held, holds))
    scale = np.abs(inner[later]) + np.where(empty, 0.0, np.abs(inner[before]))
    with np.errstate(invalid="ignore"):
        crosses = ~empty & (np.sign(inner[before]) != np.sign(inner[later]))
        genuine = crosses | (np.abs(there) <= _TOUCH * scale)
    return np.where(genuine, _AT_ZERO[dial.relation], holds)
