"""How long each patient was followed: the last day known alive, and where it was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from stromal.endpoints.records.numbered import NUMBER
from stromal.tables.patients import Patients

FOLLOWED_BY = ("last day under observation", "last follow-up", "last record")
_KEPT = ("_last_day", "_followed_by")


def keep_follow_up(patients: Patients) -> Patients:
    """Keep the follow-up of every patient beside `subjects`, so that rules find it there.

    Every record is looked at for it, which is done once for all endpoints of a run.
    """
    found = derive_follow_up(patients).select(
        pl.col("last_day").alias(_KEPT[0]), pl.col("followed_by").alias(_KEPT[1])
    )
    return replace(patients, subjects=patients.subjects.hstack(found))


def derive_follow_up(patients: Patients) -> pl.DataFrame:
    """Derive the last day of follow-up of every patient, and which record says so.

    It is the latest of the last day of `subjects`, the event `last_follow_up`, and any dated dose,
    laboratory value, assessment or event: a record after the others proves contact.

    Parameters
    ----------
    patients
        The five tables.

    Returns
    -------
    polars.DataFrame
        `subject`, `last_day` [d], `followed_by` (one of `FOLLOWED_BY`; of two records of one day
        the one named first); one row per subject, in the order of `subjects`; both null where
        nothing about the patient has a day.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1", "2"], "last_day": [90, 9]}),
    ...     labs=pl.DataFrame({"subject": ["2"], "day": [12.0], "analyte": ["platelets"]}),
    ... )
    >>> derive_follow_up(patients).rows()
    [('1', 90.0, 'last day under observation'), ('2', 12.0, 'last record')]
    """
    if set(_KEPT) <= set(patients.subjects.columns):
        return patients.subjects.select(
            "subject", pl.col(_KEPT[0]).alias("last_day"), pl.col(_KEPT[1]).alias("followed_by")
        )
    contact = patients.events.lazy().filter(pl.col("event") == "last_follow_up")
    tables = (patients.doses, patients.labs, patients.assessments, patients.events)
    by_number = patients.subjects.schema["subject"] == NUMBER
    records = _find_latest(tables) if by_number else _look_up_latest(tables)
    days = ("last_day", "contact_day", "record_day")
    latest = pl.max_horizontal(days)
    said_by = pl.coalesce(
        pl.when(pl.col(day) == latest).then(pl.lit(words))
        for day, words in zip(days, FOLLOWED_BY, strict=True)
    )
    return (
        patients.subjects.lazy()
        .select("subject", "last_day")
        .join(_latest(contact, "contact_day"), on="subject", how="left", maintain_order="left")
        .join(
            records,
            on="subject",
            how="left",
            maintain_order="left",
        )
        .select("subject", latest.alias("last_day"), said_by.alias("followed_by"))
        .collect()
    )


def _latest(rows: pl.LazyFrame, name: str) -> pl.LazyFrame:
    return rows.group_by("subject").agg(pl.col("day").max().alias(name))


def _look_up_latest(tables: Sequence[pl.DataFrame]) -> pl.LazyFrame:
    """The last day [d] of any record of each patient."""
    records = pl.concat([_latest(table.lazy(), "record_day") for table in tables])
    return records.group_by("subject").agg(pl.col("record_day").max())


def _find_latest(tables: Sequence[pl.DataFrame]) -> pl.LazyFrame:
    """The same where patients are numbers: each is a place in an array."""
    people = 1 + max(int(table["subject"].to_numpy().max(initial=0)) for table in tables)
    last = np.full(people, np.nan)
    for table in tables:
        # the greater of two numbers, and of a number and nothing the number
        np.fmax.at(last, table["subject"].to_numpy(), table["day"].to_numpy())
    days = pl.DataFrame({"subject": np.arange(people, dtype=np.uint32), "record_day": last})
    return days.lazy().with_columns(pl.col("record_day").fill_nan(None))
