"""Rows that are there twice."""

from __future__ import annotations

import polars as pl

from stromal.errors import Issue, Severity
from stromal.protocol.protocol import Protocol
from stromal.tables.fold import SHOWN, fold_rows
from stromal.tables.patients import PATIENT_TABLES, Patients

_MAY_BE_EMPTY = ("origin", "replicate", "lot", "term")


def check_duplicates(patients: Patients, _protocol: Protocol) -> tuple[Issue, ...]:
    """Rows with the same key as an earlier row.

    Several values of an analyte on one day are only noted, because each criterion says which of
    them counts; elsewhere two rows with one key cannot both hold.
    """
    return tuple(issue for name in PATIENT_TABLES for issue in _repeated(patients, name))


def _repeated(patients: Patients, name: str) -> tuple[Issue, ...]:
    rows = patients.table(name)
    # A column that may be empty and is, everywhere, tells no two rows apart.
    keys = [
        key
        for key in PATIENT_TABLES[name].key
        if key not in _MAY_BE_EMPTY or rows[key].null_count() < rows.height
    ]
    # Rows of different hash differ, which is all there is to know where nothing repeats.
    if rows.select(keys).hash_rows().n_unique() == rows.height:
        return ()
    frame = rows.select(keys).with_row_index("position")
    # Origin, replicate, lot and term may be empty: two rows without them are still the same record.
    named = [key for key in keys if key not in _MAY_BE_EMPTY]
    complete = pl.all_horizontal(pl.col(named).is_not_null())
    later = frame.select(complete & ~pl.struct(keys).is_first_distinct()).to_series()
    shown = frame.filter(later).head(SHOWN)
    firsts = frame.join(shown, on=keys, how="semi", nulls_equal=True).unique(keys, keep="first")
    first = {row[1:]: row[0] for row in firsts.iter_rows()}
    severity = Severity.NOTE if name == "labs" else Severity.ERROR
    hint = None if name == "labs" else "keep one of the two"

    def say(position: int) -> Issue:
        table, row = patients.place(name, position)
        key = frame.row(position)[1:]
        before = patients.place(name, first[key])[1]
        told = [part for key_name, part in zip(keys, key, strict=True) if key_name in named]
        where = "before" if before is None else f"in row {before}"
        message = f"{_describe(*told)} is already there {where}"
        return Issue(message, table, row, hint=hint, severity=severity)

    return fold_rows(later, say)


def _describe(subject: str, day: float | None = None, *what: str) -> str:
    if day is None:
        return f"subject {subject[:60]}"
    return f"{' '.join(what)} of subject {subject[:60]} on day {day:g}"
