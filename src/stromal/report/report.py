"""The page: one HTML file that needs nothing from outside."""

from __future__ import annotations

from collections.abc import Callable

from stromal.report.blocks import Prose, Section, Strong, prose
from stromal.report.citations import find_citations
from stromal.report.cite import number_references
from stromal.report.cohorts import NO_PATIENTS, list_cohorts
from stromal.report.content import Content
from stromal.report.html import Page, render_page
from stromal.report.sections import (
    evidence,
    issues,
    methods,
    outcomes,
    patients,
    published,
    references,
    reproduce,
    results,
    simulated,
    study,
)
from stromal.report.summary import render_summary

SECTIONS: tuple[Callable[[Content], Section | None], ...] = (
    study.section,
    patients.section,
    issues.section,
    results.section,
    published.section,
    simulated.section,
    evidence.section,
    outcomes.section,
    methods.section,
)
"""The sections before the references, in the order of the page; a new one is a file and a line."""


def render_report(content: Content) -> str:
    """Return the page as HTML text: the same content gives the same text.

    Parameters
    ----------
    content
        Everything a run found.

    Returns
    -------
    str
        One HTML document with its style and pictures inside; it loads nothing from outside.

    Examples
    --------
    >>> import polars as pl
    >>> from stromal.protocol.protocol import Arm, Population, Protocol, Study
    >>> from stromal.report.content import Cohort
    >>> from stromal.tables.patients import Patients
    >>> protocol = Protocol(
    ...     format=2,
    ...     study=Study(name="three", title="Three patients", day_zero="enrolment"),
    ...     population=Population(description="adults"),
    ...     arms={"msc": Arm(label="MSC")},
    ... )
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1", "2", "3"], "arm": ["msc"] * 3})
    ... )
    >>> page = render_report(Content(protocol, (Cohort(patients),)))
    >>> "3 patients were analysed." in page
    True
    """
    return render_sections(content, list_sections(content))


def render_sections(content: Content, sections: tuple[Section, ...]) -> str:
    """Return the page as HTML text from sections that `list_sections` gave: none is drawn twice."""
    title = content.protocol.study.title
    return render_page(Page(title, _summarise(content), sections))


def list_sections(content: Content) -> tuple[Section, ...]:
    """Return the sections of the page in order; those that have nothing to say are left out."""
    body = [found for section in SECTIONS if (found := section(content)) is not None]
    cited = references.section(number_references(find_citations(body)))
    return (*body, *([cited] if cited else []), reproduce.section(content))


def _summarise(content: Content) -> tuple[Prose, ...]:
    """The first paragraph of the page, one for each cohort."""
    cohorts = list_cohorts(content)
    if not cohorts:
        return (prose(NO_PATIENTS, " What was published of its questions stands below."),)
    return tuple(
        prose(
            *(() if cohort.alone else (Strong(f"{cohort.title}."), " ")),
            " ".join(render_summary(cohort)),
        )
        for cohort in cohorts
    )
