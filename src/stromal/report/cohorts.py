"""Cohorts on the page: patients of one origin, shown apart, never in one number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from stromal.report.blocks import Prose, Section, prose
from stromal.report.content import Content
from stromal.report.words import capitalise, render_list
from stromal.tables.cohort import OBSERVED
from stromal.tables.cohorts import split_cohorts


@dataclass(frozen=True, slots=True)
class Cohort:
    """Patients of one origin with everything that was found in them.

    `content` holds nothing of other origins; `first` is true of the first cohort of the page, and
    `alone` where there is no other.
    """

    origin: str
    content: Content
    first: bool = True
    alone: bool = True

    @property
    def title(self) -> str:
        """The heading of the cohort: `Observed patients`."""
        return f"{capitalise(self.origin)} patients"

    def anchor(self, id: str) -> str:  # noqa: A002
        """Return an id of the page that no other cohort has.

        Examples
        --------
        >>> Cohort("simulated", content=None, alone=False).anchor("result-survival")
        'result-survival-simulated'
        """
        return id if self.alone else f"{id}-{self.origin}"


def list_cohorts(content: Content) -> tuple[Cohort, ...]:
    """Return the cohorts of a page, observed patients first; one where all are of one origin."""
    cohorts = split_cohorts(content.patients)
    if len(cohorts) < 2:
        return (Cohort(next(iter(cohorts), OBSERVED), content),)
    found = []
    for place, (origin, patients) in enumerate(cohorts.items()):
        of_origin = pl.col("origin").fill_null(OBSERVED) == origin
        own = replace(
            content,
            patients=patients,
            outcomes=content.outcomes.filter(of_origin),
            estimates=content.estimates.filter(of_origin),
            # These do not say of which origin they are.
            figures={},
            curves=(),
            disagreements=content.disagreements.clear(),
            # What a paper printed is of patients that somebody observed.
            comparison=content.comparison if place == 0 else content.comparison.clear(),
        )
        found.append(Cohort(origin, own, first=place == 0, alone=False))
    return tuple(found)


def show_apart(content: Content, whole: Section, show: Callable[[Cohort], Section]) -> Section:
    """Return a section with the blocks of each cohort, under headings where there are several.

    Parameters
    ----------
    content
        Everything on the page.
    whole
        Id and title of the section, with blocks that concern all cohorts.
    show
        Gives blocks and children of one cohort, their ids made by `Cohort.anchor`; id and title
        are replaced.

    Returns
    -------
    Section
        With one cohort, its blocks and children stand directly below the heading; with several, a
        sentence says that they were analysed apart.
    """
    cohorts = list_cohorts(content)
    if len(cohorts) == 1:
        own = show(cohorts[0])
        return replace(whole, blocks=(*whole.blocks, *own.blocks), children=own.children)
    parts = tuple(
        replace(show(cohort), id=cohort.anchor(whole.id), title=cohort.title) for cohort in cohorts
    )
    return replace(whole, blocks=(*whole.blocks, say_apart(cohorts)), children=parts)


def say_apart(cohorts: tuple[Cohort, ...]) -> Prose:
    """Return the sentence that no number is of patients of several origins."""
    origins = capitalise(render_list([cohort.origin for cohort in cohorts]))
    return prose(f"{origins} patients were analysed apart; no number is of both together.")
