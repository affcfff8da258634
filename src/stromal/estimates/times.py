"""Times to an event, counted by day: what every survival estimator starts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from stromal.estimates.estimate import Estimate
from stromal.estimates.intervals import FloatArray

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Times:
    """Patients with a time, and the distinct days on which they had an event or left.

    `days` [d] are distinct and ascending, shape (days,). `position` says for each patient which of
    the days is theirs, `status` how it ended (0 censored, 1.. causes), `kept` which rows of the
    outcomes they are; shapes (patients,).
    """

    days: FloatArray
    position: IntArray
    status: IntArray
    kept: IntArray

    @property
    def n(self) -> int:
        """Patients with a time."""
        return self.position.size

    @property
    def at_risk(self) -> IntArray:
        """Patients under observation just before each day, shape (days,)."""
        leaving = np.bincount(self.position, minlength=self.days.size)
        return leaving[::-1].cumsum()[::-1].astype(np.int64)

    def count(self, chosen: npt.NDArray[np.bool_]) -> IntArray:
        """How many of the chosen patients have their time on each day, shape (days,)."""
        counts = np.bincount(self.position[chosen], minlength=self.days.size)
        return counts.astype(np.int64)


def read_times(outcomes: pl.DataFrame) -> Times:
    """Times of the outcomes, ties kept; patients without a day or a status are left out.

    Days are compared at 15 significant digits, so that 0.1 + 0.2 and 0.3 are one day. Day 0 is
    among the days even where nothing happens on it.

    Parameters
    ----------
    outcomes
        One row per patient: `day` [d], `status` (0 censored, 1.. causes).

    Examples
    --------
    >>> times = read_times(pl.DataFrame({"day": [5.0, None, 5.0], "status": [1, 0, 0]}))
    >>> times.n, times.days.tolist(), times.at_risk.tolist()
    (2, [0.0, 5.0], [2, 2])
    """
    day = outcomes["day"].cast(pl.Float64)
    usable = (day.is_finite() & outcomes["status"].is_not_null()).fill_null(value=False)
    kept = usable.arg_true().to_numpy().astype(np.int64)
    rounded = day.filter(usable).round_sig_figs(15).to_numpy()
    # Day 0 is added last, and so has no patient of its own unless somebody's time is 0.
    days, position = np.unique(np.append(rounded, 0.0), return_inverse=True)
    if not kept.size:
        days = days[:0]
    status = outcomes["status"].filter(usable).cast(pl.Int64).to_numpy()
    return Times(days + 0.0, position[:-1].astype(np.int64), status, kept)


def curve_table(
    times: Times,
    probability: FloatArray,
    interval: tuple[FloatArray, FloatArray],
    events: IntArray,
) -> pl.DataFrame:
    """The table of a curve: one row per day; a bound that is not defined is null."""
    low, high = interval
    return pl.DataFrame(
        {
            "day": times.days,
            "probability": probability,
            "low": low,
            "high": high,
            "at_risk": times.at_risk,
            "events": events,
            "censored": times.count(times.status == 0),
        }
    ).with_columns(pl.col("low", "high").fill_nan(None))


def read_off(table: pl.DataFrame, day: float, start: float, settled: Estimate) -> Estimate:
    """The value of a curve on a day, in the words of `settled` (method, level, n, sources).

    Before the first row the curve is at `start`. After the last row it is known only where nobody
    was censored on the last day, because then nobody is left to whom it could still happen.
    """
    before = table.filter(pl.col("day") <= day)
    last = table.row(-1, named=True) if table.height else None
    value: float | None
    if last is None or (day > last["day"] and last["censored"]):
        value, low, high = None, None, None
    elif not before.height:
        value, low, high = start, None, None
    else:
        value, low, high = before.select("probability", "low", "high").row(-1)
    return Estimate(
        value,
        low,
        high,
        settled.level,
        settled.n,
        int(before["events"].sum()),
        settled.method,
        settled.sources,
    )
