"""Patients of several origins in one folder: whose a record is, and that they are kept apart."""

from __future__ import annotations

import polars as pl

from stromal.errors import Issue, Severity
from stromal.protocol.protocol import Protocol
from stromal.tables.cohort import OBSERVED, ORIGINS
from stromal.tables.fold import fold_rows, fold_values
from stromal.tables.patients import PATIENT_TABLES, Patients

_KEYS = ("subject", "replicate")


def check_cohorts(patients: Patients, _protocol: Protocol) -> tuple[Issue, ...]:
    """Records of a cohort that no subject is of, and observed patients who have a replicate.

    The former would count as another's, the latter are simulated as a rule.
    """
    origins = patients.subjects["origin"].fill_null(OBSERVED).unique()
    replicates = patients.subjects["replicate"].unique()
    issues = [*_find_observed_replicates(patients)]
    for name in PATIENT_TABLES:
        if name == "subjects" or patients.subjects.is_empty():
            continue
        for column, known in (("origin", origins), ("replicate", replicates)):
            cells = patients.table(name)[column]

            def say(text: str, position: int, name: str = name, column: str = column) -> Issue:
                table, row = patients.place(name, position)
                shown = f"`{text[:40]}`" if column == "origin" else f"of replicate {text[:40]}"
                hint = "correct the cell, or add the subject to subjects"
                return Issue(f"no subject is {shown}", table, row, column, hint)

            strange = cells.is_not_null() & ~cells.is_in(known.drop_nulls().implode())
            issues += fold_values(strange, cells.cast(pl.String), say)
    return tuple(issues)


def _find_observed_replicates(patients: Patients) -> tuple[Issue, ...]:
    subjects = patients.subjects
    observed = subjects["origin"].fill_null(OBSERVED) == OBSERVED

    def say(position: int) -> Issue:
        table, row = patients.place("subjects", position)
        message = f"subject {subjects['subject'][position][:60]} is observed and has a replicate"
        hint = "write the origin, such as `simulated`; a real patient has no replicate"
        return Issue(message, table, row, "replicate", hint)

    return fold_rows(observed & subjects["replicate"].is_not_null(), say)


def check_origins(patients: Patients, _protocol: Protocol) -> tuple[Issue, ...]:
    """Records that do not say which of two patients of one name they are of; a note on origins."""
    subjects = patients.subjects.select(*_KEYS, pl.col("origin").fill_null(OBSERVED))
    counts = dict(subjects["origin"].value_counts().iter_rows())
    if len(counts) < 2:
        return ()
    table = patients.place("subjects", 0)[0]
    told = ", ".join(f"{counts[origin]} {origin}" for origin in ORIGINS if origin in counts)
    message = f"patients are of {len(counts)} origins, {told}; they are analysed apart"
    note = Issue(message, table, None, "origin", severity=Severity.NOTE)
    named = subjects.group_by(*_KEYS).agg(pl.col("origin").unique().sort())
    twice = named.filter(pl.col("origin").list.len() > 1).rename({"origin": "choices"})
    issues: list[Issue] = []
    for name in PATIENT_TABLES:
        if name == "subjects" or twice.is_empty():
            continue
        records = patients.table(name).select(*_KEYS, "origin")
        found = records.join(twice, on=_KEYS, how="left", nulls_equal=True, maintain_order="left")

        def say(position: int, name: str = name, found: pl.DataFrame = found) -> Issue:
            place, row = patients.place(name, position)
            record = found.row(position, named=True)
            choices = " and ".join(record["choices"])
            message = f"subject {record['subject'][:60]} is there {choices}; this row says neither"
            return Issue(message, place, row, "origin", "write the origin in this row")

        issues += fold_rows(found["choices"].is_not_null() & found["origin"].is_null(), say)
    return (note, *issues)
