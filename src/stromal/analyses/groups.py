"""Outcomes of one endpoint, for all patients and for each group of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from stromal.analyses.kind import Row, Setting
from stromal.endpoints.records.follow_up import derive_follow_up
from stromal.estimates.estimate import Estimate
from stromal.protocol.groups import list_levels, list_virtual_arms, name_known_by
from stromal.tables.statistics import LEFT_OUT

_SHARED = ("origin", "replicate", "endpoint", "criteria")
"""Columns that are the same in all rows of a group; a million patients have a million of each."""


@dataclass(frozen=True, slots=True)
class Group:
    """Patients with their outcomes of one endpoint: all of them, or a level of a grouping.

    `by` and `name` are None for all patients together.
    """

    outcomes: pl.DataFrame
    by: str | None = None
    name: str | None = None

    @property
    def key(self) -> dict[str, str | None]:
        """The cells `by` and `group` of an estimate."""
        return {"by": self.by, "group": self.name}


def split_outcomes(setting: Setting, endpoint: str, by: str | None) -> tuple[Group, ...]:
    """Return all patients, then one group for each level of `by` in the order of the protocol.

    A declared level is there also where nobody belongs to it; levels that occur without being
    declared follow. Patients whose level is not known are among all patients only; those of an arm
    that is `simulated_only` are in their arm only. Where the
    grouping has a landmark, everybody is at risk from that day on, and who was not followed to it,
    or had the event by then, is in no group and not among all patients.

    Parameters
    ----------
    setting
        The cohort: `subjects` or the outcomes say who belongs to which level, `outcomes` how each
        fared.
    endpoint
        Endpoint of the protocol whose outcomes are split.
    by
        `arm`, a covariate, an endpoint, or a grouping of the protocol; None gives all patients
        only.

    Returns
    -------
    tuple of Group
        Outcome rows in the order of `subjects`, with the level as a column `group`, and without
        what is the same in all of them: origin, replicate, endpoint and criteria.
    """
    rows = _join_levels(setting, endpoint, by)
    landmark = find_landmark(setting, by)
    if landmark is not None:
        kept = _explain_left_out(setting, rows, landmark).is_null()
        entry = pl.max_horizontal(pl.col("entry_day"), pl.lit(landmark))
        rows = rows.filter(kept).with_columns(entry.alias("entry_day"))
    together = leave_out_simulated(setting, rows)
    if by is None:
        return (Group(together),)
    told = rows if by == "arm" else together
    parts = (Group(told.filter(pl.col("group") == name), by, name)
             for name in name_levels(setting, by, told))  # fmt: skip
    return (Group(together), *parts)


def leave_out_simulated(setting: Setting, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of patients whose arm is not `simulated_only`."""
    apart = list_virtual_arms(setting.protocol)
    if not apart:
        return rows
    own = setting.patients.subjects.filter(~pl.col("arm").is_in(apart)).select("subject")
    return rows.join(own, on="subject", how="semi", maintain_order="left")


def find_landmark(setting: Setting, by: str | None) -> float | None:
    """Return the day [d] on which groups are known; None where `by` has no landmark."""
    grouping = setting.protocol.grouping(by)
    return None if grouping is None else grouping.landmark


def count_left_out(setting: Setting, endpoint: str, by: str | None) -> Iterator[Row]:
    """Yield a row for each reason why patients are not in a comparison from a landmark on."""
    landmark = find_landmark(setting, by)
    if landmark is None:
        return
    rows = _join_levels(setting, endpoint, by)
    reasons = _explain_left_out(setting, rows, landmark)
    for reason in reasons.drop_nulls().unique().sort():
        found = Estimate(int((reasons == reason).sum()), n=rows.height)
        yield {
            "by": None,
            "group": None,
            "statistic": LEFT_OUT.name,
            "label": reason,
            "value": float(found.value or 0),
            "unit": "patient",
            "n": found.n,
            "method": f"patients who are in no group on day {landmark:g}",
            "sources": "",
        }


def read_levels(setting: Setting, by: str) -> pl.DataFrame:
    """Return the level of every patient under a grouping: columns `subject` and `group`.

    The level is null where it is not known, or belongs to no group of the grouping.
    """
    grouping = setting.protocol.grouping(by)
    of = by if grouping is None else grouping.of
    subjects = setting.patients.subjects
    if of in subjects.columns:
        levels = subjects.select("subject", pl.col(of).cast(pl.String).alias("group"))
    else:
        landmark = None if grouping is None else grouping.landmark
        name = of if landmark is None else name_known_by(of, landmark)
        own = setting.outcomes_of(name)
        levels = subjects.select("subject").join(
            own.select("subject", pl.col("label").alias("group")),
            on="subject",
            how="left",
            maintain_order="left",
        )
    if grouping is None or not grouping.combine:
        return levels
    together = {label: name for name, labels in grouping.combine.items() for label in labels}
    return levels.with_columns(
        pl.col("group").replace_strict(together, default=None, return_dtype=pl.String)
    )


def _join_levels(setting: Setting, endpoint: str, by: str | None) -> pl.DataFrame:
    """Outcomes of an endpoint with the level of each patient, in the order of the subjects."""
    subjects = setting.patients.subjects
    if by is None:
        levels = subjects.select("subject", pl.lit(None, pl.String).alias("group"))
    else:
        levels = read_levels(setting, by)
    return levels.join(
        setting.outcomes_of(endpoint).drop(_SHARED, strict=False),
        on="subject",
        how="inner",
        maintain_order="left",
    )


def name_levels(setting: Setting, by: str, rows: pl.DataFrame) -> tuple[str, ...]:
    """Return the levels of a grouping in order; those declared are there, others where they occur.

    Parameters
    ----------
    setting, by
        The cohort, and what makes its groups.
    rows
        Patients, whose column `group` says which levels occur.
    """
    found = rows["group"].drop_nulls().unique().to_list()
    grouping = setting.protocol.grouping(by)
    of = by if grouping is None else grouping.of
    if of in setting.patients.subjects.columns or (grouping is not None and grouping.combine):
        return list_levels(setting.protocol, by, found)
    declared = [label.name for label in setting.labels_of(of) if label.name in found]
    return (*declared, *sorted(set(found).difference(declared)))


def _explain_left_out(setting: Setting, rows: pl.DataFrame, landmark: float) -> pl.Series:
    """Why each patient is in no group at a landmark; null for those who are compared."""
    day = f"day {landmark:g}"
    followed = derive_follow_up(setting.patients).select("subject", _end="last_day")
    ends = rows.join(followed, on="subject", how="left", maintain_order="left")
    is_time = pl.col("kind") == "time"
    over = is_time & (pl.col("day") <= landmark)
    reason = (
        pl.when(over & (pl.col("status") > 0))
        .then(pl.lit(f"had the event, or a competing one, by {day}"))
        .when(over | (~is_time & (pl.col("_end") < landmark)))
        .then(pl.lit(f"not followed beyond {day}"))
        .when(pl.col("group").is_null())
        .then(pl.lit(f"group not known on {day}"))
    )
    return ends.select(reason.alias("reason"))["reason"]
