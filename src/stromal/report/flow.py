"""Patient flow: planned, in the data, evaluable for each endpoint; and why others are not."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from stromal.protocol.groups import list_real_arms
from stromal.protocol.protocol import Protocol
from stromal.report.content import Cohort
from stromal.report.groups import Group, label_endpoint, list_groups
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import MISSING

_MOST_REASONS = 8
_MOST_ENDPOINTS = 14
"""Endpoints from which those that could judge everybody have no row of their own."""


def render_flow(protocol: Protocol, cohort: Cohort) -> View:
    """Return patients in the data, by arm, and how many of them each endpoint could judge."""
    groups = list_groups(protocol, cohort.patients, "arm")
    if len(groups) > 1:
        groups = (*groups, *list_groups(protocol, cohort.patients, None))
    rows = [*_planned_row(protocol, groups)]
    rows.append([Cell("Patients in the data", "strong"), *(Cell(str(g.n)) for g in groups)])
    complete = 0
    for endpoint in protocol.endpoints:
        own = cohort.outcomes.filter(pl.col("endpoint") == endpoint.name)
        if own.is_empty():
            continue
        judged = own.filter(is_judged())
        if len(protocol.endpoints) > _MOST_ENDPOINTS and judged.height == own.height:
            complete += 1
            continue
        cells = [Cell(f"Evaluable: {label_endpoint(protocol, endpoint.name)}", "indent")]
        cells += [
            Cell(str(judged.filter(pl.col("subject").is_in(list(group.subjects))).height))
            for group in groups
        ]
        rows.append(cells)
    headings = [Heading("")] + [Heading(group.label, numeric=True) for group in groups]
    everybody = cohort.outcomes.filter(~is_judged()).is_empty()
    note = "Every patient in the data is evaluable for every endpoint." if everybody else ""
    if complete and not note:
        note = f"Every patient in the data is evaluable for {complete} other endpoints."
    return view_of("Patient flow", headings, rows, note)


def render_reasons(protocol: Protocol, cohort: Cohort) -> View:
    """Return why patients are not evaluable for an endpoint, the most frequent reason first.

    The table has a row for each reason; empty where every patient is evaluable.
    """
    rows: list[list[Cell]] = []
    for endpoint in protocol.endpoints:
        own = cohort.outcomes.filter((pl.col("endpoint") == endpoint.name) & ~is_judged())
        label = label_endpoint(protocol, endpoint.name)
        for place, (number, reason) in enumerate(_count_reasons(own)):
            rows.append([Cell("" if place else label, "strong"), Cell(str(number)), Cell(reason)])
    headings = [Heading("Endpoint"), Heading("Patients", numeric=True), Heading("Why", wide=True)]
    return view_of("Not evaluable", headings, rows, wordy=True)


def _count_reasons(rows: pl.DataFrame) -> list[tuple[int, str]]:
    """Patients by reason; rare reasons together."""
    counts = rows.group_by("reason").len().sort(["len", "reason"], descending=[True, False])
    found = [(int(n), reason or "no reason given") for reason, n in counts.iter_rows()]
    rest = sum(number for number, _ in found[_MOST_REASONS:])
    return [*found[:_MOST_REASONS], *([(rest, "other reasons")] if rest else [])]


def _planned_row(protocol: Protocol, groups: Sequence[Group]) -> list[list[Cell]]:
    """Return how many were planned or treated by the protocol, where it says so."""
    arms = {name: arm.planned_n for name, arm in protocol.arms.items()}
    sizes = [arms[name] for name in list_real_arms(protocol)]
    total = protocol.population.planned_n
    if total is None and None not in sizes:
        total = sum(size or 0 for size in sizes)
    planned = [total if group.name is None else arms.get(group.name) for group in groups]
    if len(groups) == 1:
        planned = [planned[0] or total]
    if not any(planned):
        return []
    cells = [Cell(MISSING if size is None else str(size)) for size in planned]
    return [[Cell("Planned", "strong"), *cells]]


def is_judged() -> pl.Expr:
    """Tell whether an outcome row says anything: a value, a label or a status."""
    return pl.any_horizontal(pl.col("value", "label", "status").is_not_null())
