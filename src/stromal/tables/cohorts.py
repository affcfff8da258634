"""Cohorts: patients of one origin, kept apart, and names that are unique across all of them."""

from __future__ import annotations

import polars as pl

from stromal.tables.cohort import OBSERVED, ORIGINS
from stromal.tables.patients import PATIENT_TABLES, Patients

_RECORDS = tuple(name for name in PATIENT_TABLES if name != "subjects")


def split_cohorts(patients: Patients) -> dict[str, Patients]:
    """Return the patients of each origin, in the order of `ORIGINS`; never pooled.

    An empty origin in `subjects` is observed; in another table it is that of the subject, so that
    only a subject identifier that occurs in two origins needs the column.

    Examples
    --------
    >>> subjects = pl.DataFrame({"subject": ["1", "2"], "origin": ["simulated", None]})
    >>> labs = pl.DataFrame({"subject": ["1", "1", "2"], "day": [0.0, 7.0, 0.0]})
    >>> cohorts = split_cohorts(Patients.of(subjects=subjects, labs=labs))
    >>> {origin: cohort.labs.height for origin, cohort in cohorts.items()}
    {'observed': 1, 'simulated': 2}
    """
    origins = patients.subjects["origin"].fill_null(OBSERVED)
    found = set(origins.unique())
    if len(found) <= 1:
        return dict.fromkeys(found, patients)
    resolved = resolve_origins(patients)
    return {
        origin: Patients.of(
            None,
            **{
                name: resolved.table(name).filter(pl.col("origin") == origin)
                for name in PATIENT_TABLES
            },
        )
        for origin in ORIGINS
        if origin in found
    }


def resolve_origins(patients: Patients) -> Patients:
    """Fill empty origins: observed in `subjects`, the subject's own in the other tables."""
    subjects = patients.subjects.with_columns(pl.col("origin").fill_null(OBSERVED))
    own = subjects.select("subject", "replicate", pl.col("origin").alias("_own")).unique(
        ["subject", "replicate"], keep="first"
    )
    tables = {
        name: patients.table(name)
        .join(
            own,
            on=["subject", "replicate"],
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
        .with_columns(pl.coalesce("origin", "_own").alias("origin"))
        .drop("_own")
        for name in _RECORDS
    }
    return Patients(subjects=subjects, **tables, files=patients.files)


def name_apart(patients: Patients) -> Patients:
    """Give patients of several origins or replicates identifiers that tell them apart.

    Rules and checks join tables by `subject` alone. Rows keep their order, so that an issue still
    finds its file row; patients of one origin without replicates come back as they are.

    Examples
    --------
    >>> subjects = pl.DataFrame(
    ...     {"subject": ["1", "1"], "origin": "simulated", "replicate": [1, 2]}
    ... )
    >>> name_apart(Patients.of(subjects=subjects)).subjects["subject"].to_list()
    ['1 (replicate 1)', '1 (replicate 2)']
    """
    several = patients.subjects["origin"].fill_null(OBSERVED).n_unique() > 1
    repeated = patients.subjects["replicate"].is_not_null().any()
    if not several and not repeated:
        return patients
    resolved = resolve_origins(patients) if several else patients
    parts = [
        *([pl.col("origin")] if several else []),
        *([pl.format("replicate {}", "replicate")] if repeated else []),
    ]
    mark = pl.concat_str(parts, separator=", ", ignore_nulls=True)
    name = (
        pl.when(mark != "").then(pl.format("{} ({})", "subject", mark)).otherwise(pl.col("subject"))
    )
    named = {
        table: resolved.table(table).with_columns(name.alias("subject")) for table in PATIENT_TABLES
    }
    return Patients(**named, files=patients.files)
