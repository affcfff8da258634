"""Engraftment of a cell line: its recovery as an event, death and second transplant competing."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl
from pydantic import Field

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Need, Statuses
from stromal.endpoints.records.occurrences import OCCURRENCES, name_events, pick_occurrences
from stromal.endpoints.records.times import FollowedUntil, derive_times
from stromal.tables.outcomes import EVENT
from stromal.tables.patients import Patients

CRITERIA = "engraftment_cibmtr"


def default(*keys: str) -> Any:  # noqa: ANN401 - what the criteria hold is data
    """Read a default from the criteria of engraftment: `default("neutrophils", "cut")`."""
    found: Any = read_criteria(CRITERIA).rules
    for key in keys:
        found = found[key]
    return found


class EngraftmentParameters(FollowedUntil):
    """What confirms engraftment, where it is read, and what competes with it.

    Parameters
    ----------
    values
        How many values in a row must reach the cut; only for `counts`.
    source
        `counts` reads laboratory values; `reported` takes the day that the centre recorded, as the
        event `neutrophil_recovery` or `platelet_recovery`.
    competing
        Names of the events after which engraftment can no longer happen.
    """

    values: int = Field(default_factory=lambda: default("values"), ge=1, le=30)
    source: Literal["counts", "reported"] = "counts"
    competing: tuple[str, ...] = Field(default_factory=lambda: tuple(default("competing")))


def derive_engraftment(
    patients: Patients,
    parameters: EngraftmentParameters,
    event: str,
    recovery: pl.DataFrame | None,
    unjudged: pl.DataFrame | None = None,
    *,
    reasons: bool = True,
) -> pl.DataFrame:
    """Time to a recovery that was read from counts or, where `recovery` is None, as reported.

    Parameters
    ----------
    patients
        The five tables.
    parameters
        What competes, and the day on which observation is closed.
    event
        Name of the event of the reported recovery.
    recovery
        `subject` and `recovery_day` [d], as from `derive_recovery`.
    unjudged
        `subject` and `excluded`, a reason in words, of patients who cannot be judged.
    reasons
        Whether reasons are written.

    Returns
    -------
    polars.DataFrame
        Outcome rows in the order of `subjects`.
    """
    competing = parameters.competing
    if recovery is None:
        occurrences = pick_occurrences(patients, (event,), competing)
    else:
        recovered = recovery.drop_nulls("recovery_day").select(
            "subject",
            pl.col("recovery_day").alias("day"),
            pl.lit(event).alias("event"),
            pl.lit(EVENT, OCCURRENCES["status"]).alias("status"),
            pl.lit(0, OCCURRENCES["rank"]).alias("rank"),
            pl.lit(None, pl.String).alias("note"),
        )
        occurrences = pl.concat([recovered, pick_occurrences(patients, (), competing)])
    return derive_times(
        patients,
        occurrences,
        name_statuses(parameters, event),
        read_criteria(CRITERIA),
        parameters,
        unjudged,
        reasons=reasons,
    )


def name_statuses(parameters: EngraftmentParameters, event: str) -> Statuses:
    """Name the statuses of a recovery and of what competes with it."""
    label, competing = name_events([event]), parameters.competing
    return Statuses(label, f"{name_events(competing)} without {label}" if competing else "")


def exclude_unjudged(
    patients: Patients, recovery: pl.DataFrame, analyte: str, never: str
) -> pl.DataFrame:
    """Patients without counts, and those whose counts never fell: `subject`, `excluded`."""
    rows = patients.subjects.select(pl.col("subject").unique()).join(
        recovery.select("subject", "below"), on="subject", how="left"
    )
    return rows.select(
        "subject",
        pl.when(pl.col("below").is_null())
        .then(pl.lit(f"no count of {analyte} from day 0 on"))
        .when(~pl.col("below"))
        .then(pl.lit(f"not applicable: {analyte} {never}"))
        .alias("excluded"),
    ).drop_nulls("excluded")


def engraftment_needs(
    parameters: EngraftmentParameters, analyte: str, event: str
) -> tuple[Need, ...]:
    """What engraftment reads: counts, or the day as reported."""
    if parameters.source == "reported":
        return (Need("events", (event, *parameters.competing, "last_follow_up")),)
    return (Need("labs", (analyte,)),)
