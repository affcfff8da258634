"""The page of the evidence alone: one HTML file, without the patients of a study."""

from __future__ import annotations

from stromal.report.blocks import Section, prose
from stromal.report.citations import find_citations
from stromal.report.cite import number_references
from stromal.report.content import Facts
from stromal.report.evidence.sentences import describe_answer
from stromal.report.evidence.shown import ShownEvidence
from stromal.report.html import Page, render_page
from stromal.report.sections import evidence as part
from stromal.report.sections import references
from stromal.report.sections.reproduce import reproduce
from stromal.report.words import count_noun

_SYNTHESES = "numbers of published meta-analyses"
_CHANGED = "numbers used otherwise than printed"


def render_evidence(title: str, shown: ShownEvidence, facts: Facts, name: str = "") -> str:
    """Return the page of the evidence as HTML text: the same evidence gives the same text.

    Parameters
    ----------
    title
        Of the page.
    shown
        What the page shows; parts that are empty are left out.
    facts
        What is needed to make the page again.
    name
        Of the study, for the command that makes the page again.

    Examples
    --------
    >>> page = render_evidence("MSC for GVHD", ShownEvidence(), Facts())
    >>> "MSC for GVHD" in page, "Nothing is shown" in page
    (True, True)
    """
    return render_evidence_sections(title, shown, list_evidence_sections(shown, facts, name))


def render_evidence_sections(
    title: str, shown: ShownEvidence, sections: tuple[Section, ...]
) -> str:
    """Return the page from sections that `list_evidence_sections` gave: none is drawn twice."""
    summary = [prose(f"{item.title}: {describe_answer(item)}") for item in shown.answers[:3]]
    if not summary:
        said = _describe_record(shown)
        summary = [prose(said)]
    return render_page(Page(title, tuple(summary), sections, kicker="Published evidence"))


def list_evidence_sections(
    shown: ShownEvidence, facts: Facts, name: str = ""
) -> tuple[Section, ...]:
    """Return the sections of the page of the evidence, in order."""
    body = part.list_parts(shown)
    cited = references.section(number_references(find_citations(body)))
    return (*body, *([cited] if cited else []), reproduce(facts, name))


def _describe_record(shown: ShownEvidence) -> str:
    """What the page holds where no question is asked."""
    parts = (
        (len(shown.syntheses), ("number of published meta-analyses", _SYNTHESES)),
        (len(shown.contradictions), ("contradiction", "contradictions")),
        (len(shown.changed), ("number used otherwise than printed", _CHANGED)),
    )
    said = [count_noun(n, *nouns) for n, nouns in parts if n]
    return f"The record: {', '.join(said)}." if said else "Nothing is shown: the record is empty."
