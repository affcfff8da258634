"""Published evidence: question, flow, findings, each outcome, maps, syntheses, contradictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stromal.errors import join_words
from stromal.report.blocks import (
    Block,
    Cite,
    Facts,
    Fold,
    Items,
    Picture,
    Section,
    fold_long,
    prose,
)
from stromal.report.content import Content
from stromal.report.evidence.beside import render_beside
from stromal.report.evidence.build import EVENTS
from stromal.report.evidence.contradictions import render_changed, render_contradictions
from stromal.report.evidence.groups import render_groups
from stromal.report.evidence.moderators import render_moderators
from stromal.report.evidence.outcomes import render_outcomes
from stromal.report.evidence.sentences import caption_forest, describe_answer, title_forest
from stromal.report.evidence.shown import Answered, LeftOut, ShownEvidence
from stromal.report.evidence.summary_of_findings import render_summary_of_findings
from stromal.report.evidence.syntheses import explain_differences, has_ours, render_syntheses
from stromal.report.figures.bubbles import describe_bubbles, frame_bubbles, plot_bubbles
from stromal.report.figures.evidence_map import EvidenceMap, describe_map, frame_map, plot_map
from stromal.report.figures.figure import Figure
from stromal.report.figures.forest import (
    Forest,
    ForestColumn,
    ForestRow,
    frame_forest,
    write_effect,
    write_interval,
)
from stromal.report.figures.forest_plot import plot_forest
from stromal.report.figures.funnel import describe_funnel, frame_funnel, plot_funnel
from stromal.report.figures.study_flow import FlowStep, describe_flow, frame_flow, plot_flow
from stromal.report.groups import label_endpoint
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import MISSING, count_noun, decapitalise, join_unit

_MOST = 4
"""Rows of a table that is no finding, from which it is folded away."""


def section(content: Content) -> Section | None:
    """Return the section on what has been published; None where there is nothing to say."""
    parts = list_parts(content.evidence)
    labels = {
        endpoint.name: label_endpoint(content.protocol, endpoint.name)
        for endpoint in content.protocol.endpoints
    }
    beside = render_beside(content.evidence.estimates, labels)
    if beside:
        parts = (Section("evidence-beside", "The record beside own numbers", (beside,)), *parts)
    if not parts:
        return None
    return Section("evidence", "Published evidence", children=parts)


def list_parts(evidence: ShownEvidence) -> tuple[Section, ...]:
    """Return the parts that have something to say, in the order in which they are read.

    Examples
    --------
    >>> list_parts(ShownEvidence())
    ()
    """
    several = [answer for answer in evidence.answers if len(answer.forest.rows) > 1]
    parts = (
        _show_question(evidence),
        _show_findings(evidence),
        *(_show_answer(answer) for answer in several),
        _show_singles([answer for answer in evidence.answers if answer not in several]),
        _show_syntheses(evidence),
        _show_maps(evidence),
        _show_outcomes(evidence),
        _show_contradictions(evidence),
    )
    return tuple(part for part in parts if part is not None)


def _show_question(evidence: ShownEvidence) -> Section | None:
    """What was asked, and which studies answer."""
    blocks: list[Block] = [Facts(evidence.question)] if evidence.question else []
    if evidence.flow:
        blocks.append(Fold("Flow of studies", _picture_flow(evidence.flow, "evidence-flow")))
    if len(evidence.answers) > 1:
        blocks.append(fold_long(_count_steps(evidence.answers), _MOST))
    if not blocks:
        return None
    asked = bool(evidence.flow or evidence.answers)
    title = "Question and studies" if asked else "The record"
    return Section("evidence-question", title, tuple(blocks))


def _picture_flow(flow: tuple[FlowStep, ...], name: str) -> tuple[Block, ...]:
    title = "Flow of studies"
    svg = plot_flow(flow, name=name, title=title)
    caption = "A study is counted at the step that its furthest number reaches, and left out there."
    return (
        Picture(Figure(name, svg, title, caption, frame_flow(flow))),
        Fold("The flow in words", (prose(describe_flow(flow)),)),
    )


def _count_steps(answers: Sequence[Answered]) -> View:
    """Studies that are left after each step, a row for each question."""
    labels = list(dict.fromkeys(step.label for answer in answers for step in answer.flow))
    rows = []
    for answer in answers:
        counts = {step.label: str(step.count) for step in answer.flow}
        rows.append([Cell(answer.title, "strong"), *(Cell(counts.get(one, "")) for one in labels)])
    headings = [Heading("Question"), *(Heading(label, numeric=True) for label in labels)]
    return view_of("Studies left at each step", headings, rows if labels else [])


def _show_findings(evidence: ShownEvidence) -> Section | None:
    if not evidence.answers:
        return None
    table: Block = render_summary_of_findings(evidence.answers)
    if all(len(answer.forest.rows) < 2 for answer in evidence.answers):
        told = f"{count_noun(len(evidence.answers), 'question')}, none with several studies"
        table = Fold(told, (table,))
    return Section("evidence-findings", "Summary of findings", (table,))


def _show_answer(answer: Answered) -> Section:
    anchor = f"evidence-{answer.name.replace('_', '-')}"
    return Section(anchor, answer.title, tuple(_list_blocks(answer, anchor)))


def _list_blocks(answer: Answered, anchor: str) -> Iterator[Block]:
    """Sentences, forest, how it was pooled, what was left out, funnel and doses."""
    yield prose(describe_answer(answer), tone="finding")
    if answer.forest.rows:
        title = title_forest(answer)
        svg = plot_forest(answer.forest, name=f"{anchor}-forest", title=title)
        frame, caption = frame_forest(answer.forest), caption_forest(answer.forest)
        yield Picture(Figure(f"{anchor}-forest", svg, title, caption, frame))
    if answer.method:
        papers = count_noun(len(answer.read_in), "source")
        read = (f"; numbers as printed in {papers}", Cite(answer.read_in)) if answer.read_in else ()
        method = answer.method.replace("tau2", "τ²")
        yield prose(f"Pooled by {method}", Cite(answer.sources), *read, ".")
    if answer.sensitivity:
        yield Items(answer.sensitivity)
    if answer.notes:
        yield Fold(
            f"{count_noun(len(answer.notes), 'note')} on the studies", (Items(answer.notes),)
        )
    if answer.left_out:
        arms = count_noun(len(answer.left_out), "number")
        yield Fold(f"{arms} left out, with the reason", (_render_left_out(answer.left_out),))
    yield from _list_figures(answer, anchor)


def _list_figures(answer: Answered, anchor: str) -> Iterator[Block]:
    if answer.funnel is not None:
        name, title = f"{anchor}-funnel", f"Funnel of {decapitalise(answer.title)}"
        svg = plot_funnel(answer.funnel, name=name, title=title)
        said = describe_funnel(answer.funnel)
        yield Picture(Figure(name, svg, title, said, frame_funnel(answer.funnel)))
    if answer.bubbles is not None:
        name, title = f"{anchor}-dose", f"Dose and {decapitalise(answer.title)}"
        svg = plot_bubbles(answer.bubbles, name=name, title=title)
        said = f"Areas of bubbles go with precision. {describe_bubbles(answer.bubbles)}"
        yield Picture(Figure(name, svg, title, said, frame_bubbles(answer.bubbles)))
    if groups := render_groups(answer.groups):
        yield groups
    if table := render_moderators(answer.moderators, answer.forest):
        yield table
    elif answer.moderators:
        names = join_words([line.name for line in answer.moderators], "or")
        reasons = dict.fromkeys(line.reason for line in answer.moderators)
        yield prose(f"No regression on {names}: {'; '.join(reasons)}.", tone="muted")


def _show_singles(answers: Sequence[Answered]) -> Section | None:
    """Questions that one study answers, in one figure; and those that none does."""
    if not answers:
        return None
    shares = [answer for answer in answers if answer.forest.rows and answer.forest.scale == "share"]
    blocks: list[Block] = []
    if shares:
        forest = _join_singles(shares)
        name, title = "evidence-singles", "Shares that one study gives"
        svg = plot_forest(forest, name=name, title=title)
        frame, said = frame_forest(forest), "A row is a question; nothing is pooled."
        blocks.append(Picture(Figure(name, svg, title, said, frame)))
    rows = [_write_single(answer) for answer in answers if answer not in shares]
    headings = [Heading("Question"), Heading("Study"), Heading("Number", numeric=True),
                Heading("Why nothing is pooled", wide=True)]  # fmt: skip
    blocks.append(view_of("Other questions without several studies", headings, rows, wordy=True))
    left = [item for answer in answers for item in answer.left_out]
    if left:
        blocks.append(Fold(f"{count_noun(len(left), 'number')} left out, with the reason",
                           (_render_left_out(tuple(left)),)))  # fmt: skip
    told = f"{count_noun(len(answers), 'question')}: what the one study gives"
    title = "Questions with one study or none"
    return Section("evidence-singles", title, (Fold(told, tuple(blocks)),))


def _join_singles(answers: Sequence[Answered]) -> Forest:
    """One forest plot of several questions, each with its one study."""
    rows = []
    for answer in answers:
        row = answer.forest.rows[0]
        cells = dict(zip((c.heading for c in answer.forest.columns), row.cells, strict=True))
        rows.append(
            ForestRow(
                answer.title, (row.label, cells.get(EVENTS, MISSING)), row.value, row.low, row.high,
                reason=row.reason,
            )
        )  # fmt: skip
    columns = (ForestColumn("Study"), ForestColumn(EVENTS, numeric=True))
    return Forest("Share of patients", tuple(rows), (), columns, first="Question")


def _write_single(answer: Answered) -> list[Cell]:
    row = next(iter(answer.forest.rows), None)
    number = MISSING if row is None else write_effect(row.value, answer.forest)
    number = join_unit(number, answer.forest.unit, plural=True)
    ends = "" if row is None else write_interval((row.low, row.high), answer.forest)
    why = "no study answers" if row is None else row.reason or "one study"
    return [
        Cell(answer.title, "strong"),
        Cell(MISSING if row is None else row.label),
        Cell(f"{number} {ends}".rstrip()),
        Cell(why),
    ]


def _render_left_out(items: tuple[LeftOut, ...]) -> View:
    rows = [
        [Cell(item.study, "strong", item.sources), Cell(item.what), Cell(item.reason)]
        for item in items
    ]
    headings = [Heading("Study"), Heading("Number", wide=True), Heading("Why", wide=True)]
    return view_of("Left out", headings, rows, wordy=True)


def _show_syntheses(evidence: ShownEvidence) -> Section | None:
    if not evidence.syntheses:
        return None
    view = render_syntheses(evidence.syntheses)
    reasons = Fold("Why they differ", (Facts(explain_differences(evidence.syntheses)),))
    if not has_ours(evidence.syntheses):
        return Section("evidence-syntheses", "Published meta-analyses", (view, reasons))
    said = prose("Why they differ: another set of studies gives another number.")
    title = "Published meta-analyses beside ours"
    return Section("evidence-syntheses", title, (view, said, reasons))


def _show_maps(evidence: ShownEvidence) -> Section | None:
    shown = [item for item in evidence.maps if item.cells]
    if not shown:
        return None
    blocks = tuple(_picture_map(item, place) for place, item in enumerate(shown, start=1))
    told = f"{count_noun(len(blocks), 'map')} of the record, gaps in grey"
    return Section("evidence-maps", "What has been studied", (Fold(told, blocks),))


def _picture_map(item: EvidenceMap, place: int) -> Picture:
    name = f"evidence-map-{place}"
    title = f"{item.rows_are} by {decapitalise(item.columns_are)}"
    svg = plot_map(item, name=name, title=title)
    said = (
        "Circles: area by patients, with the number of studies; grey: nothing in the record. "
        f"{describe_map(item)} A study with several outcomes or sources counts at each."
    )
    return Picture(Figure(name, svg, title, said, frame_map(item)))


def _show_outcomes(evidence: ShownEvidence) -> Section | None:
    """Every outcome of the record, where the page is of the record."""
    if not evidence.outcomes:
        return None
    return Section("evidence-outcomes", "All outcomes", render_outcomes(evidence.outcomes))


def _show_contradictions(evidence: ShownEvidence) -> Section | None:
    """Contradictions of the papers, and folded below them the numbers used otherwise."""
    blocks: list[Block] = []
    if evidence.contradictions:
        found = sum(item.found for item in evidence.contradictions)
        n = count_noun(len(evidence.contradictions), "contradiction")
        said = f"{n} of the papers with each other or with themselves; checks find {found} of them."
        blocks += [prose(f"{said} Nothing is corrected in silence: both numbers are kept.")]
        blocks += [fold_long(render_contradictions(evidence.contradictions), _MOST)]
    if evidence.changed:
        n = count_noun(len(evidence.changed), "number")
        fold = f"{n} used with a note, in another way than printed, or not at all"
        blocks.append(Fold(fold, (render_changed(evidence.changed),)))
    if not blocks:
        return None
    return Section("evidence-contradictions", "Contradictions", tuple(blocks))
