"""What was found, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from stromal.protocol.protocol import Analysis, EndpointUse, ProportionAnalysis
from stromal.report.compare import YES
from stromal.report.content import Content
from stromal.report.figures.draw import find_p_value, render_unit
from stromal.report.figures.palette import order_labels
from stromal.report.groups import ALL, label_endpoint, label_group
from stromal.report.words import (
    count_noun,
    render_list,
    render_name,
    render_number,
    render_p_value,
    render_percent,
    render_range,
)

_SPOKEN = {
    "CR": "a complete response",
    "VGPR": "a very good partial response",
    "PR": "a partial response",
    "R": "a response",
    "NR": "no response",
    "PD": "progressive disease",
    "SD": "stable disease",
}


def primary_endpoint(content: Content) -> EndpointUse | None:
    """The endpoint marked as primary, else the first; None where there is none."""
    uses = content.protocol.endpoints
    return next((use for use in uses if use.primary), uses[0] if uses else None)


def render_summary(content: Content) -> tuple[str, ...]:
    """Sentences of the first paragraph: patients, primary endpoint, comparison, issues."""
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
    if content.comparison.height:
        agree = content.comparison.filter(pl.col("agrees") == YES).height
        number = count_noun(content.comparison.height, "published number")
        text = f"Of {number}, {agree or 'none'} agree{'s' if agree == 1 else ''} with ours"
        rest = "" if agree == content.comparison.height else "; the reasons stand beside them"
        sentences.append(f"{text}{rest}.")
    return tuple(sentences)


def render_finding(content: Content, analysis: Analysis) -> list[str]:
    """What one analysis found, in one or two sentences; none where nothing was estimated."""
    rows = content.estimates.filter(pl.col("analysis") == analysis.name)
    if rows.is_empty():
        return []
    if analysis.estimate == "proportion":
        return _proportion(rows, analysis)
    if analysis.estimate in ("survival", "cumulative_incidence"):
        return _at_days(content, rows, analysis)
    if analysis.estimate == "median":
        return _median(content, rows, analysis)
    if analysis.estimate == "agreement":
        return _agreement(rows)
    return []


def _all_or_first(rows: pl.DataFrame) -> pl.DataFrame:
    whole = rows.filter(pl.col("group") == ALL)
    return whole if whole.height else rows.filter(pl.col("group") == rows["group"][0])


def _proportion(rows: pl.DataFrame, analysis: ProportionAnalysis) -> list[str]:
    """The best response and the combined ones; other labels as a list of counts."""
    own = _all_or_first(rows).drop_nulls(["label", "events", "n"])
    by_label = {row["label"]: row for row in own.iter_rows(named=True)}
    labels = order_labels([label for label in by_label if label not in analysis.combine])
    if not labels or not by_label[labels[0]]["n"]:
        return []
    if labels[0] in _SPOKEN:
        sentences = [_share(by_label[labels[0]], _SPOKEN[labels[0]])]
    else:
        n = by_label[labels[0]]["n"]
        parts = [
            f"{label} in {row['events']} ({render_percent(row['value'], n)})"
            for label, row in ((label, by_label[label]) for label in labels)
            if row["events"]
        ]
        sentences = [f"Of {count_noun(n, 'patient')}: {render_list(parts)}."]
    for name, members in analysis.combine.items():
        if name in by_label:
            article = "an" if name[0] in "aeiou" else "a"
            words = f"{article} {render_name(name)} ({' or '.join(members)})"
            sentences.append(_share(by_label[name], words))
    return sentences


def _median(content: Content, rows: pl.DataFrame, analysis: Analysis) -> list[str]:
    """Median and range of every group that has values."""
    what = label_endpoint(content.protocol, getattr(analysis, "endpoint", ""))
    parts = []
    for group in dict.fromkeys(rows["group"]):
        own = {row["statistic"]: row for row in rows.iter_rows(named=True) if row["group"] == group}
        middle = own.get("median")
        if middle is None or middle["value"] is None:
            continue
        ends = [own[name]["value"] if name in own else None for name in ("minimum", "maximum")]
        unit = f" {render_unit(middle['unit'])}s" if middle["unit"] == "day" else ""
        tail = f", range {render_range(*ends)}" if None not in ends else ""
        size = count_noun(middle["n"], "patient")
        parts.append(
            f"{render_number(middle['value'])}{unit} in {_group(content, group)} ({size}{tail})"
        )
    return [f"{what}: median {render_list(parts)}."] if parts else []


def _group(content: Content, name: str) -> str:
    return "all patients" if name == ALL else label_group(content.protocol, name)


def _share(row: Mapping[str, Any], what: str) -> str:
    """`18 of 32 patients (56 %, 95 % CI 38 to 74) had a complete response`."""
    numbers = [render_percent(row["value"], row["n"])]
    interval = _interval(row)
    numbers += [interval] if interval else []
    return (
        f"{row['events']} of {count_noun(row['n'], 'patient')} ({', '.join(numbers)}) had {what}."
    )


def _interval(row: Mapping[str, Any]) -> str:
    if row["low"] is None or row["high"] is None:
        return ""
    level = 100 * (row["level"] or 0.95)
    low, high = round(100 * row["low"]), round(100 * row["high"])
    return f"{level:g} % CI {low} to {high}"


def _at_days(content: Content, rows: pl.DataFrame, analysis: Analysis) -> list[str]:
    """The probability of every group on the last day asked for, and the comparison of groups."""
    what = label_endpoint(content.protocol, getattr(analysis, "endpoint", "")).split(",")[0]
    dated = rows.drop_nulls(["day", "value"])
    dated = dated.filter(pl.col("unit") == "1")
    sentences = []
    if dated.height:
        day = 365.0 if 365.0 in dated["day"].to_list() else float(dated["day"].max())  # type: ignore[arg-type]
        first = dated["label"][0]
        label = pl.col("label").is_null() if first is None else pl.col("label") == first
        at = dated.filter((pl.col("day") == day) & label)
        parts = []
        for row in at.iter_rows(named=True):
            interval = _interval(row)
            number = render_percent(row["value"], row["n"])
            number += f" ({interval})" if interval else ""
            group = _group(content, row["group"])
            parts.append(number if at.height == 1 else f"{number} in {group}")
        sentences.append(f"{what} at day {render_number(day)} was {render_list(parts)}.")
    p_value = find_p_value(rows)
    if p_value is not None:
        sentences.append(f"Log-rank test between the groups: {render_p_value(p_value)}.")
    return sentences


def _agreement(rows: pl.DataFrame) -> list[str]:
    own = _all_or_first(rows).drop_nulls(["events", "n"])
    if own.is_empty() or not own["n"][0]:
        return []
    row = own.row(0, named=True)
    interval = _interval(row)
    tail = f", {interval}" if interval else ""
    share = f"{render_percent(row['value'], row['n'])}{tail}"
    where = f"{row['events']} of {count_noun(row['n'], 'patient')} ({share})"
    return [f"The derived outcome is the reported one in {where}."]
