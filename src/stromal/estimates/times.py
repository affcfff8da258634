"""Times to an event, counted by day: what every survival estimator starts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from stromal.estimates.estimate import Estimate
from stromal.estimates.intervals import FloatArray
from stromal.tables.curve import Curve

IntArray = npt.NDArray[np.int64]

ENTRY_SOURCES = ("tsai1987",)

_ENTRY_METHOD = "at risk from entry"


@dataclass(frozen=True, slots=True)
class Times:
    """Patients with a time, and the distinct days on which somebody entered, had an event or left.

    A patient is at risk on day t where entry < t <= time. `days` [d] are distinct and ascending,
    shape (days,). Shapes (patients,): `position` says which of the days is the patient's time;
    `entry` which of them is the first under observation, -1 where that is day 0 or before;
    `status` how the time ended (0 censored, 1.. causes); `kept` which row of the outcomes it is.
    `never_at_risk` counts patients who are left out because they entered on their last day or
    after it.
    """

    days: FloatArray
    position: IntArray
    entry: IntArray
    status: IntArray
    kept: IntArray
    never_at_risk: int = 0

    @property
    def n(self) -> int:
        """Patients who are at risk at some time."""
        return self.position.size

    @property
    def delayed(self) -> bool:
        """Somebody came under observation after day 0."""
        return self.never_at_risk > 0 or bool((self.entry >= 0).any())

    @property
    def at_risk(self) -> IntArray:
        """Patients at risk on each day: entered before it and not gone before it; shape (days,)."""
        return self.count_at_risk(np.zeros(self.n, dtype=np.int64), 1)[:, 0]

    @property
    def entered(self) -> IntArray:
        """Patients who come under observation at the end of each day, shape (days,)."""
        late = self.entry[self.entry >= 0]
        return np.bincount(late, minlength=self.days.size).astype(np.int64)

    def count(self, chosen: npt.NDArray[np.bool_]) -> IntArray:
        """Count the chosen patients by the day of their time, shape (days,)."""
        counts = np.bincount(self.position[chosen], minlength=self.days.size)
        return counts.astype(np.int64)

    def count_by_group(
        self, chosen: npt.NDArray[np.bool_], group: IntArray, groups: int
    ) -> IntArray:
        """Count the chosen patients by the day of their time and group, shape (days, groups)."""
        return _count(self.position[chosen], group[chosen], (self.days.size, groups))

    def count_at_risk(self, group: IntArray, groups: int) -> IntArray:
        """Count patients at risk on each day in each group, shape (days, groups)."""
        late = self.entry >= 0
        shape = (self.days.size, groups)
        # Those who leave on a day or later, less those who enter on it or later and so leave later
        # still.
        change = _count(self.position, group, shape) - _count(self.entry[late], group[late], shape)
        return change[::-1].cumsum(axis=0)[::-1]


def read_times(outcomes: pl.DataFrame) -> Times:
    """Read the times of patients, with ties and late entries.

    Patients without a day or a status are left out. So are those who are never at risk, because
    they came under observation on their last day or after it; they are counted. Days are compared
    at 15 significant digits, so that 0.1 + 0.2 and 0.3 are one day. Day 0 is among the days even
    where nothing happens on it. Events come before censorings of the same day, and both come before
    entries: whoever enters on a day is at risk from the next moment on. [tsai1987]

    Parameters
    ----------
    outcomes
        One row per patient: `day` [d], `status` (0 censored, 1.. causes) and, where patients
        entered late, `entry_day` [d]; null, day 0 and days before it are no late entry.

    Examples
    --------
    >>> times = read_times(pl.DataFrame({"day": [5.0, None, 5.0], "status": [1, 0, 0]}))
    >>> times.n, times.days.tolist(), times.at_risk.tolist()
    (2, [0.0, 5.0], [2, 2])
    >>> late = pl.DataFrame({"day": [5.0, 9.0], "status": [1, 0], "entry_day": [None, 7.0]})
    >>> read_times(late).days.tolist(), read_times(late).at_risk.tolist()
    ([0.0, 5.0, 7.0, 9.0], [1, 1, 0, 1])
    """
    day, status = _read_days(outcomes["day"]), outcomes["status"]
    usable = np.isfinite(day)
    if status.null_count():
        usable &= status.is_not_null().to_numpy()
    entry = _read_entry(outcomes)
    observed = usable if entry is None else usable & ~(entry >= day)
    kept = np.flatnonzero(observed)
    everybody = kept.size == day.size
    last = day if everybody else day[kept]
    late = np.zeros(0, np.int64) if entry is None else np.flatnonzero(entry[kept] > 0)
    first = np.zeros(0) if entry is None else entry[kept[late]]
    # Day 0 is added last, and so has no patient of its own unless somebody's time is 0.
    days, position = _number_days(np.concatenate([last, first, [0.0]]))
    if not kept.size:
        days = days[:0]
    entered = np.full(kept.size, -1, dtype=np.int64)
    entered[late] = position[kept.size : -1]
    known = status if everybody else status.filter(pl.Series(observed))
    return Times(
        days + 0.0,
        position[: kept.size],
        entered,
        known.cast(pl.Int64).to_numpy(),
        kept,
        int(np.count_nonzero(usable)) - kept.size,
    )


def _read_days(days: pl.Series) -> FloatArray:
    """Return days [d] at 15 significant digits, shape (patients,); nan where there is none."""
    values = days.cast(pl.Float64).to_numpy()
    if _are_whole(values):
        return values
    rounded: FloatArray = days.cast(pl.Float64).round_sig_figs(15).to_numpy()
    return rounded


def _are_whole(values: FloatArray) -> bool:
    """Say whether all values are whole numbers, nan apart, which 15 digits hold."""
    whole = np.rint(values) == values
    if not whole.all():
        whole |= np.isnan(values)
        values = np.nan_to_num(values)
    return bool(whole.all()) and max(-values.min(initial=0.0), values.max(initial=0.0)) < 1e15


def _read_entry(outcomes: pl.DataFrame) -> FloatArray | None:
    """Return the days of late entry, nan for patients under observation from the beginning."""
    if "entry_day" not in outcomes.columns:
        return None
    entry = _read_days(outcomes["entry_day"])
    late: FloatArray = np.where(entry > 0, entry, np.nan)
    return late


def _number_days(values: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return distinct days in order, and the place of each value among them.

    Whole days, as registries write them, are counted in a table; others are sorted.
    """
    in_table = values.min() >= 0 and values.max() <= 4 * values.size + 10_000
    whole = values.astype(np.int64) if in_table else np.zeros(0, np.int64)
    if not in_table or not (whole == values).all():
        days, position = np.unique(values, return_inverse=True)
        return days, position.astype(np.int64)
    seen = np.bincount(whole) > 0
    places = np.cumsum(seen) - 1
    return np.flatnonzero(seen).astype(np.float64), places[whole]


def _count(day: IntArray, group: IntArray, shape: tuple[int, int]) -> IntArray:
    """Count patients by day and group."""
    days, groups = shape
    counts = np.bincount(day * groups + group, minlength=days * groups)
    return counts.reshape(shape).astype(np.int64)


def round_day(day: float) -> float:
    """Return a day [d] at 15 significant digits, as the days of patients are.

    Examples
    --------
    >>> round_day(0.1 + 0.2)
    0.3
    """
    return float(f"{day:.15g}")


def share_at_risk(events: IntArray, at_risk: IntArray) -> FloatArray:
    """Return the share of those at risk who have the event; 0 on days without anybody at risk."""
    return np.divide(events, at_risk, out=np.zeros(events.size), where=at_risk > 0)


def curve_table(
    times: Times,
    probability: FloatArray,
    interval: tuple[FloatArray, FloatArray],
    events: IntArray,
) -> pl.DataFrame:
    """Return the table of a curve: one row per day; a bound that is not defined is null."""
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
            "entered": times.entered,
        }
    ).with_columns(pl.col("low", "high").fill_nan(None))


def name_entry(
    method: str, sources: tuple[str, ...], *, delayed: bool
) -> tuple[str, tuple[str, ...]]:
    """Return method and sources, with the delayed entry named where there was one."""
    if not delayed:
        return method, sources
    return f"{method}, {_ENTRY_METHOD}", (*sources, *ENTRY_SOURCES)


def read_off(curve: Curve, day: float, start: float) -> Estimate:
    """Return the value of a curve on a day, with its interval.

    Before the first row the curve is at `start`. After the last row it is known only where nobody
    was censored on the last day, because then nobody is left to whom it could still happen.
    """
    table, day = curve.table, round_day(day)
    # Columns are read at their place: a filter for each day of each curve took most of the time.
    passed = int(table["day"].search_sorted(day, side="right")) if table.height else 0
    value: float | None
    ended = passed == table.height and day > table["day"][-1] if table.height else True
    if ended and (not table.height or table["censored"][-1]):
        value, low, high = None, None, None
    elif not passed:
        value, low, high = start, None, None
    else:
        value, low, high = (table[name][passed - 1] for name in ("probability", "low", "high"))
    return Estimate(
        value,
        low,
        high,
        curve.level,
        curve.n,
        int(table["events"].head(passed).sum()),
        curve.method,
        curve.sources,
        curve.interval or None,
        never_at_risk=curve.never_at_risk,
    )
