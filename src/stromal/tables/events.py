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
        Column("term", Kind.TEXT, "of an adverse event, its term"),
        Column("grade", Kind.NUMBER, "of an adverse event, its CTCAE grade, 1 to 5", "1"),
        Column(
            "relation",
            Kind.TEXT,
            "of an adverse event: unrelated, unlikely, possible, probable or definite",
        ),
        Column("serious", Kind.TEXT, "of an adverse event: yes or no"),
    ),
    key=(*KEY, "day", "event", "term"),
)

GRADES = (1.0, 2.0, 3.0, 4.0, 5.0)
"""CTCAE grades of an adverse event that happened; 5 is death."""

RELATIONS = ("unrelated", "unlikely", "possible", "probable", "definite")
"""How an adverse event may relate to the treatment, as CTCAE attributes it."""

EVENT_NAMES: Mapping[str, str] = SHARED.events
"""Events that every study knows, with their labels; a protocol declares more."""
