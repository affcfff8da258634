"""Numbers of the record beside those of patients, from one table of estimates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from stromal.report.cite import split_keys
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import (
    MISSING,
    SPACE,
    capitalise,
    name_statistic,
    render_interval,
    render_name,
    render_value,
)

PUBLISHED = "published"
ORDER = (PUBLISHED, "observed", "reconstructed", "simulated", "synthetic")
"""Origins in the order of the columns."""

_KEY = ("endpoint", "statistic", "label")


def render_beside(estimates: pl.DataFrame, labels: Mapping[str, str] | None = None) -> View:
    """Return a row for each published number that patients have too, a column for each origin.

    Numbers of parts of the patients, and effects between groups, are left out: studies differ in
    how they divide their patients. Days agree, or one of the two numbers bears none. Several
    simulated trials stand together: their mean, and where nine of ten lie. The table is empty
    where no published number has a counterpart.

    Parameters
    ----------
    estimates
        Rows of the table of estimates, of all origins.
    labels
        Endpoints in words.

    Examples
    --------
    >>> row = {"endpoint": "response", "statistic": "proportion", "label": "CR", "day": None,
    ...        "group": None, "term": None, "replicate": None, "unit": "1", "level": 0.95,
    ...        "low": 0.4, "high": 0.6, "n": 99, "events": 50, "sources": None, "method": "x"}
    >>> rows = [row | {"origin": "published", "value": 0.5}, row | {"origin": None, "value": 0.6}]
    >>> [cell.text.split()[0] for cell in render_beside(pl.DataFrame(rows)).rows[0][2:]]
    ['50', '60']
    """
    whole = estimates.filter(pl.col("group").is_null() & pl.col("term").is_null()).with_columns(
        pl.col("origin").fill_null("observed")
    )
    whole = _gather_trials(whole)
    found: dict[tuple[object, ...], list[Row]] = {}
    for row in whole.iter_rows(named=True):
        found.setdefault(tuple(row[name] for name in _KEY), []).append(row)
    sides = [
        {PUBLISHED: row} | _find_beside(row, rows)
        for rows in found.values()
        for row in rows
        if row["origin"] == PUBLISHED and row["value"] is not None
    ]
    kept = [own for own in sides if len(own) > 1]
    origins = [origin for origin in ORDER if any(origin in own for own in kept)]
    rows = [_write_row(own, origins, labels or {}) for own in kept]
    headings = [Heading("Endpoint"), Heading("What")]
    headings += [Heading(capitalise(origin), numeric=True) for origin in origins]
    level = next((own[PUBLISHED]["level"] for own in kept), None) or 0.95
    note = (
        f"In brackets {100 * level:g}{SPACE}% intervals. The published number is that of the "
        "studies named below; its patients are others than those beside it, and no column is a "
        "control of another."
    )
    if "simulated" in origins:
        note += (
            " Of simulated trials it is the mean of all, with the interval in which nine of ten "
            "trials of this size lie, where there are several."
        )
    return view_of("The record beside own numbers", headings, rows, note if rows else "")


def _gather_trials(estimates: pl.DataFrame) -> pl.DataFrame:
    """Put the mean of several trials of one origin, and where 90 % of them lie, in their place."""
    one = ["analysis", *_KEY, "day", "origin"]
    keys = [name for name in one if name in estimates.columns]
    several = pl.col("replicate").n_unique().over(keys) > 1
    apart = estimates.filter(several).group_by(keys, maintain_order=True)
    value = pl.col("value")
    together = apart.agg(
        value.mean(),
        value.quantile(0.05, "linear").alias("low"),
        value.quantile(0.95, "linear").alias("high"),
        pl.col("n").mean().round().cast(estimates.schema["n"]),
        pl.exclude(*keys, "value", "low", "high", "n", "level").first(),
        pl.lit(0.9).alias("level"),
    )
    kept = estimates.filter(~several)
    return pl.concat([kept, together.select(kept.columns).cast(kept.schema)])


Row = Mapping[str, Any]
"""A row of the table of estimates."""


def _find_beside(row: Row, rows: Sequence[Row]) -> dict[str, Row]:
    """The first number of each other origin of that day, else of no day."""
    found: dict[str, Row] = {}
    others = [other for other in rows if other["origin"] != PUBLISHED]
    for other in sorted(others, key=lambda other: other["day"] != row["day"]):
        if other["day"] == row["day"] or None in {other["day"], row["day"]}:
            found.setdefault(other["origin"], other)
    return found


def _write_row(
    own: Mapping[str, Row], origins: Sequence[str], labels: Mapping[str, str]
) -> list[Cell]:
    first = own[PUBLISHED]
    endpoint = labels.get(first["endpoint"]) or capitalise(render_name(first["endpoint"]))
    return [
        Cell(endpoint, "strong"),
        Cell(name_statistic(first)),
        *(_write_number(own.get(origin)) for origin in origins),
    ]


def _write_number(row: Row | None) -> Cell:
    """A number with its interval and the patients behind it."""
    if row is None or row["value"] is None:
        return Cell(MISSING)
    text = render_value(row["value"], row["unit"], row["n"])
    ends = render_interval(row["low"], row["high"], row["unit"], row["n"])
    text += f" ({ends})" if ends != MISSING else ""
    text += f", n{SPACE}={SPACE}{row['n']}" if row["n"] is not None else ""
    return Cell(text, "", split_keys([row["sources"]]) if row["origin"] == PUBLISHED else ())
