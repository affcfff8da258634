"""`outcomes`: one row per patient and endpoint, with the reason in words.

`lowest` and `highest` hold the truth between them where gaps and bounds in the data leave `value`
open. They equal it where it is exact, and are empty where nothing bounds it; a time has them only
where its day is open.
"""

from __future__ import annotations

from stromal.tables.cohort import COHORT, KEY
from stromal.tables.schema import Column, Kind, Presence, Schema

CENSORED, EVENT, COMPETING = 0, 1, 2

OUTCOMES = Schema(
    "outcomes",
    (
        Column("subject", Kind.TEXT, "whose outcome", None, Presence.EVERY_CELL),
        *COHORT,
        Column(
            "endpoint", Kind.TEXT, "name of the endpoint in the protocol", None, Presence.EVERY_CELL
        ),
        Column(
            "kind",
            Kind.TEXT,
            "grade, flag, count, time, response or value",
            None,
            Presence.EVERY_CELL,
        ),
        Column("value", Kind.NUMBER, "the outcome as a number; flag 0 or 1", "row"),
        Column("unit", Kind.TEXT, "unit of `value` where it has one"),
        Column("label", Kind.TEXT, "the outcome in words: III, CR, yes"),
        Column("entry_day", Kind.NUMBER, "first day at risk where observation began late", "day"),
        Column("day", Kind.NUMBER, "day of the outcome; for a time, the time itself", "day"),
        Column("status", Kind.INTEGER, "0 censored, 1 event, 2 competing event", "1"),
        Column("lowest", Kind.NUMBER, "least that gaps and bounds in the data allow", "row"),
        Column("highest", Kind.NUMBER, "most that gaps and bounds in the data allow", "row"),
        Column("reason", Kind.TEXT, "why, in words", None, Presence.EVERY_CELL),
        Column("criteria", Kind.TEXT, "the criteria and version that were applied"),
    ),
    key=(*KEY, "endpoint"),
)
