"""What a test of events between groups returns, and how patients are put into groups."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy.special import chdtrc

from stromal.estimates.intervals import FloatArray
from stromal.estimates.times import IntArray

FEW_GROUPS = "there are no two groups"
NO_EVENT = "nobody had the event"
NO_CHOICE = "events left no choice of group"


@dataclass(frozen=True, slots=True)
class GroupComparison:
    """A test of events between groups: chi-squared statistic, and what it compares in each group.

    `groups`, `n`, `observed` and `expected` events are in the same order. `statistic`, `degrees`
    (of freedom) and `p_value` are None where nothing can be compared, and `reason` says why.
    `never_at_risk` counts patients who are left out because they came under observation on their
    last day or after it.
    """

    statistic: float | None
    degrees: int | None
    p_value: float | None
    groups: tuple[str, ...]
    n: tuple[int, ...]
    observed: tuple[int, ...]
    expected: tuple[float, ...]
    method: str
    sources: tuple[str, ...]
    never_at_risk: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Membership:
    """Groups in alphabetical order, and which of them each patient belongs to (patients,)."""

    names: tuple[str, ...]
    member: IntArray

    def counted(self) -> tuple[int, ...]:
        """Return the patients of each group."""
        counts = np.bincount(self.member, minlength=len(self.names))
        return tuple(int(count) for count in counts)

    def of(self, kept: IntArray) -> Membership:
        """Return the membership of some patients, without the groups that then have nobody."""
        member = self.member if kept.size == self.member.size else self.member[kept]
        there = np.bincount(member, minlength=len(self.names)) > 0
        if there.all():
            return Membership(self.names, member)
        names = tuple(name for name, seen in zip(self.names, there, strict=True) if seen)
        return Membership(names, (np.cumsum(there) - 1)[member])


def code_groups(groups: pl.Series) -> Membership:
    """Return the group of each patient as a number; -1 for those without one.

    Parameters
    ----------
    groups
        Group of each patient, shape (patients,).

    Examples
    --------
    >>> coded = code_groups(pl.Series(["b", "a", "b"]))
    >>> coded.names, coded.member.tolist()
    (('a', 'b'), [1, 0, 1])
    """
    words = groups.cast(pl.String)
    names = sorted(words.unique().drop_nulls().to_list())
    held = words.cast(pl.Enum(names)).to_physical().cast(pl.Int64).fill_null(-1)
    return Membership(tuple(names), held.to_numpy())


def conclude(found: GroupComparison, covariance: FloatArray) -> GroupComparison:
    """Return a comparison with its statistic, or with the reason why it has none.

    Parameters
    ----------
    found
        Observed and expected events of the groups.
    covariance
        Covariance of observed less expected events, shape (groups, groups).

    Examples
    --------
    >>> begun = GroupComparison(None, None, None, ("a", "b"), (9, 9), (6, 2), (4.0, 4.0), "m", ())
    >>> round(conclude(begun, np.array([[2.0, -2.0], [-2.0, 2.0]])).statistic, 6)
    2.0
    """
    reason = found.reason or ("" if any(found.observed) else NO_EVENT)
    if len(found.groups) < 2:
        reason = found.reason or FEW_GROUPS
    # Groups that could have had no event are not compared; one of the rest follows from the others.
    chosen = np.flatnonzero(np.array(found.expected) > 0)[1:]
    block = covariance[np.ix_(chosen, chosen)]
    # Where each event left no choice of group there is no variance and no test.
    if not reason and (not chosen.size or np.linalg.matrix_rank(block) < chosen.size):
        reason = NO_CHOICE
    if reason:
        return replace(found, reason=reason)
    difference = (np.array(found.observed, np.float64) - np.array(found.expected))[chosen]
    statistic = float(difference @ np.linalg.solve(block, difference))
    degrees = int(chosen.size)
    p_value = float(chdtrc(degrees, statistic))
    return replace(found, statistic=statistic, degrees=degrees, p_value=p_value)
