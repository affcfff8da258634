"""Evidence maps: what has been studied and how much, as circles in a table of rows and columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import polars as pl

from stromal.report.figures.canvas import WIDE, render_svg
from stromal.report.figures.forest_plot import open_sheet
from stromal.report.figures.lettering import SIZE, break_text, measure_text
from stromal.report.figures.palette import FAINT, INK, MUTED, RULE, contrast
from stromal.report.words import count_noun

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

WIDTH = WIDE * 72
_LEFT, _MOST_LEFT = 60.0, 150.0
_COLOUR = "#2f7f86"
_MOST_CELL, _TALLEST = 76.0, 42.0


@dataclass(frozen=True, slots=True)
class MapCell:
    """A place of the map: studies of a row and a column, and their patients (None: not known)."""

    row: str
    column: str
    studies: int
    patients: int | None


@dataclass(frozen=True, slots=True)
class EvidenceMap:
    """A map: what its rows and columns are, and its cells; places without a cell are gaps.

    `rows` and `columns` are in the order in which they stand; where they are empty, as the cells
    come.
    """

    rows_are: str
    columns_are: str
    cells: tuple[MapCell, ...]
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, found in (
            ("rows", (cell.row for cell in self.cells)),
            ("columns", (cell.column for cell in self.cells)),
        ):
            object.__setattr__(self, name, getattr(self, name) or tuple(dict.fromkeys(found)))


def frame_map(shown: EvidenceMap) -> pl.DataFrame:
    """Return the cells of a map as a table.

    Examples
    --------
    >>> frame_map(EvidenceMap("Source", "For", (MapCell("adipose", "ITP", 2, 13),))).row(0)
    ('adipose', 'ITP', 2, 13)
    """
    rows = [(cell.row, cell.column, cell.studies, cell.patients) for cell in shown.cells]
    names = [shown.rows_are, shown.columns_are]
    kinds = {names[0]: pl.String, names[1]: pl.String, "studies": pl.Int64, "patients": pl.Int64}
    return pl.DataFrame(rows, schema=kinds, orient="row")


def describe_map(shown: EvidenceMap) -> str:
    """Say where most patients are, and how much of the map is empty.

    Examples
    --------
    >>> cells = (MapCell("adipose", "ITP", 2, 13), MapCell("cord", "GVHD", 1, 40))
    >>> describe_map(EvidenceMap("Source", "For", cells))
    'Most patients: cord, GVHD (1 study, 40 patients). 2 of 4 places are empty.'
    """
    if not shown.cells:
        return "The map is empty."
    most = max(shown.cells, key=lambda cell: cell.patients or 0)
    places = len(shown.rows) * len(shown.columns)
    filled = len({(cell.row, cell.column) for cell in shown.cells})
    studies = count_noun(most.studies, "study", "studies")
    said = f"Most patients: {most.row}, {most.column} ({studies}, {most.patients or 0} patients)."
    empty = places - filled
    return f"{said} {empty} of {places} places {'is' if empty == 1 else 'are'} empty."


def size_circle(patients: int | None, most: int, widest: float) -> float:
    """Return the diameter of a circle [pt], whose area goes with the patients.

    Examples
    --------
    >>> size_circle(400, 400, 40.0), size_circle(100, 400, 40.0), size_circle(None, 400, 40.0)
    (40.0, 20.0, 3.0)
    """
    if not patients or most <= 0:
        return 3.0
    return max(widest * sqrt(patients / most), 3.0)


def plot_map(shown: EvidenceMap, *, name: str, title: str) -> str:
    """Plot a circle for each filled place: area by patients, the number of studies written in it.

    Parameters
    ----------
    shown
        The map.
    name, title
        Prefix of the ids in the picture; what it shows, for a screen reader.

    Returns
    -------
    str
        SVG text.

    Examples
    --------
    >>> cells = (MapCell("adipose", "ITP", 2, 13), MapCell("cord", "GVHD", 1, 40))
    >>> ">2<" in plot_map(EvidenceMap("Source", "For", cells), name="m", title="Map")
    True
    """
    layout = _Layout.of(shown)

    def paint(drawing: Drawing) -> None:
        axes = open_sheet(drawing, WIDTH, layout.height)
        _write_names(axes, shown, layout)
        _draw_cells(axes, shown, layout)

    return render_svg(
        paint,
        name=name,
        title=title,
        description=describe_map(shown),
        height=layout.height / 72,
        width=WIDE,
    )


@dataclass(frozen=True, slots=True)
class _Layout:
    """Edges of the table [pt], sizes of its cells, and the lines of the headings."""

    left: float
    top: float
    wide: float
    tall: float
    height: float
    heads: tuple[tuple[str, ...], ...]
    sides: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, shown: EvidenceMap) -> _Layout:
        longest = max([_LEFT, *(measure_text(row) + 8 for row in shown.rows)])
        left = min(longest, _MOST_LEFT)
        wide = min((WIDTH - left - 6) / max(len(shown.columns), 1), _MOST_CELL)
        tall = min(wide, _TALLEST) if len(shown.rows) <= 12 else 24.0
        heads = tuple(tuple(break_text(text, wide - 4, most=4)) for text in shown.columns)
        sides = tuple(tuple(break_text(text, left - 8, most=2)) for text in shown.rows)
        top = 12.0 + max((len(head) for head in heads), default=1) * SIZE * 1.25
        height = top + tall * len(shown.rows) + 30.0
        return cls(left, top, wide, tall, height, heads, sides)


def _write_names(axes: Axes, shown: EvidenceMap, layout: _Layout) -> None:
    """Rules of the table, and the names of its rows and columns."""
    right = layout.left + layout.wide * len(shown.columns)
    for row, words in enumerate(layout.sides):
        y = layout.top + (row + 0.5) * layout.tall
        _write_lines(axes, words, (layout.left - 8, y), "right")
        edge = layout.top + row * layout.tall
        axes.plot([layout.left, right], [edge, edge], color=RULE, lw=0.6, zorder=1)
    end = layout.top + layout.tall * len(shown.rows)
    axes.plot([layout.left, right], [end, end], color=RULE, lw=0.6, zorder=1)
    for column, words in enumerate(layout.heads):
        x = layout.left + (column + 0.5) * layout.wide
        middle = layout.top - 6 - len(words) * SIZE * 1.25 / 2
        _write_lines(axes, words, (x, middle), "center")
    for column in range(len(shown.columns) + 1):
        x = layout.left + column * layout.wide
        axes.plot([x, x], [layout.top, end], color=RULE, lw=0.6, zorder=1)
    note = "Area: patients. Number: studies."
    axes.text(layout.left, end + 12, note, va="center", color=MUTED, fontsize=SIZE)


def _write_lines(axes: Axes, words: Sequence[str], at: tuple[float, float], across: str) -> None:
    for place, line in enumerate(words):
        y = at[1] + (place - (len(words) - 1) / 2) * SIZE * 1.25
        axes.text(at[0], y, line, ha=across, va="center", fontsize=SIZE, color=INK)


def _draw_cells(axes: Axes, shown: EvidenceMap, layout: _Layout) -> None:
    from matplotlib.patches import Circle, Rectangle  # noqa: PLC0415

    most = max((cell.patients or 0 for cell in shown.cells), default=0)
    widest = min(layout.wide, layout.tall) - 4
    filled = {(cell.row, cell.column): cell for cell in shown.cells}
    for row, name in enumerate(shown.rows):
        for column, other in enumerate(shown.columns):
            x = layout.left + (column + 0.5) * layout.wide
            y = layout.top + (row + 0.5) * layout.tall
            cell = filled.get((name, other))
            if cell is None:
                corner = (x - layout.wide / 2, y - layout.tall / 2)
                axes.add_patch(
                    Rectangle(corner, layout.wide, layout.tall, facecolor=FAINT, zorder=0)
                )
                continue
            size = size_circle(cell.patients, most, widest)
            axes.add_patch(Circle((x, y), size / 2, facecolor=_COLOUR, zorder=2))
            inside = size >= measure_text(str(cell.studies), SIZE) + 5
            place = x if inside else x + size / 2 + 2.5
            axes.text(
                place, y, str(cell.studies), ha="center" if inside else "left", va="center",
                fontsize=SIZE, color=contrast(_COLOUR) if inside else INK, zorder=3,
            )  # fmt: skip
