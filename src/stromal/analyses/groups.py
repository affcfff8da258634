"""Outcomes of one endpoint, for all patients and for each group of them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from stromal.analyses.kind import Setting
from stromal.protocol.groups import list_levels


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
    declared follow. Patients whose level is not known are among all patients only.

    Parameters
    ----------
    setting
        The cohort: `subjects` says who belongs to which level, `outcomes` how each fared.
    endpoint
        Endpoint of the protocol whose outcomes are split.
    by
        `arm` or a covariate; None gives all patients only.

    Returns
    -------
    tuple of Group
        Outcome rows in the order of `subjects`, with the level as a column `group`.
    """
    level = pl.lit(None, pl.String) if by is None else pl.col(by).cast(pl.String)
    subjects = setting.patients.subjects.select("subject", level.alias("group"))
    # The order of the subjects is kept, so that nothing depends on how outcomes were derived.
    rows = subjects.join(
        setting.outcomes.filter(pl.col("endpoint") == endpoint),
        on="subject",
        how="inner",
        maintain_order="left",
    )
    if by is None:
        return (Group(rows),)
    levels = list_levels(setting.protocol, by, rows["group"].drop_nulls().unique())
    parts = (Group(rows.filter(pl.col("group") == name), by, name) for name in levels)
    return (Group(rows), *parts)
