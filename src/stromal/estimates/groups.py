"""Outcomes of one endpoint, for all patients and for each group of them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from stromal.protocol.protocol import Protocol
from stromal.tables.patients import Patients

ALL = "all"
_FLAGS = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Group:
    """A group of patients: its name, its outcomes of one endpoint, and where they came from."""

    name: str
    outcomes: pl.DataFrame

    @property
    def origin(self) -> str | None:
        """Origin of the patients: `observed` where not stated, several joined by `and`.

        None where the group is empty.
        """
        origins = self.outcomes["origin"].fill_null("observed").unique().sort()
        return " and ".join(origins) or None


def split_outcomes(
    protocol: Protocol, patients: Patients, outcomes: pl.DataFrame, endpoint: str, by: str | None
) -> tuple[Group, ...]:
    """The group `all`, then one for each level of `by` in the order of the protocol.

    A declared level is there also where nobody belongs to it; levels that occur without being
    declared follow. Patients whose level is not known are in `all` only.

    Parameters
    ----------
    protocol
        Declares the arms and the levels of covariates.
    patients
        `subjects` says who belongs to which level.
    outcomes
        The `outcomes` table.
    endpoint
        Endpoint of the protocol whose outcomes are split.
    by
        `arm` or a covariate; None gives `all` only.
    """
    level = pl.lit(None, pl.String) if by is None else pl.col(by).cast(pl.String)
    subjects = patients.subjects.select("subject", "origin", level.alias("group"))
    # The order of the subjects is kept, so that nothing depends on how outcomes were derived.
    rows = subjects.join(
        outcomes.filter(pl.col("endpoint") == endpoint),
        on="subject",
        how="inner",
        maintain_order="left",
    )
    if by is None:
        return (Group(ALL, rows),)
    return (
        Group(ALL, rows),
        *(
            Group(name, rows.filter(pl.col("group") == name))
            for name in _levels(protocol, by, rows)
        ),
    )


def _levels(protocol: Protocol, by: str, rows: pl.DataFrame) -> tuple[str, ...]:
    """Levels of a grouping: as declared, then those that only occur, in alphabetical order."""
    found = rows["group"].drop_nulls().unique().sort().to_list()
    if by == "arm":
        declared = tuple(protocol.arms)
    else:
        covariate = protocol.covariates[by]
        flags = tuple(flag for flag in _FLAGS if flag in found)
        declared = covariate.levels or (flags if covariate.type == "flag" else ())
    return (*declared, *(name for name in found if name not in declared))
