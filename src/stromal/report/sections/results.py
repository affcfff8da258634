"""Results: every analysis of the protocol, in its order."""

from __future__ import annotations

from collections.abc import Iterator

from stromal.report.blocks import Block, Fold, Picture, Section, prose
from stromal.report.cohorts import ShownCohort, show_apart
from stromal.report.content import Content
from stromal.report.definition import describe_definition
from stromal.report.finding import Finding
from stromal.report.groups import label_endpoint
from stromal.report.words import render_sentence

_FOLD_FROM = 14
"""Rows of a table that is folded away below its figure."""


def section(content: Content) -> Section:
    """Return the section with every analysis, those of each origin apart."""
    if not content.protocol.analyses:
        return Section("results", "Results", (prose("The protocol asks for no analysis."),))
    return show_apart(content, Section("results", "Results"), _show)


def _show(shown: ShownCohort) -> Section:
    defined: set[str] = set()
    children = []
    for finding in shown.cohort.findings:
        # A definition stands once on the page: at the first analysis of its endpoint.
        definitions = () if finding.endpoint in defined or not shown.first else (finding.endpoint,)
        defined.add(finding.endpoint)
        blocks = (*_show_finding(finding), *_define(shown.content, definitions))
        children.append(
            Section(
                shown.anchor(f"result-{finding.analysis.replace('_', '-')}"),
                finding.title,
                blocks,
                badge="primary endpoint" if finding.primary else "",
            )
        )
    return Section("", "", children=tuple(children))


def _show_finding(finding: Finding) -> Iterator[Block]:
    """Sentences, picture, table (folded if it is long and has a picture), details, notes."""
    if finding.sentences:
        yield prose(" ".join(finding.sentences), tone="finding")
    if finding.figure:
        yield Picture(finding.figure)
    if finding.figure and len(finding.table.rows) > _FOLD_FROM:
        rows = len(finding.table.rows)
        yield Fold(f"All {rows} estimates with their intervals", (finding.table,))
    elif finding.table or finding.figure:
        yield finding.table
    else:
        yield prose("Nothing could be estimated.", tone="muted")
    yield finding.details
    if finding.remark:
        yield prose(finding.remark)
    if finding.note:
        yield prose(render_sentence(finding.note), tone="muted")


def _define(content: Content, endpoints: tuple[str, ...]) -> Iterator[Block]:
    for endpoint in endpoints:
        definition = content.endpoint(endpoint)
        if definition is not None:
            label = label_endpoint(content.protocol, endpoint)
            blocks = describe_definition(definition)
            yield Fold(f"Definition: {label}", blocks, tone="definition")
