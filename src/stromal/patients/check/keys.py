"""Rows that are there twice, and rows of a subject that `subjects` does not have."""

from __future__ import annotations

import polars as pl

from stromal.errors import Issue, Severity
from stromal.protocol.protocol import Protocol
from stromal.tables.fold import fold_rows, fold_values
from stromal.tables.header import suggest
from stromal.tables.patients import PATIENT_TABLES, Patients


def check_duplicates(patients: Patients, _protocol: Protocol) -> tuple[Issue, ...]:
    """Rows with the same key as an earlier row.

    Several values of an analyte on one day are only noted, because each criterion says which of
    them counts. An assessment or a dose that is there twice is an error where the two differ in
    nothing or cannot both hold.
    """
    issues: list[Issue] = []
    for name, schema in PATIENT_TABLES.items():
        frame = patients.table(name)
        keys = list(schema.key)
        complete = pl.all_horizontal(pl.col(keys).is_not_null())
        later = frame.select(complete & ~pl.struct(keys).is_first_distinct()).to_series()
        if not later.any():
            continue
        first = frame.select(
            pl.int_range(pl.len()).first().over(keys, mapping_strategy="group_to_rows")
        ).to_series()
        issues += _describe(patients, name, keys, later, first)
    return tuple(issues)


def _describe(
    patients: Patients, name: str, keys: list[str], later: pl.Series, first: pl.Series
) -> tuple[Issue, ...]:
    severity = Severity.NOTE if name == "labs" else Severity.ERROR
    hint = None if name == "labs" else "keep one of the two"
    frame = patients.table(name)

    def say(position: int) -> Issue:
        table, row = patients.place(name, position)
        before = patients.place(name, int(first[position]))[1]
        where = "before" if before is None else f"in row {before}"
        what = ", ".join(_word(frame[key][position]) for key in keys)
        message = f"{' '.join(keys)} {what} is already there {where}"
        if name == "subjects":
            message = f"subject {what} is already there {where}"
        return Issue(message, table, row, hint=hint, severity=severity)

    return fold_rows(later, say)


def _word(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)[:60]


def check_subjects_known(patients: Patients, _protocol: Protocol) -> tuple[Issue, ...]:
    """Rows of `doses`, `labs`, `assessments` and `events` whose subject is not in `subjects`."""
    known = patients.subjects["subject"].drop_nulls().unique(maintain_order=True)
    choices = tuple(known.head(2000).to_list())
    issues: list[Issue] = []
    for name in PATIENT_TABLES:
        if name == "subjects":
            continue
        texts = patients.table(name)["subject"]

        def say(text: str, position: int, name: str = name) -> Issue:
            near = suggest(text, choices) if len(text) > 3 else None
            hint = f"is `{near}` meant?" if near else "add the subject, or leave these rows out"
            table, row = patients.place(name, position)
            return Issue(f"subject `{text[:60]}` is not in subjects", table, row, "subject", hint)

        issues += fold_values(texts.is_not_null() & ~texts.is_in(known.implode()), texts, say)
    return tuple(issues)
