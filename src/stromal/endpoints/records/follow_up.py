"""How long each patient was followed: the last day known alive, and where it was read."""

from __future__ import annotations

import polars as pl

from stromal.tables.patients import Patients

FOLLOWED_BY = ("last day under observation", "last follow-up", "last record")


def derive_follow_up(patients: Patients) -> pl.DataFrame:
    """Last day of follow-up of every patient, and which record says so.

    The last day of `subjects` where it is filled, else the latest event `last_follow_up`, else the
    latest day of any dose, laboratory value, assessment or event.

    Parameters
    ----------
    patients
        The five tables.

    Returns
    -------
    polars.DataFrame
        `subject`, `last_day` [d], `followed_by` (one of `FOLLOWED_BY`); one row per subject, in
        the order of `subjects`; both null where nothing about the patient has a day.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1", "2"], "last_day": [90, None]}),
    ...     labs=pl.DataFrame({"subject": ["2"], "day": [12.0], "analyte": ["platelets"]}),
    ... )
    >>> derive_follow_up(patients).rows()
    [('1', 90.0, 'last day under observation'), ('2', 12.0, 'last record')]
    """
    stated, contacted, recorded = FOLLOWED_BY
    contact = patients.events.filter(pl.col("event") == "last_follow_up")
    rows = patients.subjects.select("subject", "last_day").join(
        _latest(contact, "contact_day"), on="subject", how="left", maintain_order="left"
    )
    unsaid = rows.filter(pl.col("last_day").is_null() & pl.col("contact_day").is_null())
    rows = rows.join(
        _latest(_records(patients, unsaid), "record_day"),
        on="subject",
        how="left",
        maintain_order="left",
    )
    return rows.select(
        "subject",
        pl.coalesce("last_day", "contact_day", "record_day").alias("last_day"),
        pl.when(pl.col("last_day").is_not_null())
        .then(pl.lit(stated))
        .when(pl.col("contact_day").is_not_null())
        .then(pl.lit(contacted))
        .when(pl.col("record_day").is_not_null())
        .then(pl.lit(recorded))
        .alias("followed_by"),
    )


def _records(patients: Patients, subjects: pl.DataFrame) -> pl.DataFrame:
    """Every day on record of these subjects; usually there are none, and nothing is searched."""
    if subjects.is_empty():
        return patients.events.clear().select("subject", "day")
    tables = (patients.doses, patients.labs, patients.assessments, patients.events)
    return pl.concat(
        [
            table.select("subject", "day").join(subjects, on="subject", how="semi")
            for table in tables
        ]
    )


def _latest(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    return rows.group_by("subject").agg(pl.col("day").max().alias(name))
