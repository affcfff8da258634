"""The record as the page shows it: what it holds, maps, meta-analyses, contradictions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from stromal.evidence.check.printed import Flag
from stromal.evidence.library.reader import Library
from stromal.report.blocks import Fact
from stromal.report.evidence.contradictions import list_changed, list_contradictions
from stromal.report.evidence.maps import map_outcomes, map_sources
from stromal.report.evidence.shown import Answered, ShownEvidence
from stromal.report.evidence.syntheses import list_syntheses
from stromal.report.figures.study_flow import FlowStep
from stromal.report.words import capitalise, count_noun


def show_record(
    library: Library,
    contradictions: pl.DataFrame,
    flags: Sequence[Flag],
    syntheses: pl.DataFrame,
    *,
    answers: Sequence[Answered] = (),
    rows: Iterable[str] | None = None,
    question: Sequence[Fact] = (),
    flow: Sequence[FlowStep] = (),
) -> ShownEvidence:
    """Return what a page shows of the record: maps, meta-analyses, contradictions, and answers.

    Parameters
    ----------
    library, contradictions, flags, syntheses
        The record, and what was found about it.
    answers
        Outcomes of a question, where there is one.
    rows
        Rows of the record that the question is about, to which contradictions are limited; None:
        all.
    question, flow
        The question in words, and the flow of studies.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_contradictions, read_library
    >>> from stromal.evidence.library.syntheses import read_syntheses
    >>> shown = show_record(read_library(), read_contradictions(), (), read_syntheses())
    >>> len(shown.maps), len(shown.syntheses) > 5
    (2, True)
    """
    wanted = None if rows is None else list(rows)
    return ShownEvidence(
        question=tuple(question),
        flow=tuple(flow),
        answers=tuple(answers),
        maps=(map_sources(library), map_outcomes(library)) if wanted is None else (
            map_sources(library, wanted), map_outcomes(library, wanted)
        ),
        contradictions=list_contradictions(contradictions, flags, wanted),
        changed=list_changed(library, flags, wanted),
        syntheses=list_syntheses(library, syntheses, answers),
    )  # fmt: skip


def describe_library(library: Library) -> tuple[Fact, ...]:
    """Return how much the record holds, as facts.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> describe_library(read_library())[0].text
    '75 studies, 359 numbers'
    """
    outcomes, studies = library.outcomes, library.studies
    use = outcomes.group_by("status").len().sort("status")
    counts = {str(status): int(number) for status, number in use.iter_rows()}
    said = [f"{counts.get(word, 0)} {text}" for word, text in _STATUS.items()]
    years = studies["year"].sort().to_list()
    held = count_noun(studies.height, "study", "studies")
    return (
        Fact("Record", f"{held}, {count_noun(outcomes.height, 'number')}"),
        Fact("Years", f"{years[0]} to {years[-1]}" if years else ""),
        Fact("Status", capitalise(", ".join(said))),
        Fact("Read in", "the reviews that tabulate the field; few papers of studies were seen",
             tuple(sorted(set(outcomes["read_in"])))),
    )  # fmt: skip


_STATUS = {"use": "used as they are", "note": "used with a note", "exclude": "left out"}
