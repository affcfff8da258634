"""Published, observed and simulated numbers side by side, a row for each estimate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from stromal.protocol.protocol import Protocol
from stromal.report.groups import label_analysis, label_endpoint, label_group
from stromal.report.simulation import ShownSimulation
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import (
    MISSING,
    SPACE,
    name_statistic,
    render_interval,
    render_number,
    render_value,
)
from stromal.tables.predictions import PREDICTIONS
from stromal.tables.published import PUBLISHED, name_endpoints
from stromal.tables.statistics import PROPORTION, STATISTICS

_KEY = [name for name in PUBLISHED.key if name in PREDICTIONS.key]
_PLAIN = ("proportion", "median", "median time", "survival probability", "cumulative incidence")
"""Statistics of the table beside those that were printed."""


def render_side_by_side(
    protocol: Protocol,
    shown: ShownSimulation,
    published: pl.DataFrame,
    observed: pl.DataFrame,
    *,
    printed: bool | None = None,
) -> View:
    """Return the table of estimates: published, observed and simulated in one row each.

    Parameters
    ----------
    protocol
        Labels of analyses and groups.
    shown
        What was simulated.
    published
        The `published` table.
    observed
        The `estimates` table of real patients; empty where there are none.
    printed
        Only numbers that were printed, or only those that were not; None: both.
    """
    rows: list[list[Cell]] = []
    seen = None
    joined = _join(shown.predictions, published, observed)
    if printed is not None:
        joined = joined.filter(pl.col("source").is_not_null() == printed)
    groups = joined.select("by", "group").unique().rows()
    alone = groups[0] if len(groups) == 1 and groups[0][1] is not None else None
    for row in joined.iter_rows(named=True):
        if row["analysis"] != seen:
            seen = row["analysis"]
            heading = Cell(label_analysis(protocol, seen), "section")
            rows.append([heading, *[Cell("")] * (len(_HEADINGS) - 1)])
        rows.append(list(_list_cells(protocol, row, named=alone is None)))
    note = (
        "Simulated: the mean of all trials, and where 90 % of trials of this size lie. Error: the "
        "Monte-Carlo error of the mean, which more trials make smaller. Patients, studies and "
        "parameters: standard deviations between trials of one study with other patients, between "
        "studies, and between draws of parameters that are not known. Where some trials have no "
        "such number, the trials that have it are counted."
    )
    title = "Published, observed and simulated"
    title += "" if alone is None else f": {label_group(protocol, alone[1], alone[0])}"
    kept = [
        place
        for place, item in enumerate(_HEADINGS)
        if item.text != "Observed" or joined["own_value"].drop_nulls().len()
    ]
    headings = [_HEADINGS[place] for place in kept]
    return view_of(title, headings, [[row[p] for p in kept] for row in rows], note, wordy=True)


_HEADINGS = (
    Heading("What"),
    Heading("Published", numeric=True),
    Heading("Observed", numeric=True),
    Heading("Simulated", numeric=True),
    Heading("90 % of trials", numeric=True),
    Heading("Error", numeric=True),
    Heading("Patients", numeric=True),
    Heading("Studies", numeric=True),
    Heading("Parameters", numeric=True),
)


def _join(
    predictions: pl.DataFrame, published: pl.DataFrame, observed: pl.DataFrame
) -> pl.DataFrame:
    """Rows of `predictions` worth a line, with the printed and the observed number beside."""
    named = name_endpoints(published, predictions)
    printed = named.unique(_KEY, keep="first", maintain_order=True).select(
        *_KEY,
        *(pl.col(name).alias(f"printed_{name}") for name in ("value", "unit", "events", "n")),
        "source",
    )
    own = observed.unique(_KEY, keep="first", maintain_order=True).select(
        *_KEY,
        *(pl.col(name).alias(f"own_{name}") for name in ("value", "unit", "low", "high", "n")),
    )
    joined = predictions.join(
        printed, on=_KEY, how="left", nulls_equal=True, maintain_order="left"
    ).join(own, on=_KEY, how="left", nulls_equal=True, maintain_order="left")
    worth = pl.col("source").is_not_null() | pl.col("statistic").is_in(_PLAIN)
    siblings = pl.col("endpoint").unique().implode().over("analysis").alias("siblings")
    return joined.with_columns(siblings).filter(worth & (pl.col("replicates") > 0))


def _list_cells(protocol: Protocol, row: Mapping[str, Any], *, named: bool) -> Iterator[Cell]:
    group = label_group(protocol, row["group"], row["by"])
    where = f", {group}" if named and row["group"] is not None else ""
    unit = row["unit"]
    several = len(row["siblings"]) > 1
    what = f"{label_endpoint(protocol, row['endpoint'])}" if several else ""
    if not (what and row["label"] == "yes" and row["statistic"] == PROPORTION.name):
        what = f"{what}: {name_statistic(row)}" if what else name_statistic(row)
    yield Cell(what + where)
    yield Cell(_print(row), sources=(row["source"],) if row["source"] else ())
    yield Cell(_observe(row))
    some = f" ({row['replicates']}{SPACE}trials)" if row["without"] else ""
    yield Cell(render_value(row["value"], unit) + some)
    yield Cell(_hold(render_interval(row["low"], row["high"], unit)))
    for name in ("error", "sd_patients", "sd_studies", "sd_parameters"):
        yield Cell(_spread(row[name], row), "muted")


def _print(row: Mapping[str, Any]) -> str:
    """The printed number, or its counts."""
    events, n = row["printed_events"], row["printed_n"]
    counted = f"{events}/{n}" if events is not None and n is not None else ""
    if row["printed_value"] is None:
        return counted or MISSING
    unit = row["printed_unit"]
    if unit == "%":
        text = f"{render_number(row['printed_value'])} %"
    else:
        text = render_value(row["printed_value"], unit)
    return f"{text} ({counted})" if counted else text


def _observe(row: Mapping[str, Any]) -> str:
    if row["own_value"] is None:
        return MISSING
    text = render_value(row["own_value"], row["own_unit"], row["own_n"])
    if row["own_low"] is None and row["own_high"] is None:
        return text
    interval = render_interval(row["own_low"], row["own_high"], row["own_unit"], row["own_n"])
    return f"{text} {_hold(f'({interval})')}"


def _hold(text: str) -> str:
    """Return words that a line may not break; between a number and its interval it may."""
    return text.replace(" ", SPACE)


def _spread(value: float | None, row: Mapping[str, Any]) -> str:
    """A spread in the unit of its number, points of per cent where that is a share."""
    if value is None:
        return MISSING
    share = STATISTICS[row["statistic"]].scale == "share" and row["unit"] == "1"
    if share:
        return render_number(100 * value, 1)
    return render_number(float(f"{value:.2g}"))
