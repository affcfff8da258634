"""`estimates`: a number with an interval, its method, its n, its origin and its sources."""

from __future__ import annotations

from stromal.tables.cohort import COHORT
from stromal.tables.schema import Column, Kind, Presence, Schema

GROUP = (
    Column("by", Kind.TEXT, "column that makes the groups; empty for all patients together"),
    Column("group", Kind.TEXT, "group of patients; empty for all of them"),
    Column("term", Kind.TEXT, "group or covariate that an effect is of"),
    Column("reference", Kind.TEXT, "group that the effect compares `term` with"),
)
"""Who a number is about, and what it compares."""

ESTIMATES = Schema(
    "estimates",
    (
        Column("analysis", Kind.TEXT, "analysis of the protocol", None, Presence.EVERY_CELL),
        Column(
            "endpoint",
            Kind.TEXT,
            "endpoint of the protocol, or the analyte of a course",
            None,
            Presence.EVERY_CELL,
        ),
        *COHORT,
        *GROUP,
        Column("statistic", Kind.TEXT, "name of the statistic", None, Presence.EVERY_CELL),
        Column("label", Kind.TEXT, "category the number is about: CR, III, relapse"),
        Column("day", Kind.NUMBER, "day the number is about", "day"),
        Column("value", Kind.NUMBER, "the estimate", "row"),
        Column("unit", Kind.TEXT, "unit of value, low and high; 1 for a proportion"),
        Column("low", Kind.NUMBER, "lower end of the interval", "row"),
        Column("high", Kind.NUMBER, "upper end of the interval", "row"),
        Column("level", Kind.NUMBER, "level of the interval", "1"),
        Column("n", Kind.INTEGER, "patients behind the number", "1"),
        Column("events", Kind.INTEGER, "events behind the number", "1"),
        Column("degrees", Kind.NUMBER, "degrees of freedom of a test", "1"),
        Column("method", Kind.TEXT, "estimator and interval", None, Presence.EVERY_CELL),
        Column("sources", Kind.TEXT, "citation keys, separated by spaces"),
    ),
    key=(
        "analysis",
        "endpoint",
        *(column.name for column in COHORT),
        *(column.name for column in GROUP),
        "statistic",
        "label",
        "day",
    ),
)
