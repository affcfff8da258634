"""Patterns that stay possible where some assessments cannot be graded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

_UNKNOWN, _ABSENT = -1, -2
_Bools = NDArray[np.bool_]
_State = tuple[str, int | None]
"""A phase, and the position at which a recovery began that may still be too short."""


def find_possible_patterns(
    assessments: pl.DataFrame,
    pattern: Literal["late_onset", "biphasic"],
    late_day: float,
    recovery_assessments: int | None = None,
    recovery_days: float | None = None,
) -> pl.DataFrame:
    """Find which series certainly show a pattern, and which possibly do.

    An assessment that cannot be graded may be affected or not. More affected days can make a second
    episode or join two into one, so neither extreme of all of them bounds the answer. All series
    are therefore walked through together, day by day, with the set of phases that each can be in.

    Parameters
    ----------
    assessments
        `number` of the series, `day` [d], `affected` (null: cannot be told), sorted by both.
    pattern
        `late_onset`: an episode that starts on or after `late_day`; `biphasic`: one that starts
        before it and recovers, and another after it.
    late_day
        Day [d], above 0.
    recovery_assessments, recovery_days
        What makes a recovery, as for `derive_episodes`.

    Returns
    -------
    polars.DataFrame
        One row per series: `number`, `certain`, `possible`.

    Examples
    --------
    >>> rows = {"number": [1] * 3, "day": [3.0, 14.0, 20.0], "affected": [True, None, True]}
    >>> find_possible_patterns(pl.DataFrame(rows), "biphasic", 28.0).rows()
    [(1, False, True)]
    """
    numbers, days, status = _as_matrix(assessments)
    walk = _Walk(pattern, late_day, recovery_assessments, recovery_days, days)
    reached: dict[_State, _Bools] = {("out", None): np.ones(len(numbers), dtype=bool)}
    for position in range(days.shape[1]):
        now = status[:, position]
        affected, clear = (now == 1) | (now == _UNKNOWN), (now == 0) | (now == _UNKNOWN)
        following: dict[_State, _Bools] = {}
        for state, here in reached.items():
            steps = (
                (state, here & (now == _ABSENT)),
                *((after, here & affected & when) for after, when in walk.rise(state, position)),
                *((after, here & clear & when) for after, when in walk.fall(state, position)),
            )
            for after, there in steps:
                if there.any():
                    following[after] = following[after] | there if after in following else there
        reached = following
    nobody = np.zeros(len(numbers), dtype=bool)
    possible = reached.get(("found", None), nobody)
    others = [here for (phase, _), here in reached.items() if phase != "found"]
    certain = possible & ~np.any(others, axis=0) if others else possible
    return pl.DataFrame({"number": numbers, "certain": certain, "possible": possible})


def _as_matrix(
    assessments: pl.DataFrame,
) -> tuple[pl.Series, NDArray[np.float64], NDArray[np.int8]]:
    """Series by position: days and what was seen, absent after the last assessment."""
    numbers = assessments["number"].unique(maintain_order=True)
    position = pl.int_range(pl.len()).over("number")
    series = (pl.col("number").rle_id()).cast(pl.Int64)
    placed = assessments.select(
        series.alias("series"),
        position.alias("position"),
        "day",
        pl.col("affected").cast(pl.Int8).fill_null(_UNKNOWN),
    )
    longest = 0 if placed.is_empty() else int(placed["position"].to_numpy().max()) + 1
    days = np.full((len(numbers), longest), np.nan)
    status = np.full((len(numbers), longest), _ABSENT, dtype=np.int8)
    at = placed["series"].to_numpy(), placed["position"].to_numpy()
    days[at] = placed["day"].to_numpy()
    status[at] = placed["affected"].to_numpy()
    return numbers, days, status


class _Walk:
    """Steps from one assessment to the next: phases `out`, `in`, `between`, `found`, `never`."""

    def __init__(
        self,
        pattern: str,
        late_day: float,
        recovery_assessments: int | None,
        recovery_days: float | None,
        days: NDArray[np.float64],
    ) -> None:
        self.biphasic = pattern == "biphasic"
        self.late_day = late_day
        self.assessments, self.recovery_days = recovery_assessments, recovery_days
        self.at_once = recovery_assessments is None and recovery_days is None
        self.days = days
        self.everybody = np.ones(days.shape[0], dtype=bool)

    def rise(self, state: _State, position: int) -> Iterator[tuple[_State, _Bools]]:
        """Return where an affected assessment leads, and for which series."""
        phase, since = state
        if phase == "in" and since is not None:
            recovered = self._lasted(since, position)
            yield ("in", None), ~recovered
            for (after, _), when in self._recover(since):
                for further, then in self.rise((after, None), position):
                    yield further, recovered & when & then
        elif phase == "out":
            late = self.days[:, position] >= self.late_day
            yield ("in", None), ~late
            yield ("never" if self.biphasic else "found", None), late
        elif phase == "between":
            yield ("found", None), self.everybody
        else:
            yield state, self.everybody

    def fall(self, state: _State, position: int) -> Iterator[tuple[_State, _Bools]]:
        """Return where an assessment that is not affected leads, and for which series."""
        phase, since = state
        if phase != "in":
            yield state, self.everybody
            return
        since = position if since is None else since
        if self.at_once or self._counted(since, position + 1):
            yield from self._recover(since)
        else:
            yield ("in", since), self.everybody

    def _recover(self, since: int) -> Iterator[tuple[_State, _Bools]]:
        """An episode that was over by day 0 is none."""
        if not self.biphasic:
            yield ("out", None), self.everybody
            return
        early = self.days[:, since] <= 0
        yield ("out", None), early
        yield ("between", None), ~early

    def _counted(self, since: int, position: int) -> bool:
        return self.assessments is not None and position - since >= self.assessments

    def _lasted(self, since: int, position: int) -> _Bools:
        """Series whose recovery was long enough when the count fell again."""
        lasted = self.everybody & self._counted(since, position)
        if self.recovery_days is not None:
            lasted = lasted | (self.days[:, position] - self.days[:, since] >= self.recovery_days)
        return lasted
