"""What a laboratory would have measured: error, rounding, limits of detection, missed samples.

Spreads, limits and decimals of each analyte stand in `measurement.csv`; those of blood counts were
measured in healthy adults hour by hour and week by week. [statland1978]
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from stromal.simulate.streams import Streams

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Measurement:
    """How an analyte is measured: spreads of the logarithm, least value shown [unit], decimals.

    `within` is what differs from hour to hour, `slow` from week to week, `error` in the laboratory.
    """

    within: float
    slow: float
    error: float
    limit: float
    decimals: int


WEEK = 7.0
"""Days between two draws of what moves slowly."""

EXACT = Measurement(0.0, 0.0, 0.0, 0.0, 6)
"""An analyte of which nothing is known is measured without error."""


@cache
def read_measurements() -> Mapping[str, Measurement]:
    """Return how each analyte is measured, by its name.

    Examples
    --------
    >>> read_measurements()["haemoglobin"].decimals
    0
    """
    text = (files("stromal.simulate") / "measurement.csv").read_text("utf-8")
    return {
        row["analyte"]: Measurement(
            within=float(row["within"]),
            slow=float(row["slow"]),
            error=float(row["error"]),
            limit=float(row["limit"]),
            decimals=int(row["decimals"]),
        )
        for row in csv.DictReader(text.splitlines())
    }


def measure(analyte: str, day: float, true: Floats, streams: Streams) -> tuple[Floats, Truths]:
    """Measure an analyte on a day.

    Parameters
    ----------
    analyte
        Its name in the vocabulary.
    day
        Of the sample [d]; another day has another error, and days of a week have much in common.
    true
        What is true of each patient, (N,), in the unit that the analyte is kept in.
    streams
        Random numbers of these patients.

    Returns
    -------
    values
        As a report prints them, (N,): the limit where the value is below it.
    below
        Whether the value is below the limit of detection, (N,).

    Examples
    --------
    >>> streams = Streams(1, np.arange(2))
    >>> values, below = measure("platelets", 0.0, np.array([0.2, 250.0]), streams)
    >>> values.tolist(), below.tolist()
    ([1.0, 263.0], [True, False])
    """
    how = read_measurements().get(analyte, EXACT)
    spread = float(np.hypot(how.within, how.error))
    if spread:
        # The median is the truth: half of the samples lie above it.
        away = spread * streams.normals(f"measure\0{analyte}\0{day:g}")
        if how.slow:
            away = away + how.slow * _draw_slow(analyte, day, streams)
        true = np.maximum(true, 0.0) * np.exp(away)
    values = np.round(true, how.decimals)
    below = values < how.limit
    return np.where(below, how.limit, values), below


def _draw_slow(analyte: str, day: float, streams: Streams) -> Floats:
    """Draw what moves over weeks, (N,): standard normal, and alike on days that are near.

    Between two draws a week apart go weights whose squares add to 1, so that every day has the
    same spread.
    """
    week, part = divmod(day / WEEK, 1.0)
    before, after = (streams.normals(f"slow\0{analyte}\0{week + at:g}") for at in (0, 1))
    turn = np.pi / 2 * part
    return np.asarray(np.cos(turn) * before + np.sin(turn) * after, np.float64)


def miss(entry: int, day: float, share: float, streams: Streams) -> Truths:
    """Tell whose samples of an entry of the schedule are missing on a day, (N,)."""
    drawn = streams.uniforms(f"miss\0{entry}\0{day:g}")
    return np.asarray(drawn < share)
