"""Cohorts on the page: patients of one origin and replicate, shown apart, never in one number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from stromal.errors import join_words
from stromal.protocol.protocol import Protocol
from stromal.report.blocks import Prose, Section, prose
from stromal.report.content import Cohort, Content
from stromal.report.groups import label_cohort
from stromal.report.words import capitalise, count_noun
from stromal.tables.cohort import OBSERVED

NO_PATIENTS = "The folder of the study holds no patients."


@dataclass(frozen=True, slots=True)
class ShownCohort:
    """A cohort with its place on the page.

    `first` is true of the first cohort of the page, and `alone` where there is no other.
    """

    content: Content
    cohort: Cohort
    first: bool = True
    alone: bool = True

    @property
    def protocol(self) -> Protocol:
        """The protocol of the page."""
        return self.content.protocol

    @property
    def title(self) -> str:
        """The heading of the cohort: `Observed patients`."""
        return label_cohort(self.cohort)

    def anchor(self, id: str) -> str:  # noqa: A002
        """Return an id of the page that no other cohort has."""
        if self.alone:
            return id
        replicate = "" if self.cohort.replicate is None else f"-{self.cohort.replicate}"
        return f"{id}-{self.cohort.origin}{replicate}"


def list_cohorts(content: Content) -> tuple[ShownCohort, ...]:
    """Return the cohorts of a page in order, observed patients first."""
    alone = len(content.cohorts) == 1
    return tuple(
        ShownCohort(content, cohort, first=place == 0, alone=alone)
        for place, cohort in enumerate(content.cohorts)
    )


def show_apart(content: Content, whole: Section, show: Callable[[ShownCohort], Section]) -> Section:
    """Return a section with the blocks of each cohort, under headings where there are several.

    Parameters
    ----------
    content
        Everything on the page.
    whole
        Id and title of the section, with blocks that concern all cohorts.
    show
        Gives blocks and children of one cohort, their ids made by `ShownCohort.anchor`; id and
        title are replaced.

    Returns
    -------
    Section
        With one cohort, its blocks and children stand directly below the heading, which names the
        origin of patients who were not observed; with several, a sentence says that they were
        analysed apart.
    """
    cohorts = list_cohorts(content)
    if not cohorts:
        return replace(whole, blocks=(*whole.blocks, prose(NO_PATIENTS)))
    if len(cohorts) == 1:
        own = show(cohorts[0])
        told = whole if cohorts[0].cohort.origin == OBSERVED else _name_origin(whole, cohorts[0])
        return replace(told, blocks=(*whole.blocks, *own.blocks), children=own.children)
    parts = tuple(
        replace(show(shown), id=shown.anchor(whole.id), title=shown.title) for shown in cohorts
    )
    blocks = (*whole.blocks, say_apart(cohorts), *_say_hidden(content))
    return replace(whole, blocks=blocks, children=parts)


def _name_origin(whole: Section, shown: ShownCohort) -> Section:
    """Return a section whose heading says that nobody on it was observed."""
    if whole.title == "Patients":
        return replace(whole, title=shown.title)
    return replace(whole, title=f"{whole.title} ({shown.title[0].lower()}{shown.title[1:]})")


def _say_hidden(content: Content) -> Iterator[Prose]:
    """The sentence on replicates that are not on the page; none where all are."""
    if content.hidden:
        more = count_noun(content.hidden, "more replicate")
        verb = "was" if content.hidden == 1 else "were"
        yield prose(f"{more} {verb} analysed; `estimates.csv` and `outcomes.csv` hold them.")


def say_apart(cohorts: tuple[ShownCohort, ...]) -> Prose:
    """Return the sentence that no number is of patients of several cohorts."""
    origins = list(dict.fromkeys(shown.cohort.origin for shown in cohorts))
    whose = capitalise(join_words(origins))
    if len(origins) == 1:
        return prose(f"{whose} patients of each replicate were analysed apart.")
    rest = "both" if len(origins) == 2 else "more than one of them"
    return prose(f"{whose} patients were analysed apart; no number counts {rest}.")
