"""Spans: every stretch of time that outputs spend on one side of a threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stromal.kernels.reducers.checks import Side
from stromal.kernels.reducers.thresholds import find_candidates
from stromal.kernels.track import Places, Track

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans of all patients, (K,) each, by patient and in order of time.

    `rows` says whose they are; `cut_at_start` and `cut_at_end`, whether the window cuts them.
    """

    rows: Places
    starts: Floats
    ends: Floats
    cut_at_start: Mask
    cut_at_end: Mask

    @property
    def lengths(self) -> Floats:
        """How long they are."""
        return self.ends - self.starts

    def where(self, chosen: Mask) -> Spans:
        """Return some of them."""
        return Spans(
            self.rows[chosen],
            self.starts[chosen],
            self.ends[chosen],
            self.cut_at_start[chosen],
            self.cut_at_end[chosen],
        )


def find_spans(track: Track, threshold: float, side: Side) -> Spans:
    """Find every span below a threshold, or at and above it.

    Examples
    --------
    >>> dip = Track(np.array([[0.0, 2.0]]), np.array([[1.0, 1.0]]), np.array([[-1.0, 1.0]]))
    >>> spans = find_spans(dip, 0.625, "below")
    >>> spans.starts, spans.ends
    (array([0.5]), array([1.5]))
    """
    rows, columns = find_candidates(track, threshold)
    places, _, over = track.cubics(rows, columns).crossings(threshold)
    times = track.times_within(rows, columns, places)
    crosses = ~np.isnan(places)
    # Candidates are in order of rows and columns and pieces in order of time, so that crossings of
    # a patient alternate: into a span, out of it, into the next.
    whose, when = np.broadcast_to(rows[:, None], crosses.shape)[crosses], times[crosses]
    enters = ((over[:, :-1] < 0) == (side == "above"))[crosses]
    inside = (track.values < threshold) == (side == "below")
    already, still = np.flatnonzero(inside[:, 0]), np.flatnonzero(inside[:, -1])
    # Stable sorts put the window's start before, and its end after, what happens in between.
    rows_in = np.concatenate([already, whose[enters]])
    order_in = np.argsort(rows_in, kind="stable")
    rows_out = np.concatenate([whose[~enters], still])
    order_out = np.argsort(rows_out, kind="stable")
    return Spans(
        rows_in[order_in],
        np.concatenate([track.times[already, 0], when[enters]])[order_in],
        np.concatenate([when[~enters], track.times[still, -1]])[order_out],
        order_in < len(already),
        order_out >= len(rows_out) - len(still),
    )
