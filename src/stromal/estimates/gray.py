"""Gray's test of cumulative incidences between groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from stromal.estimates.group_comparison import GroupComparison, code_groups, conclude
from stromal.estimates.intervals import FloatArray
from stromal.estimates.times import IntArray, Times, read_times

GRAY_SOURCES = ("gray1988",)

_METHOD = "Gray's test"


def compare_cumulative_incidence(
    outcomes: pl.DataFrame, groups: pl.Series, event: int = 1
) -> GroupComparison:
    """Test the hypothesis that the cumulative incidence of an event is the same in all groups.

    Gray's test (rho = 0): a log-rank test on the hazard of the subdistribution, in which whoever
    had a competing event stays at risk in part. [gray1988] A log-rank test with competing events
    censored asks another question, whether the rates are the same among those who are still free of
    every event; the two can disagree.

    Parameters
    ----------
    outcomes
        One row per patient: `day` [d] and `status` (0 censored, 1.. causes). Patients without a
        day, a status or a group are left out. Late entries are not provided for.
    groups
        Group of each patient, in the order of the rows.
    event
        Status that is the event; other statuses above 0 compete.

    Returns
    -------
    GroupComparison
        Statistic, degrees of freedom, P; groups in alphabetical order.

    Examples
    --------
    >>> days = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    >>> outcomes = pl.DataFrame({"day": days, "status": [1, 2, 1, 1, 2, 1, 0, 1]})
    >>> test = compare_cumulative_incidence(outcomes, pl.Series(list("aabbabab")))
    >>> round(test.statistic, 4), test.degrees, test.observed
    (0.888, 1, (1, 4))

    Witness: R cmprsk::cuminc, tests/reference/gray.
    """
    known = groups.is_not_null()
    rows, groups = outcomes.filter(known), groups.filter(known)
    times = read_times(rows)
    coded = code_groups(groups).of(times.kept)
    counts = _count(times, coded.member, len(coded.names), event)
    late = "patients who came under observation late are not provided for"
    found = GroupComparison(
        None,
        None,
        None,
        coded.names,
        coded.counted(),
        tuple(int(count) for count in counts.events.sum(axis=0)),
        tuple(float(count) for count in counts.expected.sum(axis=0)),
        _METHOD,
        GRAY_SOURCES,
        times.never_at_risk,
        late if times.delayed else "",
    )
    compared = len(coded.names) > 1 and not times.delayed and bool(counts.events.any())
    size = len(coded.names)
    return conclude(found, counts.covariance() if compared else np.zeros((size, size)))


def _count(times: Times, member: IntArray, groups: int, event: int) -> Counts:
    """Return counts of each day and group."""
    competing = (times.status > 0) & (times.status != event)
    return Counts(
        times.count_by_group(times.status == event, member, groups).astype(np.float64),
        times.count_by_group(competing, member, groups).astype(np.float64),
        times.count_at_risk(member, groups).astype(np.float64),
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """Events, competing events and patients at risk of each day and group (days, groups)."""

    events: FloatArray
    competing: FloatArray
    at_risk: FloatArray

    @property
    def free(self) -> tuple[FloatArray, FloatArray]:
        """Probability of no event of any kind in each group, before and after each day."""
        stays = 1 - _share(self.events + self.competing, self.at_risk)
        after: FloatArray = np.cumprod(stays, axis=0, dtype=np.float64)
        return _before(after, 1.0), after

    @property
    def risk(self) -> FloatArray:
        """Patients at risk of the subdistribution: Y (1 - F) / S just before each day."""
        before, _ = self.free
        incidence = np.cumsum(before * _share(self.events, self.at_risk), axis=0)
        return _share(self.at_risk * (1 - _before(incidence, 0.0)), before)

    @property
    def expected(self) -> FloatArray:
        """Events that each group would have had if incidences were alike."""
        risk = self.risk
        return risk * _share(self.events.sum(axis=1), risk.sum(axis=1))[:, None]

    def covariance(self) -> FloatArray:
        """Return the covariance of observed less expected events (groups, groups).

        What a group has too many of is a sum of martingales: events of its own, and of every group,
        since risk sets rest on estimated S and F. With h = Y/S, D the difference between belonging
        to group k and the share of k in h, and c the integral of D h dF/(1 - F) still to come, an
        event adds D + c (1 - (1 - F)/S)/h and a competing one -c (1 - F)/(S h). [gray1988] Ties
        lessen the variance as in the log-rank test.
        """
        before, after = self.free
        h = _share(self.at_risk, before)
        events, whole = self.events.sum(axis=1), h.sum(axis=1)
        rise = _share(events, whole)
        incidence = np.cumsum(rise)
        hazard = _share(rise, 1 - _before(incidence, 0.0))
        share = _share(h, whole[:, None])
        groups = h.shape[1]
        covariance = np.zeros((groups, groups))
        for group in range(groups):
            belongs = np.eye(groups)[group] - share
            change = belongs * (h[:, group] * hazard)[:, None]
            ahead = change.sum(axis=0) - np.cumsum(change, axis=0)
            ratio = _share(1 - incidence, after[:, group])
            weight = _share(ahead, h[:, group, None])
            seen = (belongs + weight * (1 - ratio)[:, None]) * (h[:, group] > 0)[:, None]
            competed = -weight * ratio[:, None]
            own = h[:, group] * rise * _spare(events, whole * before[:, group])
            other = self.competing[:, group] * _spare(
                self.competing[:, group], self.at_risk[:, group]
            )
            covariance += seen.T @ (seen * own[:, None])
            covariance += competed.T @ (competed * other[:, None])
        return covariance


def _share(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Divide; 0 where the whole is 0."""
    part, whole = np.broadcast_arrays(part, whole)
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)


def _before(after: FloatArray, start: float) -> FloatArray:
    """Return values just before each day, from those after it."""
    first = np.full((1, *after.shape[1:]), start)
    return np.concatenate([first, after[:-1]])


def _spare(tied: FloatArray, at_risk: FloatArray) -> FloatArray:
    """Return the factor of tied events in a variance: (n - d) / (n - 1)."""
    many = (tied > 1) & (at_risk > 1)
    return np.where(many, 1 - (tied - 1) / np.where(many, at_risk - 1, 1.0), 1.0)
