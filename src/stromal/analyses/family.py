"""Several endpoints of one analysis: which they are, where each stands, table and figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import polars as pl

from stromal.analyses.checks import check_known
from stromal.analyses.effects import render_effect
from stromal.analyses.kind import Answer, Row
from stromal.analyses.share_effects import EFFECTS
from stromal.errors import Issue
from stromal.protocol.protocol import EndpointUse, Protocol
from stromal.report.figures.figure import Figure
from stromal.report.figures.share_rows import FRAME, plot_share_rows
from stromal.report.groups import label_analysis, label_endpoint, label_group
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import (
    MISSING,
    capitalise,
    decapitalise,
    render_count,
    render_interval,
    render_name,
    render_p_value,
)
from stromal.tables.statistics import CORRECTED_P, PROPORTION, SHARE_SLOPE, STATISTICS, TEST_P

YES = "yes"


def find_endpoints(use: Any, protocol: Protocol) -> tuple[EndpointUse, ...]:  # noqa: ANN401
    """Return the endpoints that an analysis names, in its order, each once."""
    one = getattr(use, "endpoint", None)
    found = (
        item
        for pattern in ((one,) if one else use.endpoints)
        for item in protocol.endpoints
        if fnmatchcase(item.name, pattern)
    )
    return tuple({item.name: item for item in found}.values())


def check_endpoints(written: Sequence[str], protocol: Protocol) -> Iterator[Issue]:
    """Check that the endpoints of a family are known, and that patterns find some."""
    names = [item.name for item in protocol.endpoints]
    for place, pattern in enumerate(written):
        column = f"endpoints[{place}]"
        if "*" not in pattern:
            yield from check_known("endpoint", pattern, column, names)
        elif not any(fnmatchcase(name, pattern) for name in names):
            hint = "write the names of endpoints of this protocol"
            yield Issue(f"no endpoint is named like `{pattern}`", column=column, hint=hint)


def list_events(use: Any) -> dict[str, tuple[str, ...]]:  # noqa: ANN401
    """Return the labels of every event by its name; `yes` where none is written."""
    combined: dict[str, tuple[str, ...]] = use.combine
    return combined or {YES: (YES,)}


Line = tuple[str, str, str, str, str]
"""Section, row, column, endpoint and label of a share."""


def lay_out(answer: Answer[Any]) -> list[Line]:
    """Return where each share stands: rows below each other, columns side by side."""
    use, protocol = answer.use, answer.protocol
    lines = []
    for item in find_endpoints(use, protocol):
        member = {key: value for key, value in item.member.items() if key != use.across}
        section = _speak(member.pop(use.sections, ""))
        row = _speak(", ".join(member.values())) or label_endpoint(protocol, item.name)
        for label in list_events(use):
            column = render_name(label) if use.combine else ""
            value, own = item.member.get(use.across, ""), row
            if value:
                own = _name_event(label, member) if use.combine else row
                column = use.columns.get(value) or f"{render_name(use.across)} {value}"
            lines.append((section, own, column, item.name, label))
    places = {section: place for place, section in enumerate(dict.fromkeys(x[0] for x in lines))}
    rows = {pair: place for place, pair in enumerate(dict.fromkeys(x[:2] for x in lines))}
    return sorted(lines, key=lambda line: (places[line[0]], rows[line[:2]]))


def _name_event(label: str, member: Mapping[str, str]) -> str:
    """The row of an event, where the members of a family take turns in the columns."""
    return capitalise(", ".join((*map(render_name, member.values()), render_name(label))))


def _speak(value: str) -> str:
    return capitalise(render_name(value)) if value else ""


def _index(answer: Answer[Any]) -> Mapping[tuple[Any, ...], Row]:
    """Estimates by endpoint, label, group and statistic; an effect by its term."""
    return {
        (row["endpoint"], row["label"], row["term"] or row["group"], row["statistic"]): row
        for row in answer.estimates.iter_rows(named=True)
    }


def _groups(answer: Answer[Any]) -> list[str | None]:
    """Groups that have patients, in order; all patients where there are no two of them."""
    shares = answer.estimates.filter(statistic=PROPORTION.name).filter(pl.col("n") > 0)
    named = shares["group"].drop_nulls().unique(maintain_order=True).to_list()
    return named if len(named) > 1 else [None]


def describe_family(answer: Answer[Any]) -> list[str]:
    """Say the largest share of every column, of all patients or of each group."""
    index = _index(answer)
    sentences = []
    columns = dict.fromkeys(line[2] for line in lay_out(answer))
    for column in columns:
        parts = []
        for group in _groups(answer):
            own = [
                (line, row)
                for line in lay_out(answer)
                if line[2] == column
                and (row := index.get((line[3], line[4], group, PROPORTION.name)))
                and row["value"] is not None
            ]
            if not own:
                continue
            line, top = max(own, key=lambda pair: pair[1]["value"])
            what = ", ".join(decapitalise(part) for part in (line[0], line[1]) if part)
            whom = "" if group is None else f" in {_name(answer, group)}"
            parts.append(f"{what}{whom}, {render_count(top['events'], top['n'])}")
        if parts:
            told = f", {column}" if column else ""
            sentences.append(f"Most frequent{told}: {'; '.join(parts)}.")
    return sentences


def _name(answer: Answer[Any], group: str | None) -> str:
    return label_group(answer.protocol, group, answer.use.by)


def tabulate_family(answer: Answer[Any]) -> View:
    """Return a row for each endpoint: shares in every column, or of groups beside the effect."""
    groups = _groups(answer)
    return _tabulate_whole(answer) if groups == [None] else _tabulate_groups(answer, groups)


def _tabulate_whole(answer: Answer[Any]) -> View:
    index, lines = _index(answer), lay_out(answer)
    columns = list(dict.fromkeys(line[2] for line in lines))
    placed = {line[:3]: line[3:] for line in lines}
    headings = [Heading(""), *(Heading(capitalise(name), numeric=True) for name in columns)]
    cells = []
    for section, row in dict.fromkeys(line[:2] for line in lines):
        shares = []
        for column in columns:
            key = placed.get((section, row, column))
            found = None if key is None else index.get((*key, None, PROPORTION.name))
            shares.append(Cell(_write_share(found)))
        cells.append((section, [Cell(row, "strong"), *shares]))
    return _finish(answer, headings, cells)


def _tabulate_groups(answer: Answer[Any], groups: list[str | None]) -> View:
    index, use = _index(answer), answer.use
    corrected = any(key[3] == CORRECTED_P.name for key in index)
    effect = SHARE_SLOPE if use.test == "trend" else EFFECTS[use.effect]
    headings = [Heading(""), *(Heading(_name(answer, group), numeric=True) for group in groups)]
    terms = list(answer.estimates["term"].drop_nulls().unique(maintain_order=True))
    words = capitalise(STATISTICS[effect.name].words)
    headings += [
        Heading(f"{words}{f', {_name(answer, term)}' if len(terms) > 1 else ''}", numeric=True)
        for term in terms
    ]
    headings += [Heading("P", numeric=True)]
    headings += [Heading("P, corrected", numeric=True)] if corrected else []
    cells = []
    lines = lay_out(answer)
    # Without headings of its own, a table of several columns has one for each of them.
    if not any(line[0] for line in lines):
        lines = [(capitalise(line[2]), line[1], "", *line[3:]) for line in lines]
        order = list(dict.fromkeys(line[0] for line in lines))
        lines.sort(key=lambda line: order.index(line[0]))
    for section, row, column, endpoint, label in lines:
        key = (endpoint, label)
        line = [Cell(f"{row}, {column}" if column else row, "strong")]
        line += [Cell(_write_share(index.get((*key, name, PROPORTION.name)))) for name in groups]
        for term in terms:
            found = index.get((*key, term, effect.name))
            value, ends = render_effect(found) if found else (MISSING, MISSING)
            line.append(Cell(value if ends == MISSING else f"{value} ({ends})"))
        for statistic in (TEST_P, CORRECTED_P) if corrected else (TEST_P,):
            found = index.get((*key, None, statistic.name))
            text = MISSING if found is None else render_p_value(found["value"])
            line.append(Cell(text.removeprefix("P").lstrip(" \u00a0=")))
        cells.append((section, line))
    return _finish(answer, headings, cells)


def _finish(
    answer: Answer[Any], headings: list[Heading], cells: list[tuple[str, list[Cell]]]
) -> View:
    """Put headings of sections between the rows, and the methods below."""
    rows: list[list[Cell]] = []
    seen = ""
    for section, line in cells:
        if section and section != seen:
            rows.append([Cell(section, "section"), *[Cell("")] * (len(headings) - 1)])
            seen = section
        rows.append(line)
    methods = "; ".join(dict.fromkeys(answer.estimates["method"].drop_nulls()))
    title = label_analysis(answer.protocol, answer.use.name)
    shown = answer.estimates["n"].drop_nulls().sum() > 0
    return view_of(title, headings, rows if shown else [], f"{capitalise(methods)}.")


def _write_share(row: Row | None) -> str:
    if row is None or row["value"] is None:
        return MISSING
    ends = render_interval(row["low"], row["high"], row["unit"], row["n"])
    share = f"{100 * row['value']:.0f}\u00a0%"
    told = "" if ends == MISSING else f", {ends.replace(' to ', '–')}"
    return f"{row['events']}/{row['n']} ({share}{told})"


def plot_family(answer: Answer[Any]) -> Figure | None:
    """Return points with intervals: a row for each endpoint, a panel for each column."""
    index, groups = _index(answer), _groups(answer)
    cells = ("events", "n", "value", "low", "high")
    rows = []
    for section, row, column, endpoint, label in lay_out(answer):
        for group in groups:
            found = index.get((endpoint, label, group, PROPORTION.name))
            if found is not None and found["n"]:
                place = {"section": section, "row": row, "column": column, "group": group}
                rows.append(place | {name: found[name] for name in cells})
    if not rows:
        return None
    frame = pl.DataFrame(rows, schema=FRAME)
    words = {group: _name(answer, group) for group in groups if group is not None}
    name, title = answer.figure_name, label_analysis(answer.protocol, answer.use.name)
    svg = plot_share_rows(frame, name=name, title=title, labels=words, level=answer.use.level)
    caption = f"Points: share of patients; lines: {100 * answer.use.level:g} % intervals."
    return Figure(name, svg, title, caption, frame, answer.use.name)
