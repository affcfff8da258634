"""Engraftment of a cell line: its recovery as an event, death and second transplant competing."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl
from pydantic import Field

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Need, Statuses
from stromal.endpoints.records.occurrences import OCCURRENCES, name_events, pick_occurrences
from stromal.endpoints.records.recovery import CountedFrom
from stromal.endpoints.records.times import FollowedUntil, derive_times
from stromal.endpoints.rules.engraftment.counts import end_with_counts, exclude_unjudged, write_gap
from stromal.tables.outcomes import EVENT
from stromal.tables.patients import Patients
from stromal.tables.windows import Day

CRITERIA = "engraftment_cibmtr"


def default(*keys: str) -> Any:  # noqa: ANN401 - what the criteria hold is data
    """Read a default from the criteria of engraftment: `default("neutrophils", "cut")`."""
    found: Any = read_criteria(CRITERIA).rules
    for key in keys:
        found = found[key]
    return found


def default_nadir() -> float:
    """Read the last day [d] on which the nadir is looked for."""
    return float(default("neutrophils", "nadir_until_day"))


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
    counted_from
        After which count recovery can begin: the lowest one by `nadir_until_day` (`nadir`), or the
        first one below the cut (`first_below`); only for `counts`.
    nadir_until_day
        Last day [d] on which the nadir is looked for, so that nothing later moves a recovery.
    """

    values: int = Field(default_factory=lambda: default("values"), ge=1, le=30)
    source: Literal["counts", "reported"] = "counts"
    competing: tuple[str, ...] = Field(default_factory=lambda: tuple(default("competing")))
    counted_from: CountedFrom = "nadir"
    nadir_until_day: Day = Field(default_factory=default_nadir, gt=0)


def derive_engraftment(
    patients: Patients,
    parameters: EngraftmentParameters,
    event: str,
    *,
    reasons: bool = True,
) -> pl.DataFrame:
    """Derive the time to a recovery as the centre recorded it.

    Parameters
    ----------
    patients
        The five tables.
    parameters
        What competes, and the day on which observation is closed.
    event
        Name of the event of the reported recovery.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        Outcome rows in the order of `subjects`.
    """
    return derive_times(
        patients,
        pick_occurrences(patients, (event,), parameters.competing),
        name_statuses(parameters, event),
        read_criteria(CRITERIA),
        parameters,
        reasons=reasons,
    )


def derive_counted_engraftment(
    patients: Patients,
    parameters: EngraftmentParameters,
    event: str,
    recovery: pl.DataFrame,
    words: tuple[str, str],
    undated: pl.DataFrame | None = None,
    *,
    reasons: bool = True,
) -> pl.DataFrame:
    """Derive the time to a recovery that was read from counts.

    Observation ends with the last count: nobody knows of a recovery after it.

    Parameters
    ----------
    patients
        The five tables.
    parameters
        What competes, and the day on which observation is closed.
    event
        Name of the event of the recovery.
    recovery
        As from `derive_recovery`.
    words
        What was counted, and what is said of a count that never fell.
    undated
        `subject` and `excluded`, why patients cannot be judged whatever their counts.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        Outcome rows in the order of `subjects`. `lowest` and `highest` are the days [d] between
        which recovery lies where days without a count, bounds or empty values leave it open;
        `value` is null where bounds or empty values do.
    """
    competing = pick_occurrences(patients, (), parameters.competing)
    recovered = recovery.drop_nulls("recovery_day").select(
        "subject",
        pl.col("recovery_day").alias("day"),
        pl.lit(event).alias("event"),
        pl.lit(EVENT, OCCURRENCES["status"]).alias("status"),
        pl.lit(0, OCCURRENCES["rank"]).alias("rank"),
        write_gap().alias("note"),
    )
    unjudged = exclude_unjudged(
        patients.subjects, recovery, _find_ends(patients, parameters, competing), words
    )
    if undated is not None:
        others = unjudged.join(undated, on="subject", how="anti")
        unjudged = pl.concat([undated, others], how="diagonal")
    statuses = name_statuses(parameters, event)
    rows = derive_times(
        patients,
        pl.concat([recovered, competing]),
        statuses,
        read_criteria(CRITERIA),
        parameters,
        unjudged,
        reasons=reasons,
    )
    return end_with_counts(rows, recovery, unjudged, statuses, parameters.values)


def _find_ends(
    patients: Patients, parameters: EngraftmentParameters, competing: pl.DataFrame
) -> pl.DataFrame:
    """The first day after which no recovery counts any more: `subject`, `ends`."""
    censoring = patients.events.filter(pl.col("event").is_in(parameters.censor_events))
    both = pl.concat([competing.select("subject", "day"), censoring.select("subject", "day")])
    first = both.filter(pl.col("day") >= 0).group_by("subject").agg(pl.col("day").min())
    until = pl.lit(parameters.until_day, pl.Float64)
    return (
        patients.subjects.select(pl.col("subject").unique())
        .join(first, on="subject", how="left")
        .select("subject", pl.min_horizontal("day", until).alias("ends"))
    )


def name_statuses(parameters: EngraftmentParameters, event: str) -> Statuses:
    """Name the statuses of a recovery and of what competes with it."""
    label, competing = name_events([event]), parameters.competing
    return Statuses(label, f"{name_events(competing)} without {label}" if competing else "")


def engraftment_needs(
    parameters: EngraftmentParameters, analyte: str, event: str
) -> tuple[Need, ...]:
    """Return what engraftment reads: counts, or the day as reported."""
    if parameters.source == "reported":
        return (Need("events", (event, *parameters.competing, "last_follow_up")),)
    return (Need("labs", (analyte,)),)
