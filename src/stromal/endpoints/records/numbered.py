"""Patients by number: text is slow to join, to sort and to group by the million."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from stromal.tables.patients import PATIENT_TABLES, Patients

NUMBER = pl.UInt32()


def number_subjects(patients: Patients) -> Patients:
    """Put a number in place of each patient's name, in all tables.

    Parameters
    ----------
    patients
        The five tables; names are unique across origins and replicates, as after `name_apart`.

    Returns
    -------
    Patients
        The same tables with whole numbers from 0 as `subject`, in the order in which names first
        occur in `subjects`; records of anybody else are left out.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["b", "a"]}),
    ...     events=pl.DataFrame({"subject": ["a", "c"], "event": ["death"] * 2}),
    ... )
    >>> numbered = number_subjects(patients)
    >>> numbered.subjects["subject"].to_list(), numbered.events["subject"].to_list()
    ([0, 1], [1])
    """
    names = pl.Enum(patients.subjects["subject"].unique(maintain_order=True).drop_nulls())
    number = pl.col("subject").cast(names, strict=False).to_physical().cast(NUMBER)
    tables = {name: patients.table(name).with_columns(number) for name in PATIENT_TABLES}
    for name, table in tables.items():
        if table["subject"].null_count():
            tables[name] = table.drop_nulls("subject")
    return Patients(**tables, files=patients.files)


def select_patients(patients: Patients, chosen: pl.Series) -> Patients:
    """Return the tables of some patients, rows in order, with numbers from 0 again.

    Parameters
    ----------
    patients
        As from `number_subjects`.
    chosen
        True for the rows of `subjects` that are kept.

    Examples
    --------
    >>> numbered = number_subjects(Patients.of(subjects=pl.DataFrame({"subject": ["b", "a"]})))
    >>> select_patients(numbered, pl.Series([False, True])).subjects["subject"].to_list()
    [0]
    """
    subjects = patients.subjects.filter(chosen)
    # numbers are dense, so that one look-up per record tells whose it is; loops over patients by
    # number need them dense again
    among = np.zeros(int(patients.subjects["subject"].n_unique()), dtype=bool)
    among[subjects["subject"].to_numpy()] = True
    number = pl.Series(np.cumsum(among) - among).cast(NUMBER)

    def take(table: pl.DataFrame) -> pl.DataFrame:
        whose = table["subject"]
        kept = among[whose.to_numpy()]
        return table.filter(kept).with_columns(subject=number.gather(whose.filter(kept)))

    records = {name: take(patients.table(name)) for name in PATIENT_TABLES if name != "subjects"}
    subjects = subjects.with_columns(subject=number.gather(subjects["subject"]))
    return Patients(subjects=subjects, **records, files=patients.files)


def empty_rows(subjects: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Return no rows of a schema, with patients named or numbered as `subjects` has them.

    Examples
    --------
    >>> numbered = pl.DataFrame({"subject": [0]}, schema={"subject": NUMBER})
    >>> empty_rows(numbered, {"subject": pl.String(), "day": pl.Float64()}).dtypes
    [UInt32, Float64]
    """
    return pl.DataFrame(schema={**schema, "subject": subjects.schema["subject"]})
