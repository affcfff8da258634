"""`published`: what a paper printed, for the page that sets it beside ours."""

from __future__ import annotations

from stromal.tables.schema import Column, Kind, Presence, Schema

PUBLISHED = Schema(
    "published",
    (
        Column("analysis", Kind.TEXT, "analysis of the protocol", None, Presence.EVERY_CELL),
        Column(
            "group",
            Kind.TEXT,
            "group of patients; `all` for all of them",
            None,
            Presence.EVERY_CELL,
        ),
        Column("statistic", Kind.TEXT, "as in `estimates`", None, Presence.EVERY_CELL),
        Column("label", Kind.TEXT, "as in `estimates`"),
        Column("day", Kind.NUMBER, "as in `estimates`", "day"),
        Column("value", Kind.NUMBER, "the number printed, in `unit`", "row", Presence.COLUMN),
        Column(
            "unit",
            Kind.TEXT,
            "unit of value, low and high; 1 for a proportion",
            None,
            Presence.COLUMN,
        ),
        Column("low", Kind.NUMBER, "lower end of the printed interval", "row"),
        Column("high", Kind.NUMBER, "upper end of the printed interval", "row"),
        Column("events", Kind.INTEGER, "events printed", "1"),
        Column("n", Kind.INTEGER, "patients printed", "1"),
        Column("source", Kind.TEXT, "citation key", None, Presence.EVERY_CELL),
        Column("locator", Kind.TEXT, "table, figure or page", None, Presence.EVERY_CELL),
        Column("note", Kind.TEXT, "why ours may differ, in words"),
    ),
    key=("analysis", "group", "statistic", "label", "day"),
)
