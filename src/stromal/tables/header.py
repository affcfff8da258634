"""Which columns of a file are which columns of a schema: missing, unknown, written twice."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stromal.errors import Issue, Severity
from stromal.likeness import find_nearest
from stromal.tables.fold import SHOWN
from stromal.tables.schema import Presence, Schema
from stromal.tables.wide import describe_wide, name_analyte

_OF_A_VALUE = ("analyte", "value", "unit")
# Other words for columns, folded; they are suggested, never read.
_OTHER_WORDS = {
    "subject": (
        *("patient", "patientid", "patientno", "patientnr", "patnr", "patid", "id", "mrn", "upn"),
        *("subjectid", "subjid", "usubjid", "case", "caseid", "recordid", "studyid"),
    ),
    "day": (
        *("date", "datum", "sampledate", "collectiondate", "labdate", "visitdate", "eventdate"),
        *("studyday", "visitday", "tag", "lbdy", "lbdtc"),
    ),
    "value": ("result", "resultvalue", "ergebnis", "wert", "lbstresn", "lborres"),
    "analyte": ("test", "testname", "parameter", "lbtest", "lbtestcd"),
    "unit": ("units", "einheit", "lbstresu", "lborresu"),
    "arm": ("group", "treatment", "treatmentarm", "cohort"),
}


def match_columns(
    names: Sequence[str], schema: Schema, table: str
) -> tuple[dict[str, int], tuple[Issue, ...]]:
    """Position of every column of the schema that is among `names`, and what is wrong with them.

    Examples
    --------
    >>> from stromal.tables.events import EVENTS
    >>> places, issues = match_columns(["subject", "dya", "event"], EVENTS, "events.csv")
    >>> places
    {'subject': 0, 'event': 2}
    >>> for issue in issues:
    ...     print(issue)
    events.csv: column `day` is missing.
    hint: is column `dya` meant? rename it
    events.csv: column `dya` is not a column of events and is not read.
    hint: is `day` meant?
    """
    readable = {c.name: c for c in schema.columns if c.presence is not Presence.DERIVED}
    places = {name: names.index(name) for name in readable if name in names}
    unknown = tuple(dict.fromkeys(name for name in names if name and name not in readable))
    free = tuple(name for name in readable if name not in places)
    wide = _find_wide(unknown, schema, free)
    issues = [_twice(name, table) for name in places if names.count(name) > 1]
    if wide:
        issues.append(describe_wide(wide, schema.name, table))
    required = (Presence.EVERY_CELL, Presence.COLUMN)
    issues += [
        _missing(name, unknown, table)
        for name, column in readable.items()
        if column.presence in required and name not in places and not (wide and name in _OF_A_VALUE)
    ]
    strange = [name for name in unknown if name not in wide]
    issues += [_unknown(name, schema, free, table) for name in strange[:SHOWN]]
    if len(strange) > SHOWN:
        message = f"and {len(strange) - SHOWN} more columns that are not read"
        issues.append(Issue(message, table, severity=Severity.WARNING))
    return places, tuple(issues)


def recognise_column(name: str, schema: Schema) -> bool:
    """Return whether a name is one of a schema's columns, another word for one, or an analyte.

    Examples
    --------
    >>> from stromal.tables.labs import LABS
    >>> [recognise_column(name, LABS) for name in ("day", "Patient ID", "PLT", "report")]
    [True, True, True, False]
    """
    return (
        name in schema.names
        or any(_fold(name) in words for words in _OTHER_WORDS.values())
        or name_analyte(name) is not None
    )


def _find_wide(unknown: Sequence[str], schema: Schema, free: Sequence[str]) -> tuple[str, ...]:
    """Columns that are named for analytes, where such columns have no place."""
    if schema.name not in ("labs", "subjects") or (schema.name == "labs" and "analyte" not in free):
        return ()
    return tuple(
        name
        for name in unknown
        if find_nearest(name, free) is None and name_analyte(name) is not None
    )


def _fold(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _twice(name: str, table: str) -> Issue:
    return Issue(
        f"column `{name}` is there twice", table, hint="keep one of them; only the first was read"
    )


def _missing(name: str, unknown: Sequence[str], table: str) -> Issue:
    near = find_nearest(name, unknown)
    other = next((each for each in unknown if _fold(each) in _OTHER_WORDS.get(name, ())), None)
    hint = f"is column `{near or other}` meant? rename it" if near or other else None
    if name == "day" and near is None and other is not None and "dat" in other.casefold():
        hint = f"write days counted from day 0, from the dates of column `{other}`"
    return Issue(f"column `{name}` is missing", table, hint=hint)


def _unknown(name: str, schema: Schema, free: Sequence[str], table: str) -> Issue:
    if name in schema.names:
        message, hint = f"column `{name}` is derived by the reader and is not read", None
    else:
        message = f"column `{name[:60]}` is not a column of {schema.name} and is not read"
        other = (each for each in free if _fold(name) in _OTHER_WORDS.get(each, ()))
        near = find_nearest(name, free) or next(other, None)
        hint = f"is `{near}` meant?" if near else None
    return Issue(message, table, hint=hint, severity=Severity.WARNING)
