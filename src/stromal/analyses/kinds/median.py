"""Median, quartiles and range of a value, or of a time among patients with the event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import polars as pl
from pydantic import Field

from stromal.analyses.checks import check_reference
from stromal.analyses.effects import TRENDS, describe_effect, name_contrast, render_effect
from stromal.analyses.groups import Group, split_outcomes
from stromal.analyses.kind import AnalysisKind, Answer, Estimated, Row, Setting
from stromal.analyses.number_effects import NUMBER_EFFECTS, compare_groups_of_numbers
from stromal.analyses.rows import count_not_evaluable, make_row
from stromal.analyses.sentences import name_group
from stromal.analyses.table import order_groups
from stromal.analyses.tests import find_test, is_test
from stromal.analyses.trends import check_trend
from stromal.errors import Issue, join_words
from stromal.estimates.estimate import Estimate
from stromal.estimates.median import estimate_median
from stromal.estimates.numbers import Scale
from stromal.protocol.protocol import AnalysisPart, Protocol
from stromal.report.groups import label_analysis, label_group
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import (
    MISSING,
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
    ORDERED_PAIRS,
    UPPER_QUARTILE,
)
from stromal.toml.part import Name

_SPREAD = (MEDIAN, LOWER_QUARTILE, UPPER_QUARTILE, MINIMUM, MAXIMUM)
_FEW = 3
"""All patients and two groups: what a sentence can compare in full."""
_IS_KNOWN = pl.any_horizontal(pl.col("value", "lowest", "highest").is_not_null())
"""A value, or a limit that it lies below or above."""


class MedianUse(AnalysisPart):
    """Median, quartiles and range of an endpoint, among the patients who have a value.

    A value that is only known to lie below or above a limit (`<10`) counts with the others. Where
    the limit would decide the median, a quartile or an end of the range, that number is not given.

    Of a time, the days of the patients who had the event; those whose follow-up ended before are
    left out, so that the median time to an event belongs to `survival`.

    With groups, one difference with its interval and one test of all groups stand beside them. A
    test of normality (Shapiro-Wilk) in every group leads to means (Student's or Welch's t test,
    analysis of variance) or to ranks (Mann-Whitney with the Hodges-Lehmann difference,
    Kruskal-Wallis), and the table says which and why; `compare` names one that was planned. Where
    only a limit is known of a patient, nothing is compared.

    Parameters
    ----------
    endpoint
        Endpoint that gives a value, a count or a time.
    by
        `arm`, `sex`, `species`, a covariate that is a category or a flag, an endpoint that gives
        a grade, a flag or a response, or a grouping of the protocol: one line for each
        of its groups.
    reference
        Group that the others are compared with; empty: the last that has a value.
    compare
        `gate` lets the test of normality choose; `means`, `ranks`, or `none` as it was planned;
        `trend` is the Jonckheere-Terpstra test over groups in the order of the protocol, and its
        effect the share of pairs of patients in which the later group has the higher number.
    level
        Level of the interval of a difference.

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
    reference: str = ""
    compare: Scale | Literal["trend", "none"] = "gate"
    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95


def estimate_medians(use: MedianUse, setting: Setting) -> Estimated:
    """Estimate median, quartiles and range in every group."""
    rows: list[Row] = []
    is_time = setting.kind_of(use.endpoint) == "time"
    groups = split_outcomes(setting, use.endpoint, use.by)
    known = pl.col("status").is_not_null() if is_time else _IS_KNOWN
    for group in groups:
        judged = group.outcomes.filter(known)
        rows += _spread(group, judged, is_time=is_time)
        rows += count_not_evaluable(group, judged.height)
    if use.by is not None and use.compare != "none" and len(groups) > 2:
        rows += _compare(use, setting.protocol, groups[1:], known, is_time=is_time)
    return Estimated(tuple(rows))


def _compare(
    use: MedianUse,
    protocol: Protocol,
    groups: tuple[Group, ...],
    known: pl.Expr,
    *,
    is_time: bool,
) -> Iterator[Row]:
    """Rows of the differences and of the test; of times, among the patients with the event."""
    judged = pl.concat([group.outcomes.filter(known) for group in groups])
    if is_time:
        judged = judged.filter(pl.col("status") == EVENT).with_columns(value="day")
    exact = judged.drop_nulls("value")
    yield from compare_groups_of_numbers(
        exact.select("group", "value"),
        use.by or "",
        {group.name or "": label_group(protocol, group.name, use.by) for group in groups},
        scale="gate" if use.compare == "none" else use.compare,
        reference=use.reference,
        level=use.level,
        unit="day" if is_time else next(iter(judged["unit"].drop_nulls()), "1"),
        bounds=judged.height - exact.height,
    )


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
    """Say median and range of every group that has values, the difference and the test.

    Of three groups or more, the medians, a trend and the test: the rest is for the table.
    """
    what = label_analysis(answer.protocol, answer.use.name)
    parts = []
    groups = _by_group(answer.estimates)
    many = sum(own.get(MEDIAN.name, {}).get("value") is not None for own in groups) > _FEW
    for own in groups[1:] if many else groups:
        middle = own.get(MEDIAN.name)
        if middle is None or middle["value"] is None:
            continue
        low, high = (own[item.name]["value"] if item.name in own else None for item in _SPREAD[3:])
        size = count_noun(middle["n"], "patient")
        ends = render_range(low, high).replace("–", " to ")
        tail = "" if low is None or high is None or many else f", range {ends}"
        number = join_unit(
            render_number(middle["value"]), middle["unit"], plural=middle["value"] != 1
        )
        parts.append(f"{number} in {name_group(answer, middle)} ({size}{tail})")
    said = [f"{what}: median {join_words(parts)}."] if parts else []
    effects = _effects(answer.estimates)
    shown = [row for row in effects if row["statistic"] == ORDERED_PAIRS.name] if many else effects
    told = (describe_effect(answer, row) for row in shown)
    said += [f"{capitalise(words)}." for words in told if words]
    test = find_test(answer.estimates)
    if test is not None:
        said.append(f"{test.name.partition(';')[0]}: {test.words}.")
    return said


def _effects(rows: pl.DataFrame) -> list[Row]:
    names = [item.name for item in (*NUMBER_EFFECTS, ORDERED_PAIRS)]
    return rows.filter(pl.col("statistic").is_in(names)).to_dicts()


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
    rows = answer.estimates.filter(pl.col("term").is_null() & ~is_test())
    found = _effects(answer.estimates)
    trends = [row for row in found if row["statistic"] in TRENDS]
    effects = {row["term"]: row for row in found if row not in trends}
    test = find_test(answer.estimates)
    by_name = {next(iter(own.values()))["group"]: own for own in _by_group(rows)}
    cells = []
    level = answer.use.level
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
                *(
                    [Cell(_write_difference(effects.get(name), answer.use.level))]
                    if effects
                    else []
                ),
            ]
        )
    units = rows.filter(pl.col("statistic") == MEDIAN.name)["unit"].drop_nulls()
    unit = next((unit for unit in units if unit != "1"), "")
    name = "days" if unit == "day" else render_unit(unit)
    headings = [Heading("Group")] + [
        Heading(text, numeric=True)
        for text in ("Patients", f"Median, {name}" if name else "Median", "Quartiles", "Range")
    ]
    if effects:
        reference = next(iter(effects.values()))["reference"]
        against = label_group(answer.protocol, reference, answer.use.by)
        told = f"Difference from {against} ({100 * answer.use.level:g} %)"
        headings.append(Heading(told, numeric=True))
    for row in trends:
        line = [Cell(f"Ordered pairs, {name_contrast(answer, row)}", "strong")]
        line += [Cell(str(row["n"])), Cell(_write_difference(row, level))]
        cells.append([*line, *[Cell("")] * (len(headings) - len(line))])
    if test is not None:
        line = [Cell("Between groups", "strong"), Cell(str(test.n)), Cell(test.words)]
        cells.append([*line, *[Cell("")] * (len(headings) - len(line))])
    methods = ", ".join(dict.fromkeys(answer.estimates["method"].drop_nulls()))
    title = label_analysis(answer.protocol, answer.use.name)
    return view_of(title, headings, cells, f"{capitalise(methods)}." if methods else "")


def _write_difference(row: Row | None, level: float) -> str:
    """The difference of a group with its interval, and its level where small groups reach less."""
    if row is None:
        return ""
    value, ends = render_effect(row)
    reached = row["level"]
    less = f", at {100 * reached:.0f} %" if reached is not None and reached < level else ""
    return value if ends == MISSING else f"{value} ({ends}{less})"


def check_median(
    use: MedianUse, protocol: Protocol, _labels: Mapping[str, tuple[str, ...]]
) -> Iterator[Issue]:
    """Check that the reference is one of the groups."""
    yield from check_reference(use.reference, use.by, protocol)
    if use.compare == "trend":
        yield from check_trend("compare", use.by, protocol)


KIND = AnalysisKind(
    name="median",
    title="Median, quartiles and range",
    use=MedianUse,
    fits=("value", "count", "time"),
    estimate=estimate_medians,
    describe=describe_medians,
    tabulate=tabulate_medians,
    check=check_median,
)
