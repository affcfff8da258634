"""Median, quartiles and range of a value, or of a time among patients with the event."""

from __future__ import annotations

from typing import Literal

import polars as pl

from stromal.analyses.groups import Group, split_outcomes
from stromal.analyses.kind import AnalysisKind, Answer, Estimated, Row, Setting
from stromal.analyses.rows import count_not_evaluable, make_row
from stromal.analyses.sentences import name_group
from stromal.analyses.table import order_groups
from stromal.errors import join_words
from stromal.estimates.estimate import Estimate
from stromal.estimates.median import estimate_median
from stromal.protocol.protocol import AnalysisPart
from stromal.report.groups import label_analysis, label_group
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import (
    capitalise,
    count_noun,
    join_unit,
    render_number,
    render_range,
    render_unit,
)
from stromal.tables.outcomes import EVENT
from stromal.tables.statistics import (
    LOWER_QUARTILE,
    MAXIMUM,
    MEDIAN,
    MINIMUM,
    UPPER_QUARTILE,
)
from stromal.toml.part import Name

_SPREAD = (MEDIAN, LOWER_QUARTILE, UPPER_QUARTILE, MINIMUM, MAXIMUM)
_IS_KNOWN = pl.any_horizontal(pl.col("value", "lowest", "highest").is_not_null())
"""A value, or a limit that it lies below or above."""


class MedianUse(AnalysisPart):
    """Median, quartiles and range of an endpoint, among the patients who have a value.

    A value that is only known to lie below or above a limit (`<10`) counts with the others. Where
    the limit would decide the median, a quartile or an end of the range, that number is not given.

    Of a time, the days of the patients who had the event; those whose follow-up ended before are
    left out, so that the median time to an event belongs to `survival`.

    Parameters
    ----------
    endpoint
        Endpoint that gives a value, a count or a time.
    by
        `arm`, `sex`, `species`, a covariate that is a category or a flag, an endpoint that gives
        a grade, a flag or a response, or a grouping of the protocol: one line for each
        of its groups.

    Examples
    --------
    A protocol writes::

        [[analyses]]
        name = "platelets_day_28"
        label = "Platelets on day 28"
        estimate = "median"
        endpoint = "platelets_day_28"
        by = "arm"
    """

    estimate: Literal["median"]
    endpoint: Name
    by: str | None = None


def estimate_medians(use: MedianUse, setting: Setting) -> Estimated:
    """Estimate median, quartiles and range in every group."""
    rows: list[Row] = []
    is_time = setting.kind_of(use.endpoint) == "time"
    for group in split_outcomes(setting, use.endpoint, use.by):
        judged = group.outcomes.filter(pl.col("status").is_not_null() if is_time else _IS_KNOWN)
        rows += _spread(group, judged, is_time=is_time)
        rows += count_not_evaluable(group, judged.height)
    return Estimated(tuple(rows))


def _spread(group: Group, judged: pl.DataFrame, *, is_time: bool) -> list[Row]:
    """Rows of one group."""
    if is_time:
        unit = "day"
        spread = estimate_median(judged.filter(pl.col("status") == EVENT)["day"])
    else:
        unit = next(iter(judged["unit"].drop_nulls()), "1")
        ends = judged.select(
            least=pl.coalesce("value", "lowest"), most=pl.coalesce("value", "highest")
        )
        spread = estimate_median(ends["least"], ends["most"])
    numbers = (
        spread.median,
        spread.lower_quartile,
        spread.upper_quartile,
        spread.minimum,
        spread.maximum,
    )
    return [
        make_row(
            group,
            statistic,
            Estimate(number, n=spread.n, method=spread.method, sources=spread.sources),
            unit=unit,
        )
        for statistic, number in zip(_SPREAD, numbers, strict=True)
    ]


def describe_medians(answer: Answer[MedianUse]) -> list[str]:
    """Say median and range of every group that has values."""
    what = label_analysis(answer.protocol, answer.use.name)
    parts = []
    for own in _by_group(answer.estimates):
        middle = own.get(MEDIAN.name)
        if middle is None or middle["value"] is None:
            continue
        low, high = (own[item.name]["value"] if item.name in own else None for item in _SPREAD[3:])
        size = count_noun(middle["n"], "patient")
        ends = render_range(low, high).replace("–", " to ")
        tail = "" if low is None or high is None else f", range {ends}"
        number = join_unit(
            render_number(middle["value"]), middle["unit"], plural=middle["value"] != 1
        )
        parts.append(f"{number} in {name_group(answer, middle)} ({size}{tail})")
    return [f"{what}: median {join_words(parts)}."] if parts else []


def _by_group(rows: pl.DataFrame) -> list[dict[str, Row]]:
    """Rows of each group by statistic, groups as they come."""
    groups = rows["group"].unique(maintain_order=True).to_list()
    return [
        {
            row["statistic"]: row
            for row in rows.filter(pl.col("group").eq_missing(pl.lit(name))).iter_rows(named=True)
        }
        for name in groups
    ]


def tabulate_medians(answer: Answer[MedianUse]) -> View:
    """Return one line per group: median, quartiles and range."""
    rows = answer.estimates
    by_name = {next(iter(own.values()))["group"]: own for own in _by_group(rows)}
    cells = []
    for name in order_groups(rows):
        own = by_name[name]
        value = {item: own[item.name]["value"] if item.name in own else None for item in _SPREAD}
        first = next(iter(own.values()))
        cells.append(
            [
                Cell(label_group(answer.protocol, name, first["by"]), "strong"),
                Cell(str(first["n"] or 0)),
                Cell(render_number(value[MEDIAN])),
                Cell(render_range(value[LOWER_QUARTILE], value[UPPER_QUARTILE])),
                Cell(render_range(value[MINIMUM], value[MAXIMUM])),
            ]
        )
    units = rows.filter(pl.col("statistic") == MEDIAN.name)["unit"].drop_nulls()
    unit = next((unit for unit in units if unit != "1"), "")
    name = "days" if unit == "day" else render_unit(unit)
    headings = [Heading("Group")] + [
        Heading(text, numeric=True)
        for text in ("Patients", f"Median, {name}" if name else "Median", "Quartiles", "Range")
    ]
    methods = ", ".join(dict.fromkeys(rows["method"].drop_nulls()))
    title = label_analysis(answer.protocol, answer.use.name)
    return view_of(title, headings, cells, f"{capitalise(methods)}." if methods else "")


KIND = AnalysisKind(
    name="median",
    title="Median, quartiles and range",
    use=MedianUse,
    fits=("value", "count", "time"),
    estimate=estimate_medians,
    describe=describe_medians,
    tabulate=tabulate_medians,
)
