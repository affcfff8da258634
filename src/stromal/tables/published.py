"""`published`: numbers that a paper printed, for the page that sets them beside ours."""

from __future__ import annotations

import polars as pl

from stromal.errors import Issue
from stromal.tables.estimates import GROUP
from stromal.tables.fold import fold_rows
from stromal.tables.patients import TableFile
from stromal.tables.schema import Column, Kind, Presence, Schema

PUBLISHED = Schema(
    "published",
    (
        Column("analysis", Kind.TEXT, "analysis of the protocol", None, Presence.EVERY_CELL),
        *GROUP,
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
    key=("analysis", *(column.name for column in GROUP), "statistic", "label", "day"),
)


def check_published(published: pl.DataFrame, file: TableFile) -> tuple[Issue, ...]:
    """Check that groups are written as in format 2: empty for all patients, `by` beside others.

    Examples
    --------
    >>> old = PUBLISHED.conform(pl.DataFrame({"group": ["all", "msc", None]}))
    >>> for issue in check_published(old, TableFile("published.csv", 2)):
    ...     print(issue)
    published.csv row 2 column group: `all` is no group.
    hint: leave `group` and `by` empty for all patients together
    published.csv row 3 column by: the group `msc` does not say what groups it.
    hint: write `arm` or the covariate that the analysis is grouped by
    """

    def say_all(position: int) -> Issue:
        hint = "leave `group` and `by` empty for all patients together"
        return Issue("`all` is no group", file.name, file.row(position), "group", hint)

    def say_by(position: int) -> Issue:
        message = f"the group `{published['group'][position]}` does not say what groups it"
        hint = "write `arm` or the covariate that the analysis is grouped by"
        return Issue(message, file.name, file.row(position), "by", hint)

    group, by = published["group"], published["by"]
    old = (group == "all").fill_null(value=False) & by.is_null()
    return (
        *fold_rows(old, say_all),
        *fold_rows(group.is_not_null() & by.is_null() & ~old, say_by),
    )
