"""`predictions`: what simulated trials say of each estimate, with what makes them differ."""

from __future__ import annotations

from stromal.tables.estimates import ESTIMATES, GROUP
from stromal.tables.schema import Column, Kind, Presence, Schema

PREDICTIONS = Schema(
    "predictions",
    (
        ESTIMATES.column("analysis"),
        ESTIMATES.column("endpoint"),
        *GROUP,
        ESTIMATES.column("statistic"),
        ESTIMATES.column("label"),
        ESTIMATES.column("day"),
        Column("value", Kind.NUMBER, "mean of the simulated trials", "row"),
        Column("unit", Kind.TEXT, "unit of all numbers but counts; 1 for a proportion"),
        Column("low", Kind.NUMBER, "lower end of the interval for one trial of this size", "row"),
        Column("high", Kind.NUMBER, "upper end of the interval for one trial of this size", "row"),
        Column("level", Kind.NUMBER, "share of trials in the interval", "1"),
        Column("error", Kind.NUMBER, "Monte-Carlo error: standard error of `value`", "row"),
        Column("sd_patients", Kind.NUMBER, "spread between trials for their patients", "row"),
        Column("sd_studies", Kind.NUMBER, "spread from study to study beyond that", "row"),
        Column("sd_parameters", Kind.NUMBER, "spread for parameters are not known", "row"),
        Column("n", Kind.NUMBER, "mean number of patients behind the estimate in a trial", "1"),
        Column("replicates", Kind.INTEGER, "simulated trials with the number", "1"),
        Column("without", Kind.INTEGER, "simulated trials without it", "1"),
        Column("method", Kind.TEXT, "how", None, Presence.EVERY_CELL),
        Column("sources", Kind.TEXT, "citation keys, separated by spaces"),
    ),
    key=(
        "analysis",
        "endpoint",
        *(column.name for column in GROUP),
        "statistic",
        "label",
        "day",
    ),
)
