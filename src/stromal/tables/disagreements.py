"""`disagreements`: patients whose derived outcome is not the one that was reported."""

from __future__ import annotations

from stromal.tables.schema import Column, Kind, Presence, Schema

DISAGREEMENTS = Schema(
    "disagreements",
    (
        Column("analysis", Kind.TEXT, "analysis of the protocol", None, Presence.EVERY_CELL),
        Column("subject", Kind.TEXT, "whose outcome", None, Presence.EVERY_CELL),
        Column("ours", Kind.TEXT, "label that was derived"),
        Column("reported", Kind.TEXT, "label that was reported"),
        Column("reason", Kind.TEXT, "why ours, in words"),
    ),
    key=("analysis", "subject"),
)
