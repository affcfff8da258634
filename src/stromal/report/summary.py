"""What was found, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from stromal.protocol.protocol import (
    AgreementAnalysis,
    Analysis,
    CumulativeIncidenceAnalysis,
    EndpointUse,
    MedianAnalysis,
    ProportionAnalysis,
    SurvivalAnalysis,
)
from stromal.report.comparison import describe_comparison
from stromal.report.content import Content
from stromal.report.groups import ALL, label_analysis, label_endpoint, label_group
from stromal.report.log_rank import find_test, is_test
from stromal.report.shares import describe_shares
from stromal.report.words import (
    count_noun,
    decapitalise,
    join_unit,
    render_interval,
    render_list,
    render_number,
    render_percent,
    render_range,
)

Row = Mapping[str, Any]
_YEAR = 365.0


def primary_endpoint(content: Content) -> EndpointUse | None:
    """The endpoint marked as primary, else the first; None where there is none."""
    uses = content.protocol.endpoints
    return next((use for use in uses if use.primary), uses[0] if uses else None)


def render_summary(content: Content) -> tuple[str, ...]:
    """Sentences of the first paragraph: patients, primary endpoint, comparison."""
    protocol = content.protocol
    n = content.patients.subjects.height
    arms = len(protocol.arms)
    where = f" in {arms} arms" if arms > 1 else ""
    sentences = [f"{count_noun(n, 'patient')}{where} {'was' if n == 1 else 'were'} analysed."]
    endpoint = primary_endpoint(content)
    if endpoint is not None:
        for analysis in protocol.analyses:
            if getattr(analysis, "endpoint", None) == endpoint.name:
                sentences += render_finding(content, analysis)
                break
    compared = describe_comparison(content)
    return (*sentences, *([compared] if compared else []))


def render_finding(content: Content, analysis: Analysis) -> list[str]:
    """What one analysis found, in a few sentences; none where nothing was estimated."""
    rows = content.estimates.filter(pl.col("analysis") == analysis.name)
    if isinstance(analysis, ProportionAnalysis):
        return describe_shares(content, rows, analysis)
    if isinstance(analysis, SurvivalAnalysis):
        return _survival(content, rows, analysis)
    if isinstance(analysis, CumulativeIncidenceAnalysis):
        what = decapitalise(label_analysis(content.protocol, analysis.name))
        return _at_day(content, rows, f"The cumulative incidence of {what}")
    if isinstance(analysis, MedianAnalysis):
        return _median(content, rows, analysis)
    return _agreement(content, rows, analysis) if isinstance(analysis, AgreementAnalysis) else []


def _survival(content: Content, rows: pl.DataFrame, analysis: SurvivalAnalysis) -> list[str]:
    """Probability on a day, median time, median follow-up, comparison of groups."""
    label = label_endpoint(content.protocol, analysis.endpoint).split(",")[0]
    sentences = _at_day(content, rows, label)
    sentences += _median_time(content, rows)
    followed = rows.filter(statistic="median follow-up", group=ALL).drop_nulls("value")
    for days in followed["value"]:
        words = join_unit(render_number(days), "day", plural=days != 1)
        sentences.append(f"The median follow-up was {words} (reverse Kaplan-Meier).")
    test = find_test(rows)
    if test is not None:
        groups = rows.filter(~is_test() & (pl.col("group") != ALL))["group"].n_unique()
        of = f" between the {groups} groups" if groups > 1 else ""
        sentences.append(f"Log-rank test{of}: {test.words}.")
    return sentences


def _at_day(content: Content, rows: pl.DataFrame, what: str) -> list[str]:
    """The probability of the first cause in every group, after a year or on the last day."""
    dated = rows.filter(~is_test()).drop_nulls(["day", "value"])
    dated = dated.filter(pl.col("unit") == "1")
    if dated.is_empty():
        return []
    days = dated["day"].to_list()
    day = _YEAR if _YEAR in days else max(days)
    first = dated["label"][0]
    label = pl.col("label").is_null() if first is None else pl.col("label") == first
    at = dated.filter((pl.col("day") == day) & label).to_dicts()
    parts = [f"{_with_interval(row)}{_in_group(content, row, at)}" for row in at]
    return [f"{what} at day {render_number(day)} was {render_list(parts)}."]


def _with_interval(row: Row) -> str:
    """`58 % (95 % CI 50 to 66)`."""
    interval = render_interval(row["low"], row["high"], row["unit"], row["n"])
    level = f"{100 * (row['level'] or 0.95):g}"
    share = row["unit"] == "1"
    number = render_percent(row["value"], row["n"]) if share else render_number(row["value"])
    number = number if share else join_unit(number, row["unit"], plural=row["value"] != 1)
    known = row["low"] is not None or row["high"] is not None
    return f"{number} ({level} % CI {interval})" if known else number


def _in_group(content: Content, row: Row, rows: Sequence[Row]) -> str:
    return "" if len(rows) == 1 else f" in {_group(content, row['group'])}"


def _group(content: Content, name: str) -> str:
    return "all patients" if name == ALL else label_group(content.protocol, name)


def _median_time(content: Content, rows: pl.DataFrame) -> list[str]:
    """The median time of every group, saying where it was not reached."""
    found = rows.filter(pl.col("statistic") == "median time").to_dicts()
    found = [row for row in found if row["n"]]
    if not found:
        return []
    parts = [
        (_with_interval(row) if row["value"] is not None else "not reached")
        + _in_group(content, row, found)
        for row in found
    ]
    return [f"The median time was {render_list(parts)}."]


def _median(content: Content, rows: pl.DataFrame, analysis: MedianAnalysis) -> list[str]:
    """Median and range of every group that has values."""
    what = label_analysis(content.protocol, analysis.name)
    parts = []
    for name in dict.fromkeys(rows["group"]):
        own = {r["statistic"]: r for r in rows.filter(pl.col("group") == name).to_dicts()}
        middle = own.get("median")
        if middle is None or middle["value"] is None:
            continue
        low, high = (own[key]["value"] if key in own else None for key in ("minimum", "maximum"))
        size = count_noun(middle["n"], "patient")
        ends = render_range(low, high).replace("–", " to ")
        tail = "" if low is None or high is None else f", range {ends}"
        number = join_unit(
            render_number(middle["value"]), middle["unit"], plural=middle["value"] != 1
        )
        parts.append(f"{number} in {_group(content, name)} ({size}{tail})")
    return [f"{what}: median {render_list(parts)}."] if parts else []


def _agreement(content: Content, rows: pl.DataFrame, analysis: AgreementAnalysis) -> list[str]:
    """In how many patients the derived outcome is the reported one, and which way others differ."""
    own = rows.filter(pl.col("group") == ALL).drop_nulls(["events", "n"])
    if own.is_empty() or not own["n"][0]:
        return []
    row = own.row(0, named=True)
    interval = render_interval(row["low"], row["high"], row["unit"], row["n"])
    level = f"{100 * (row['level'] or 0.95):g}"
    share = f"{render_percent(row['value'], row['n'])}, {level} % CI {interval}"
    where = f"{row['events']} of {count_noun(row['n'], 'patient')} ({share})"
    return [f"The derived outcome is the reported one in {where}{_direction(content, analysis)}."]


def _direction(content: Content, analysis: AgreementAnalysis) -> str:
    """How many grades are higher and how many lower than reported; empty where nothing ranks."""
    definition = content.definition(analysis.endpoint)
    kinds = content.outcomes.filter(pl.col("endpoint") == analysis.endpoint)["kind"]
    if definition is None or "grade" not in kinds:
        return ""
    rank = {label: place for place, label in enumerate(definition.labels)}
    rows = content.disagreements.filter(pl.col("analysis") == analysis.name)
    pairs = [
        (rank[ours], rank[reported])
        for ours, reported in rows.select("ours", "reported").iter_rows()
        if ours in rank and reported in rank
    ]
    higher = sum(ours > reported for ours, reported in pairs)
    lower = sum(ours < reported for ours, reported in pairs)
    parts = [f"higher in {higher}"] * bool(higher) + [f"lower in {lower}"] * bool(lower)
    return f"; the derived grade is {render_list(parts)}" if parts else ""
