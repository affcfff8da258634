"""Results: every analysis of the protocol, in its order."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from stromal.errors import join_words
from stromal.report.blocks import Block, Fold, Link, Picture, Section, prose
from stromal.report.cohorts import ShownCohort, show_apart
from stromal.report.content import Content
from stromal.report.definition import describe_definition
from stromal.report.finding import Finding
from stromal.report.groups import label_endpoint
from stromal.report.words import render_sentence
from stromal.tables.cohort import REAL

_FOLD_FROM = 8
"""Rows of a table that is folded away below its figure; headings over several rows apart."""


def section(content: Content) -> Section | None:
    """Return the section with every analysis, each origin apart; None without patients."""
    if not content.cohorts:
        return None
    if not content.protocol.analyses:
        return Section("results", "Results", (prose("The protocol asks for no analysis."),))
    return show_apart(content, Section("results", "Results"), _show)


def _show(shown: ShownCohort) -> Section:
    definitions = _Definitions(shown.content) if shown.first else None
    children, silent = [], list[Finding]()
    for finding in shown.cohort.findings:
        if _is_for_virtual_patients(shown, finding):
            silent.append(finding)
            continue
        anchor = shown.anchor(f"result-{finding.analysis.replace('_', '-')}")
        defined = definitions.at(finding.endpoints, anchor) if definitions else ()
        children.append(
            Section(
                anchor,
                finding.title,
                (*_show_finding(finding), *defined),
                badge="primary endpoint" if finding.primary else "",
            )
        )
    if silent:
        anchor = shown.anchor("results-of-virtual-patients")
        titles = [finding.title for finding in silent]
        said = prose(
            "The sheets hold nothing that these read, so that nobody here could be judged: ",
            f"{join_words(titles)}. Virtual patients answer them, under Published, observed and "
            "simulated.",
        )
        blocks: list[Block] = [said]
        if definitions:
            for finding in silent:
                blocks += definitions.at(finding.endpoints, anchor)
        children.append(Section(anchor, "Asked of virtual patients alone", tuple(blocks)))
    return Section("", "", children=tuple(children))


def _is_for_virtual_patients(shown: ShownCohort, finding: Finding) -> bool:
    """Whether nobody could be judged of what a simulation beside these patients has."""
    if not shown.content.simulation or shown.cohort.origin not in REAL or not finding.endpoints:
        return False
    own = shown.cohort.outcomes.filter(pl.col("endpoint").is_in(finding.endpoints))
    columns = ("value", "label", "status", "lowest", "highest")
    return own.height > 0 and all(own[name].null_count() == own.height for name in columns)


def _show_finding(finding: Finding) -> Iterator[Block]:
    """Sentences, picture, table (folded if it is long and has a picture), details, notes."""
    if finding.sentences:
        yield prose(" ".join(finding.sentences), tone="finding")
    if finding.figure:
        yield Picture(finding.figure)
    rows = finding.table.size
    if finding.figure and rows > _FOLD_FROM:
        yield Fold(f"All {rows} estimates with their intervals", (finding.table,))
    elif finding.table or finding.figure:
        yield finding.table
    else:
        yield prose("Nothing could be estimated.", tone="muted")
    if finding.details.size > _FOLD_FROM:
        yield Fold(f"{finding.details.caption} ({finding.details.size} rows)", (finding.details,))
    else:
        yield finding.details
    if finding.remark:
        yield prose(finding.remark)
    if finding.note:
        yield prose(render_sentence(finding.note), tone="muted")


class _Definitions:
    """Definitions of endpoints, each at the first analysis of its endpoint.

    Criteria that several endpoints share are said in full once; the others lead there.
    """

    def __init__(self, content: Content) -> None:
        self._content = content
        self._defined: set[str] = set()
        self._places: dict[tuple[object, ...], Link] = {}

    def at(self, endpoints: tuple[str, ...], anchor: str) -> tuple[Block, ...]:
        """Return the definitions at an analysis; nothing of what stands further up.

        Of a family, the first endpoint stands for those with the same criteria; the table of
        methods has the parameters of each.
        """
        blocks: list[Block] = []
        labels: list[str] = []
        here: set[tuple[object, ...]] = set()
        for endpoint in endpoints:
            item = self._content.endpoint(endpoint)
            if item is None or endpoint in self._defined:
                continue
            self._defined.add(endpoint)
            said = (item.criteria.title, item.criteria.provenance, item.criteria.choices)
            if said in here:
                continue
            here.add(said)
            label = label_endpoint(self._content.protocol, endpoint)
            labels.append(label)
            blocks += describe_definition(item, self._places.get(said))
            self._places.setdefault(said, Link(label, anchor))
        if not blocks:
            return ()
        return (Fold(f"Definition: {join_words(labels)}", tuple(blocks), tone="definition"),)
