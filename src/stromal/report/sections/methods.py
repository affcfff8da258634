"""Methods: conventions, estimators with their sources, rules of the endpoints."""

from __future__ import annotations

import polars as pl

from stromal.report.blocks import Block, Cite, Fold, Link, Prose, Section, prose
from stromal.report.cite import split_keys
from stromal.report.content import Content
from stromal.report.definition import describe_definition, render_definitions
from stromal.report.groups import label_day_zero, label_endpoint
from stromal.report.words import render_sentence

_FOLD_FROM = 8
"""Endpoints whose table is folded away."""
_SAID = 4
"""Estimators that are named in the open."""


def section(content: Content) -> Section:
    """Return the section on methods; it defines endpoints that no analysis is about."""
    return Section(
        "methods",
        "Methods",
        (_state_conventions(content), *_list_methods(content), _list_definitions(content)),
        _define_others(content),
    )


def _state_conventions(content: Content) -> Prose:
    return prose(
        f"Day 0 is the day of {label_day_zero(content.protocol)}. Times are counted in days from "
        "day 0. Intervals are two-sided. Missing input is never taken as normal or as grade 0: a "
        "patient who cannot be judged is left out of the estimate, and the reason is given under ",
        Link("Patients", "patients"),
        ".",
    )


def _list_methods(content: Content) -> tuple[Block, ...]:
    """One sentence with the method of every estimate, each once."""
    if not content.cohorts:
        return ()
    estimates = pl.concat([cohort.estimates for cohort in content.cohorts])
    methods = dict.fromkeys(estimates["method"].drop_nulls())
    if not methods:
        return ()
    sources = split_keys(estimates["sources"])
    said = prose(f"Estimates: {'; '.join(methods)}", Cite(sources), ".")
    return (said if len(methods) <= _SAID else Fold(f"All {len(methods)} estimators", (said,)),)


def _list_definitions(content: Content) -> Block:
    """The table of every endpoint, folded away where it is long."""
    table = render_definitions(content)
    if len(table.rows) <= _FOLD_FROM:
        return table
    return Fold(f"All {len(table.rows)} endpoints with their rules and parameters", (table,))


def _define_others(content: Content) -> tuple[Section, ...]:
    analysed = {
        name for cohort in content.cohorts for item in cohort.findings for name in item.endpoints
    }
    return tuple(
        Section(
            f"endpoint-{item.name.replace('_', '-')}",
            label_endpoint(content.protocol, item.name),
            (
                prose(render_sentence(item.rule.title), tone="muted"),
                Fold("Definition", describe_definition(item), tone="definition"),
            ),
        )
        for item in content.endpoints
        if item.name not in analysed and item.known_by is None
    )
