"""The record as the page shows it: what it holds, maps, meta-analyses, contradictions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from stromal.evidence.check.printed import Flag
from stromal.evidence.check.record import check_record
from stromal.evidence.library.reader import Library, read_contradictions, read_library
from stromal.evidence.library.syntheses import read_syntheses
from stromal.report.blocks import Fact
from stromal.report.evidence.contradictions import list_changed, list_contradictions
from stromal.report.evidence.maps import map_outcomes, map_sources
from stromal.report.evidence.shown import Answered, ShownEvidence
from stromal.report.evidence.syntheses import list_syntheses
from stromal.report.figures.study_flow import FlowStep
from stromal.report.words import capitalise, count_noun


@dataclass(frozen=True, slots=True)
class Record:
    """The record with what is known about it: contradictions, flags of the checks, syntheses."""

    library: Library
    contradictions: pl.DataFrame
    flags: tuple[Flag, ...]
    syntheses: pl.DataFrame


def check_shipped(library: Library | None = None) -> Record:
    """Return a record with its contradictions, and what the checks find in it.

    Parameters
    ----------
    library
        A record; that of the house where None.

    Examples
    --------
    >>> record = check_shipped()
    >>> record.library.studies.height, len(record.flags) > 20
    (75, True)
    """
    library = read_library() if library is None else library
    flags = check_record(library)
    return Record(library, read_contradictions(), flags, read_syntheses())


def show_record(
    record: Record,
    *,
    answers: Sequence[Answered] = (),
    pairs: Sequence[tuple[str, Answered]] | None = None,
    rows: Iterable[str] | None = None,
    question: Sequence[Fact] = (),
    flow: Sequence[FlowStep] = (),
) -> ShownEvidence:
    """Return what a page shows of the record: maps, meta-analyses, contradictions, and answers.

    Parameters
    ----------
    record
        The record, and what was found about it.
    answers
        Outcomes of questions, where there are any.
    pairs
        Rows of published meta-analyses, each with our outcome that it stands beside; None: all of
        them, alone.
    rows
        Rows of the record that the questions are about, to which contradictions are limited; None:
        all.
    question, flow
        The question in words, and the flow of studies.

    Examples
    --------
    >>> shown = show_record(check_shipped())
    >>> len(shown.maps), len(shown.syntheses) > 5
    (2, True)
    """
    wanted = None if rows is None else list(rows)
    library = record.library
    return ShownEvidence(
        question=tuple(question),
        flow=tuple(flow),
        answers=tuple(answers),
        maps=(map_sources(library), map_outcomes(library)),
        contradictions=list_contradictions(record.contradictions, record.flags, wanted),
        changed=list_changed(library, record.flags, wanted),
        syntheses=list_syntheses(library, record.syntheses, pairs),
    )


def describe_library(library: Library) -> tuple[Fact, ...]:
    """Return how much the record holds, as facts.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> describe_library(read_library())[0].text
    '75 studies, 373 numbers'
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
