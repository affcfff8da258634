"""A table as the page shows it: cells of text, aligned by column, with a caption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Tone = Literal["", "good", "bad", "muted", "strong", "indent", "section"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its text, how it is set, the references behind it, and the mark of a footnote."""

    text: str
    tone: Tone = ""
    sources: tuple[str, ...] = ()
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A column heading; `numeric` columns are set flush right with tabular figures."""

    text: str
    numeric: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """A table of the page; the first column holds the row headings.

    A row that begins with a `section` cell is a heading across the table. `footnotes` are pairs of
    a mark and its text; `wordy` tables are set one cell below the other on a narrow screen; `long`
    ones scroll in a window of their own under headings that stay.
    """

    caption: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    footnotes: tuple[tuple[str, str], ...] = ()
    wordy: bool = False
    long: bool = False

    def __bool__(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.rows)

    @property
    def size(self) -> int:
        """Rows without the headings that stand over several of them."""
        return sum(not row or row[0].tone != "section" for row in self.rows)


def view_of(
    caption: str,
    headings: Sequence[Heading],
    rows: Sequence[Sequence[Cell | str]],
    note: str = "",
    *,
    footnotes: Sequence[tuple[str, str]] = (),
    wordy: bool = False,
    long: bool = False,
) -> View:
    """A table from plain cells.

    Examples
    --------
    >>> view = view_of("Sex", [Heading("Sex"), Heading("n", numeric=True)], [["female", "3"]])
    >>> view.rows[0][1].text
    '3'
    """
    cells = tuple(
        tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in row) for row in rows
    )
    for row in cells:
        if len(row) != len(headings):
            raise ValueError(f"{caption}: a row of {len(row)} cells under {len(headings)} headings")
    return View(caption, tuple(headings), cells, note, tuple(footnotes), wordy, long)
