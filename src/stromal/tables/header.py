"""Which columns of a file are which columns of a schema: missing, unknown, written twice."""

from __future__ import annotations

from collections.abc import Sequence

from stromal.errors import Issue, Severity
from stromal.likeness import find_nearest
from stromal.tables.schema import Presence, Schema


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
    unknown = tuple(dict.fromkeys(name for name in names if name not in readable))
    issues = [_twice(name, table) for name in places if names.count(name) > 1]
    required = (Presence.EVERY_CELL, Presence.COLUMN)
    issues += [
        _missing(name, unknown, table)
        for name, column in readable.items()
        if column.presence in required and name not in places
    ]
    free = tuple(name for name in readable if name not in places)
    issues += [_unknown(name, schema, free, table) for name in unknown if name]
    return places, tuple(issues)


def _twice(name: str, table: str) -> Issue:
    return Issue(
        f"column `{name}` is there twice", table, hint="keep one of them; only the first was read"
    )


def _missing(name: str, unknown: Sequence[str], table: str) -> Issue:
    near = find_nearest(name, unknown)
    hint = f"is column `{near}` meant? rename it" if near else None
    return Issue(f"column `{name}` is missing", table, hint=hint)


def _unknown(name: str, schema: Schema, free: Sequence[str], table: str) -> Issue:
    if name in schema.names:
        message, hint = f"column `{name}` is derived by the reader and is not read", None
    else:
        message = f"column `{name[:60]}` is not a column of {schema.name} and is not read"
        near = find_nearest(name, free)
        hint = f"is `{near}` meant?" if near else None
    return Issue(message, table, hint=hint, severity=Severity.WARNING)
