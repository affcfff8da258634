"""Blocks that a page is built of: prose, lists, facts, tables, pictures, folds; all frozen values.

A block holds words, never HTML: the templates alone know tags. A table is a `View`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from stromal.report.cite import Reference
from stromal.report.figures.figure import Figure
from stromal.report.view import View


@dataclass(frozen=True, slots=True)
class Strong:
    """Words in bold."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to the section with the id `to`."""

    text: str
    to: str


@dataclass(frozen=True, slots=True)
class Cite:
    """Citation keys; the page prints the numbers of their references."""

    keys: tuple[str, ...]


Span = str | Strong | Link | Cite
"""A run of words in a paragraph."""


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph."""

    spans: tuple[Span, ...]
    tone: Literal["", "finding", "muted"] = ""


@dataclass(frozen=True, slots=True)
class Items:
    """A list of sentences."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A name with what is known under it, and the sources of that."""

    name: str
    text: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and facts in two columns."""

    rows: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure; the page numbers its pictures in order."""

    figure: Figure


@dataclass(frozen=True, slots=True)
class Fold:
    """Blocks behind one line that opens them; print shows them open, but for those of a screen."""

    summary: str
    blocks: tuple[Block, ...]
    tone: Literal["", "definition", "screen"] = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """Figures side by side where the page is wide enough, else below each other."""

    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """The numbered references of the page."""

    references: tuple[Reference, ...]


Block = Prose | Items | Facts | View | Picture | Grid | Fold | Listing


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page: heading, blocks, and sections below it.

    Parameters
    ----------
    id
        Name of the place on the page, unique on it.
    title
        The heading.
    blocks
        Shown below the heading, before the children; tables without rows are left out.
    children
        Sections one level down.
    short
        The entry in the list of contents, where that is not the title.
    badge
        Words set in a frame beside the heading.

    Examples
    --------
    >>> section = Section("issues", "Issues", (prose("No issues were found."),))
    >>> section.entry, len(list(section.walk()))
    ('Issues', 1)
    """

    id: str
    title: str
    blocks: tuple[Block, ...] = ()
    children: tuple[Section, ...] = ()
    short: str = ""
    badge: str = ""

    @property
    def entry(self) -> str:
        """The words in the list of contents."""
        return self.short or self.title

    def walk(self) -> tuple[Block, ...]:
        """Return every block, also those in folds and children, in the order of the page."""
        below = (block for child in self.children for block in child.walk())
        return (*_unfold(self.blocks), *below)


def _unfold(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    found: list[Block] = []
    for block in blocks:
        found.append(block)
        if isinstance(block, Fold):
            found += _unfold(block.blocks)
        elif isinstance(block, Grid):
            found += block.pictures
    return tuple(found)


def list_figures(sections: Iterable[Section]) -> tuple[Figure, ...]:
    """Return every figure of the sections, in the order of the page.

    Examples
    --------
    >>> list_figures([Section("a", "A", (prose("No figure."),))])
    ()
    """
    blocks = (block for section in sections for block in section.walk())
    return tuple(block.figure for block in blocks if isinstance(block, Picture))


LONG = 10
"""Rows from which a table that is no main result is folded away."""


def fold_long(view: View, most: int = LONG) -> Block:
    """Return a table, behind a line with its caption where it has more than `most` rows.

    Examples
    --------
    >>> from stromal.report.view import Heading, view_of
    >>> fold_long(view_of("Days", [Heading("Day")], [["1"], ["2"]]), 1).summary
    'Days (2 rows)'
    """
    if view.size <= most:
        return view
    return Fold(f"{view.caption} ({view.size} rows)", (view,))


def prose(*spans: Span, tone: Literal["", "finding", "muted"] = "") -> Prose:
    """Return a paragraph of the spans.

    Examples
    --------
    >>> prose("As ", Strong("reported"), ".").spans[1].text
    'reported'
    """
    return Prose(spans, tone)
