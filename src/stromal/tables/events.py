"""`events`: one row per thing that happened on a day, and which things have a name."""

from __future__ import annotations

from collections.abc import Mapping

from stromal.tables.cohort import COHORT, KEY
from stromal.tables.schema import Column, Kind, Presence, Schema
from stromal.tables.vocabulary.vocabulary import SHARED

EVENTS = Schema(
    "events",
    (
        Column("subject", Kind.TEXT, "to whom it happened", None, Presence.EVERY_CELL),
        *COHORT,
        Column(
            "day", Kind.NUMBER, "when; empty where the day is not known", "day", Presence.COLUMN
        ),
        Column("event", Kind.TEXT, "what happened", None, Presence.EVERY_CELL),
        Column("detail", Kind.TEXT, "free text"),
    ),
    key=(*KEY, "day", "event"),
)

EVENT_NAMES: Mapping[str, str] = SHARED.events
"""Events that every study knows, with their labels; a protocol declares more."""
