"""`published`: numbers that a paper printed, for the page that sets them beside ours."""

from __future__ import annotations

from collections.abc import Mapping

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
        Column("endpoint", Kind.TEXT, "endpoint, where the analysis has several"),
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
    key=("analysis", "endpoint", *(column.name for column in GROUP), "statistic", "label", "day"),
)


def name_endpoints(published: pl.DataFrame, estimates: pl.DataFrame) -> pl.DataFrame:
    """Return printed numbers with the endpoint of their analysis, where they name none.

    Parameters
    ----------
    published
        The `published` table.
    estimates
        Rows of `estimates` or `predictions`; an analysis of several endpoints gives its first.

    Examples
    --------
    >>> printed = PUBLISHED.conform(pl.DataFrame({"analysis": ["response"]}))
    >>> estimates = pl.DataFrame({"analysis": ["response"], "endpoint": ["response_day_28"]})
    >>> name_endpoints(printed, estimates)["endpoint"].to_list()
    ['response_day_28']
    """
    first = estimates.select("analysis", _first="endpoint").unique(
        "analysis", keep="first", maintain_order=True
    )
    named = published.join(first, on="analysis", how="left", maintain_order="left")
    return named.with_columns(pl.coalesce("endpoint", "_first").alias("endpoint")).drop("_first")


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


def check_printed_endpoints(
    published: pl.DataFrame, file: TableFile, endpoints: Mapping[str, tuple[str, ...]]
) -> tuple[Issue, ...]:
    """Check that a number names one of the endpoints of its analysis, where that has several.

    Parameters
    ----------
    published, file
        The table and where it was read.
    endpoints
        Endpoints by analysis.

    Examples
    --------
    >>> table = PUBLISHED.conform(pl.DataFrame({"analysis": ["lineages"]}))
    >>> several = {"lineages": ("anaemia", "neutropenia")}
    >>> print(check_printed_endpoints(table, TableFile("p.csv", 2), several)[0])
    p.csv row 2 column endpoint: analysis `lineages` has several endpoints, and none is named.
    hint: write one of anaemia, neutropenia
    """
    pairs = published.select("analysis", "endpoint").rows()

    def is_wrong(analysis: str, endpoint: str | None) -> bool:
        known = endpoints.get(analysis, ())
        return endpoint not in known if endpoint is not None else len(known) > 1

    def say(position: int) -> Issue:
        analysis, endpoint = pairs[position]
        known = ", ".join(endpoints.get(analysis, ())) or "the endpoints of the analysis"
        what = f"analysis `{analysis}` has several endpoints, and none is named"
        if endpoint is not None:
            what = f"`{endpoint}` is no endpoint of analysis `{analysis}`"
        return Issue(what, file.name, file.row(position), "endpoint", f"write one of {known}")

    wrong = [analysis in endpoints and is_wrong(analysis, name) for analysis, name in pairs]
    return fold_rows(pl.Series(wrong, dtype=pl.Boolean), say)
