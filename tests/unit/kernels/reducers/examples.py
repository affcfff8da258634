"""Tracks to be read, and the same tracks as SciPy sees them."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicHermiteSpline

from stromal.kernels.track import Track

POINTS = 400_001


def draw_track(seed: int, patients: int = 8, intervals: int = 40) -> Track:
    """Return sums of two sines on a grid of uneven intervals, 0 to 10."""
    rng = np.random.default_rng(seed)
    # Neighbours keep apart: beside a very short interval a slope is limited.
    times = np.linspace(0.0, 10.0, intervals + 1)
    times[1:-1] += rng.uniform(-0.3, 0.3, intervals - 1) * 10.0 / intervals
    slow, fast, phase = rng.uniform((0.3, 1.5, 0.0), (1.0, 3.0, 6.0), (patients, 3)).T[:, :, None]
    times = np.tile(times, (patients, 1))
    values = np.sin(slow * times + phase) + 0.5 * np.sin(fast * times)
    slopes = slow * np.cos(slow * times + phase) + 0.5 * fast * np.cos(fast * times)
    return Track(times, values, slopes)


def make_track(times, values, slopes=None) -> Track:
    """Return the track of one patient; without slopes it is flat at every point."""
    rows = [np.array([row], np.float64) for row in (times, values)]
    return Track(*rows, np.zeros_like(rows[0]) if slopes is None else np.array([slopes], float))


def look_at(track: Track, row: int, after: float = 0.0, until: float = 10.0):
    """Return a fine grid of times and what SciPy's interpolant is there: the brute force."""
    track = track.limit_slopes()
    times, first = np.unique(track.times[row], return_index=True)
    if len(times) != track.times.shape[1]:
        raise ValueError("slopes of this track are limited: points stand twice")
    spline = CubicHermiteSpline(times, track.values[row][first], track.slopes[row][first])
    fine = np.linspace(after, until, POINTS)
    return fine, spline(fine)


def find_runs(fine, inside):
    """Return starts and ends of runs of a truth value on a fine grid, as plain Python."""
    edges = np.diff(np.concatenate([[0], inside.astype(int), [0]]))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return fine[starts], fine[ends]
