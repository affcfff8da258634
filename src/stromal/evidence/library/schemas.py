"""The tables of the record: studies, their arms, and what was printed and is used of each."""

from __future__ import annotations

from stromal.tables.schema import Column, Kind, Presence, Schema

STUDIES = Schema(
    "studies",
    (
        Column("study", Kind.TEXT, "name of the study", None, Presence.EVERY_CELL),
        Column("first_author", Kind.TEXT, "first author", None, Presence.COLUMN),
        Column("year", Kind.INTEGER, "year of the paper", "1", Presence.EVERY_CELL),
        Column("reference", Kind.TEXT, "the paper as cited", None, Presence.EVERY_CELL),
        Column("design", Kind.TEXT, "design, a word of the list", None, Presence.EVERY_CELL),
        Column("design_printed", Kind.TEXT, "design in the words of the reader"),
        Column("population", Kind.TEXT, "patients in words"),
    ),
    key=("study",),
)

_ARM = (
    Column("study", Kind.TEXT, "name of the study", None, Presence.EVERY_CELL),
    Column("arm", Kind.TEXT, "arm: MSC or control", None, Presence.EVERY_CELL),
    Column("subgroup", Kind.TEXT, "part of the arm; empty for all of it", None, Presence.COLUMN),
    Column("read_in", Kind.TEXT, "citation key of what was read", None, Presence.EVERY_CELL),
)

ARMS = Schema(
    "arms",
    (
        *_ARM,
        Column("source", Kind.TEXT, "tissue of the cells", None, Presence.EVERY_CELL),
        Column("source_printed", Kind.TEXT, "tissue as printed"),
        Column("donor", Kind.TEXT, "donor of the cells", None, Presence.EVERY_CELL),
        Column("donor_printed", Kind.TEXT, "donor as printed"),
        Column("age_group", Kind.TEXT, "age of the patients", None, Presence.EVERY_CELL),
        Column("age_group_printed", Kind.TEXT, "age as printed"),
        Column("n", Kind.INTEGER, "patients of the arm", "1", Presence.COLUMN),
        Column("dose_low", Kind.NUMBER, "lowest dose used", "cells/kg"),
        Column("dose_median", Kind.NUMBER, "the dose, or the median of doses", "cells/kg"),
        Column("dose_high", Kind.NUMBER, "highest dose used", "cells/kg"),
        Column("dose_printed", Kind.TEXT, "doses as printed"),
        Column("infusions_low", Kind.INTEGER, "fewest infusions", "1"),
        Column("infusions_high", Kind.INTEGER, "most infusions", "1"),
        Column("infusions_printed", Kind.TEXT, "infusions as printed"),
        Column("timing", Kind.TEXT, "when the cells are given, in words"),
        Column("status", Kind.TEXT, "use, note or exclude", None, Presence.EVERY_CELL),
        Column("reason", Kind.TEXT, "why the status is not `use`"),
    ),
    key=("study", "arm", "subgroup", "read_in"),
)

OUTCOMES = Schema(
    "outcomes",
    (
        Column("row", Kind.TEXT, "name of the row", None, Presence.EVERY_CELL),
        *_ARM,
        Column("indication", Kind.TEXT, "what the cells are for", None, Presence.EVERY_CELL),
        Column("outcome", Kind.TEXT, "outcome, a word of the list", None, Presence.EVERY_CELL),
        Column("outcome_printed", Kind.TEXT, "outcome as printed, where it is another word"),
        Column("scale", Kind.TEXT, "kind of number", None, Presence.EVERY_CELL),
        Column("range_end", Kind.TEXT, "range low, range high, below, at most"),
        Column("day", Kind.NUMBER, "day of the outcome", "day", Presence.COLUMN),
        Column("printed_events", Kind.INTEGER, "patients with the event, as printed", "1"),
        Column("printed_total", Kind.INTEGER, "patients in all, as the row was read", "1"),
        Column("printed_n", Kind.INTEGER, "patients of the arm, as printed", "1"),
        Column("printed_value", Kind.TEXT, "the number with its digits, as printed"),
        Column("unit", Kind.TEXT, "unit of value, low and high", None, Presence.COLUMN),
        Column("printed_unit", Kind.TEXT, "unit as printed, where it is in other words"),
        Column("events", Kind.INTEGER, "patients with the event, as used", "1", Presence.COLUMN),
        Column("total", Kind.INTEGER, "patients in all, as used", "1", Presence.COLUMN),
        Column("value", Kind.NUMBER, "the number used", "row", Presence.COLUMN),
        Column("low", Kind.NUMBER, "lower end of the printed interval", "row"),
        Column("high", Kind.NUMBER, "upper end of the printed interval", "row"),
        Column("p", Kind.TEXT, "P value as printed"),
        Column("counts_are", Kind.TEXT, "how the counts came about"),
        Column("locator", Kind.TEXT, "table or section", None, Presence.EVERY_CELL),
        Column("contradictions", Kind.TEXT, "contradictions that the row has part in"),
        Column("status", Kind.TEXT, "use, note or exclude", None, Presence.EVERY_CELL),
        Column("reason", Kind.TEXT, "why the status is not `use`"),
        Column("note", Kind.TEXT, "what else was read there"),
    ),
    key=("row",),
)

CONTRADICTIONS = Schema(
    "contradictions",
    (
        Column("contradiction", Kind.TEXT, "its name", None, Presence.EVERY_CELL),
        Column("topic", Kind.TEXT, "study or topic", None, Presence.EVERY_CELL),
        Column("said", Kind.TEXT, "what the papers say", None, Presence.EVERY_CELL),
        Column("reading", Kind.TEXT, "how it is read", None, Presence.EVERY_CELL),
        Column("rows", Kind.TEXT, "rows of outcomes, separated by spaces"),
        Column("found_by", Kind.TEXT, "list: by readers; check: by a check", None),
        Column("checks", Kind.TEXT, "checks that must find it, separated by spaces"),
        Column("why_none", Kind.TEXT, "why no check can find it"),
    ),
    key=("contradiction",),
)

PRIMARY_CHECKS = Schema(
    "primary_checks",
    (
        Column("study", Kind.TEXT, "name of the study", None, Presence.EVERY_CELL),
        Column("item", Kind.TEXT, "what was looked up", None, Presence.EVERY_CELL),
        Column("review", Kind.TEXT, "what the review says", None, Presence.EVERY_CELL),
        Column("primary", Kind.TEXT, "what the paper of the study says", None, Presence.EVERY_CELL),
        Column("source", Kind.TEXT, "what was seen of that paper", None, Presence.EVERY_CELL),
        Column("verdict", Kind.TEXT, "what follows", None, Presence.EVERY_CELL),
    ),
    key=("study", "item"),
)
