"""Results: every analysis of the protocol, in its order."""

from __future__ import annotations

from collections.abc import Iterator

from stromal.protocol.protocol import AgreementAnalysis, Analysis
from stromal.report.blocks import Block, Fold, Picture, Section, prose
from stromal.report.cohorts import Cohort, show_apart
from stromal.report.content import Content
from stromal.report.definition import describe_definition
from stromal.report.disagreement import render_disagreements
from stromal.report.finding import Finding
from stromal.report.groups import label_analysis, label_endpoint
from stromal.report.summary import primary_endpoint, render_finding
from stromal.report.tables import render_estimates
from stromal.report.view import view_of
from stromal.report.words import render_sentence

_FOLD_FROM = 14
"""Rows of a table that is folded away below its figure."""
_AGREES = "The derived outcome is the reported one in every patient who has both."


def section(content: Content) -> Section:
    """Return the section with every analysis, those of each origin apart."""
    if not content.protocol.analyses:
        return Section("results", "Results", (prose("The protocol asks for no analysis."),))
    return show_apart(content, Section("results", "Results"), _show)


def _show(cohort: Cohort) -> Section:
    defined: set[str] = set()
    children = []
    for finding in list_findings(cohort.content):
        # A definition stands once on the page: at the first analysis of its endpoint.
        definitions = () if finding.endpoint in defined or not cohort.first else (finding.endpoint,)
        defined.add(finding.endpoint)
        blocks = (*_show_finding(finding), *_define(cohort.content, definitions))
        children.append(
            Section(
                cohort.anchor(f"result-{finding.analysis.replace('_', '-')}"),
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
        definition = content.definition(endpoint)
        if definition is not None:
            label = label_endpoint(content.protocol, endpoint)
            blocks = describe_definition(definition)
            yield Fold(f"Definition: {label}", blocks, tone="definition")


def list_findings(content: Content) -> tuple[Finding, ...]:
    """Return every analysis of one cohort as the page shows it, in the protocol's order."""
    return tuple(_find(content, analysis) for analysis in content.protocol.analyses)


def _find(content: Content, analysis: Analysis) -> Finding:
    primary = primary_endpoint(content)
    endpoint = getattr(analysis, "endpoint", None) or ""
    table = render_estimates(content, analysis)
    compared = isinstance(analysis, AgreementAnalysis)
    details = (
        render_disagreements(content, analysis)
        if isinstance(analysis, AgreementAnalysis)
        else view_of("", [], [])
    )
    return Finding(
        analysis=analysis.name,
        title=label_analysis(content.protocol, analysis.name),
        sentences=tuple(render_finding(content, analysis)),
        figure=content.figures.get(analysis.name),
        table=table,
        details=details,
        remark=_AGREES if compared and table and not details else "",
        note=analysis.note,
        endpoint=endpoint,
        primary=primary is not None
        and primary.primary
        and primary.name == endpoint
        and analysis.estimate != "trajectory",
    )
