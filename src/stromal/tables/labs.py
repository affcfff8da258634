"""`labs`: one row per laboratory value.

A reader converts `value` and the limits to the unit that the vocabulary keeps the analyte in. It
keeps what was reported in `reported_value` and `reported_unit`, because some criteria print a cut
in several units and a value is graded on the cut of its own unit.
"""

from __future__ import annotations

from stromal.tables.cohort import COHORT, KEY
from stromal.tables.schema import Column, Kind, Presence, Schema

DOWN, UP = ("below", "at most"), ("above", "at least")
"""Bounds that the truth lies under and over; the second of each can be the truth itself."""

BOUNDS = (*DOWN, *UP)
STATUSES = ("final", "preliminary", "corrected", "cancelled")

LABS = Schema(
    "labs",
    (
        Column("subject", Kind.TEXT, "whose value", None, Presence.EVERY_CELL),
        *COHORT,
        Column("day", Kind.NUMBER, "day of the sample", "day", Presence.EVERY_CELL),
        Column("analyte", Kind.TEXT, "what was measured", None, Presence.EVERY_CELL),
        Column("value", Kind.BOUNDED, "measured value; `<0.1` is a bound", "row", Presence.COLUMN),
        Column(
            "bound",
            Kind.TEXT,
            "where the truth lies: below, at most, above, at least",
        ),
        Column("unit", Kind.TEXT, "unit of value and limits", None, Presence.COLUMN),
        Column("lower_limit", Kind.NUMBER, "lower limit of normal, in `unit`", "row"),
        Column("upper_limit", Kind.NUMBER, "upper limit of normal, in `unit`", "row"),
        Column("method", Kind.TEXT, "how it was measured or derived"),
        Column("status", Kind.TEXT, "final, preliminary, corrected or cancelled; default final"),
        Column("reported_value", Kind.NUMBER, "value before conversion", "row", Presence.DERIVED),
        Column("reported_unit", Kind.TEXT, "unit before conversion", presence=Presence.DERIVED),
    ),
    key=(*KEY, "day", "analyte"),
)
