"""The table of estimates that most kinds of analysis show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from stromal.analyses.effects import name_contrast, render_effect
from stromal.analyses.kind import Answer
from stromal.analyses.labels import order_names
from stromal.analyses.tests import find_tests, is_test
from stromal.report.groups import label_analysis, label_group
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import (
    MISSING,
    capitalise,
    name_statistic,
    render_interval,
    render_name,
    render_p_value,
    render_value,
)
from stromal.tables.statistics import PARALLEL_P, PROPORTIONAL_HAZARDS_P, STATISTICS

_CHECKS = (PROPORTIONAL_HAZARDS_P, PARALLEL_P)
"""Checks of what an effect rests on."""


def order_groups(rows: pl.DataFrame) -> list[str | None]:
    """Return the groups of rows as they come, all patients together last.

    Examples
    --------
    >>> order_groups(pl.DataFrame({"group": [None, "msc", "control"]}))
    ['msc', 'control', None]
    """
    groups = rows["group"].unique(maintain_order=True).to_list()
    return [*(group for group in groups if group is not None), *([None] if None in groups else [])]


def tabulate_estimates(
    answer: Answer[Any], rows: pl.DataFrame | None = None, *, dated: bool = False, note: str = ""
) -> View:
    """Return one line per estimate: value, interval, and the patients behind it.

    Parameters
    ----------
    answer
        A finished analysis.
    rows
        Rows of its estimates to show; all of them where None.
    dated
        Whether counts are events by the day of the line.
    note
        A sentence that follows the methods under the table.
    """
    shown = answer.estimates if rows is None else rows
    single = shown.filter(~is_test() & pl.col("term").is_null())
    declared = answer.setting.labels_of(answer.endpoint)
    labels = order_names(shown["label"].drop_nulls(), declared)
    ranks = {label: place for place, label in enumerate(labels)}
    groups, statistics = order_groups(single), single["statistic"].unique(maintain_order=True)
    places = {name: place for place, name in enumerate(statistics)}
    ordered = sorted(
        single.iter_rows(named=True),
        key=lambda row: (
            groups.index(row["group"]),
            places[row["statistic"]],
            ranks.get(row["label"], -1),
            row["day"] if row["day"] is not None else -1.0,
        ),
    )
    cells: list[list[Cell]] = []
    seen: str | None = None
    for row in ordered:
        group = label_group(answer.protocol, row["group"], row["by"])
        cells.append(
            [
                Cell(group if group != seen else "", "strong"),
                Cell(name_statistic(row)),
                Cell(render_value(row["value"], row["unit"], row["n"])),
                Cell(_interval(row)),
                Cell(_count(row)),
            ]
        )
        seen = group
    cells += _effects(answer, shown)
    for label, test in find_tests(shown):
        name = test.name.partition(";")[0]
        what = f"{name}, {render_name(label)}" if label else name
        line = [Cell("Between groups", "strong"), Cell(what), Cell(test.words)]
        cells.append([*line, Cell(""), Cell(f"{test.events}/{test.n}")])
    title = label_analysis(answer.protocol, answer.use.name)
    return view_of(title, _headings(shown, dated=dated), cells, _explain(shown, note))


def _effects(answer: Answer[Any], rows: pl.DataFrame) -> Iterator[list[Cell]]:
    """One line for each effect of a group, and one for the check of what it rests on."""
    effects = rows.filter(pl.col("term").is_not_null() & ~is_test())
    for row in effects.iter_rows(named=True):
        words = STATISTICS[row["statistic"]].words
        words += f", {render_name(row['label'])}" if row["label"] else ""
        numbers = (Cell(text) for text in render_effect(row))
        yield [Cell(name_contrast(answer, row), "strong"), Cell(words), *numbers, Cell(_count(row))]
    checks = rows.filter(pl.col("statistic").is_in([item.name for item in _CHECKS]))
    for row in checks.drop_nulls("value").iter_rows(named=True):
        number = Cell(render_p_value(row["value"]))
        words = STATISTICS[row["statistic"]].words
        yield [Cell("Between groups", "strong"), Cell(words), number, Cell(""), Cell(_count(row))]


def _interval(row: Mapping[str, Any]) -> str:
    """The interval with its unit where the estimate has one."""
    text = render_interval(row["low"], row["high"], row["unit"], row["n"])
    share = row["unit"] == "1" and row["value"] is not None and 0 <= row["value"] <= 1
    return f"{text} %" if share and text != MISSING else text


def _count(row: Mapping[str, Any]) -> str:
    events, n = row["events"], row["n"]
    if n is None:
        return MISSING
    return f"{events}/{n}" if events is not None else str(n)


def _headings(rows: pl.DataFrame, *, dated: bool) -> list[Heading]:
    level = next((value for value in rows["level"].drop_nulls()), 0.95)
    return [
        Heading("Group"),
        Heading("What"),
        Heading("Estimate", numeric=True),
        Heading(f"{100 * level:g} % interval", numeric=True),
        Heading("Events by then/N" if dated else "n/N", numeric=True),
    ]


def _explain(rows: pl.DataFrame, note: str) -> str:
    """The methods, the caller's note, and what a missing interval means."""
    methods = "; ".join(dict.fromkeys(rows["method"].drop_nulls()))
    parts = [f"{capitalise(methods)}."] if methods else []
    parts += [note] if note else []
    without = rows.filter(~is_test() & pl.col("value").is_not_null() & pl.col("low").is_null())
    if without.filter(pl.col("high").is_null() & (pl.col("events") == 0)).height:
        parts.append("An interval is not defined before the first event.")
    return " ".join(parts)
