"""What was known of patients on a day: their records up to it."""

from __future__ import annotations

import polars as pl

from stromal.tables.patients import PATIENT_TABLES, Patients

_ENDS = ("last_day", "_last_day")


def keep_until(patients: Patients, day: float) -> Patients:
    """Return what was known of patients on a day: no record of a later day, no later follow-up.

    Records without a day are kept, since they may be earlier.

    Parameters
    ----------
    patients
        The five tables.
    day
        The last day [d] that counts.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"], "last_day": [90.0]}),
    ...     events=pl.DataFrame({"subject": ["1"] * 2, "day": [9.0, 40.0], "event": ["x", "y"]}),
    ... )
    >>> known = keep_until(patients, 28)
    >>> known.subjects["last_day"].to_list(), known.events["event"].to_list()
    ([28.0], ['x'])
    """
    kept = (pl.col("day") <= day) | pl.col("day").is_null()
    tables = {
        name: patients.table(name).filter(kept) for name in PATIENT_TABLES if name != "subjects"
    }
    ends = [name for name in _ENDS if name in patients.subjects.columns]
    subjects = patients.subjects.with_columns(pl.col(ends).clip(upper_bound=day))
    return Patients(subjects=subjects, **tables, files=patients.files)
