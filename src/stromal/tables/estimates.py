"""`estimates`: a number with an interval, its method, its n, its origin and its sources."""

from __future__ import annotations

from stromal.tables.schema import Column, Kind, Presence, Schema

ESTIMATES = Schema(
    "estimates",
    (
        Column("analysis", Kind.TEXT, "analysis of the protocol", None, Presence.EVERY_CELL),
        Column("endpoint", Kind.TEXT, "endpoint of the protocol", None, Presence.EVERY_CELL),
        Column(
            "group",
            Kind.TEXT,
            "group of patients; `all` for all of them",
            None,
            Presence.EVERY_CELL,
        ),
        Column("statistic", Kind.TEXT, "what was estimated", None, Presence.EVERY_CELL),
        Column("label", Kind.TEXT, "category the number is about: CR, III, relapse"),
        Column("day", Kind.NUMBER, "day the number is about", "day"),
        Column("value", Kind.NUMBER, "the estimate", "row"),
        Column("unit", Kind.TEXT, "unit of value, low and high; 1 for a proportion"),
        Column("low", Kind.NUMBER, "lower end of the interval", "row"),
        Column("high", Kind.NUMBER, "upper end of the interval", "row"),
        Column("level", Kind.NUMBER, "level of the interval", "1"),
        Column("n", Kind.INTEGER, "patients behind the number", "1"),
        Column("events", Kind.INTEGER, "events behind the number", "1"),
        Column("method", Kind.TEXT, "estimator and interval", None, Presence.EVERY_CELL),
        Column("origin", Kind.TEXT, "observed, simulated, reconstructed or published"),
        Column("sources", Kind.TEXT, "citation keys, separated by spaces"),
    ),
    key=("analysis", "group", "statistic", "label", "day"),
)
